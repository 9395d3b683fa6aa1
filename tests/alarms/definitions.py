"""The alarms and dashboards that the module plans, read from the verbose output of `terraform test`."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "end_to_end"))

import terraform_mirror  # noqa: E402

PROVIDERS = ROOT / "target" / "terraform-providers"
TESTS = "tests/alarms.tftest.hcl"
RESULTS = ("test_plan", "test_state")


class Failure(Exception):
    """`terraform test` did not pass."""


@functools.cache
def planned():
    """Run name => its resources."""
    messages = [json.loads(line) for line in run("test", f"-filter={TESTS}", "-verbose", "-json").splitlines()]
    errors = [message["@message"] for message in messages if message["@level"] == "error"]
    if errors or not any(message["type"] == "test_summary" for message in messages):
        raise Failure("\n".join(errors) or "terraform test printed no summary")
    return {message["@testrun"]: resources(message) for message in messages if message["type"] in RESULTS}


def resources(message):
    """(address, values) of each resource that a run planned or applied."""
    if message["type"] == "test_plan":
        return [
            (change["address"], change["change"]["after"]) for change in message["test_plan"]["resource_changes"]
        ]
    return [
        (resource["address"], resource["values"]) for resource in message["test_state"]["root_module"]["resources"]
    ]


def alarms(resources):
    """Kind, or kind/subject => alarm."""
    start, end = 'aws_cloudwatch_metric_alarm.this["', '"]'
    return {address[len(start) : -len(end)]: values for address, values in resources if address.startswith(start)}


def run(command, *options):
    configuration = terraform_mirror.configuration()
    PROVIDERS.mkdir(parents=True, exist_ok=True)
    environment = {
        "TF_PLUGIN_CACHE_DIR": str(PROVIDERS),
        **os.environ,
        **({"TF_CLI_CONFIG_FILE": configuration} if configuration else {}),
    }
    for arguments in (["init", "-backend=false", "-input=false"], [command, *options]):
        done = subprocess.run(
            ["terraform", "-chdir=terraform", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        if arguments[0] == "init" and done.returncode != 0:
            raise Failure(done.stdout + done.stderr)
    return done.stdout
