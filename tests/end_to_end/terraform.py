"""Terraform against the emulator: a small root in a scratch folder, around the project's own module."""

import json
import os
import shutil
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import emulator
import say
import terraform_mirror
import tools

PROVIDERS = tools.ROOT / "target" / "terraform-providers"  # fetched once; the Makefile also uses it
MODULE = tools.ROOT / "terraform"
LOCK = MODULE / ".terraform.lock.hcl"
PROVIDER_VERSION = ">= 5.100, < 7"  # the lock file selects one
SECONDS_TO_INTERRUPT = 30
NOT_FOR_THE_DEMO = ("AWS_", "TF_VAR_", "TF_CLI_ARGS", "TF_WORKSPACE", "TF_DATA_DIR")

# What a second plan shows on the emulator although nothing changed. Nothing else may appear.
EMULATORS_OWN_DIFFERENCES = {
    # resource type: {where: why}
    "aws_sfn_state_machine": {"tracing_configuration": "not described"},
    "aws_kinesis_firehose_delivery_stream": {
        "extended_s3_configuration[0].custom_time_zone": "not kept",
        "extended_s3_configuration[0].file_extension": "kept and used, but not described",
    },
    "aws_security_group": {"egress": "the default rule stays"},
    "aws_vpc_endpoint": {"private_dns_enabled": "not kept", "security_group_ids": "not kept"},
    "aws_cloudwatch_metric_alarm": dict.fromkeys(
        [
            "actions_enabled",
            "alarm_actions",
            "alarm_description",
            "dimensions.DeliveryStreamName",
            "dimensions.FunctionName",
            "dimensions.PipeName",
            "dimensions.QueueName",
            "dimensions.StateMachineArn",
            "dimensions.StreamName",
            "ok_actions",
            "period",
            "statistic",
            "treat_missing_data",
        ],
        "kept and used, but not described",
    ),
}
# Resources that a second plan replaces on the emulator, and the attribute that it does not describe.
EMULATORS_OWN_REPLACEMENTS = {"aws_pipes_pipe": "source_parameters"}


# A deployment mostly waits: for the emulator, or for one thread of the provider.
AT_ONCE = min(4, (os.cpu_count() or 1) + 1)


def at_once(function, items):
    """The results of independent deployments, several at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(function, items))


class Terraform:
    # Terraform's copy of the provider is shared, and one process at a time may add to it.
    initializing = threading.Lock()

    def __init__(self, folder, endpoint, variables=None):
        self.folder = folder
        self.log = folder / "terraform.log"
        self.environment = environment(endpoint)
        self.environment.update({f"TF_VAR_{name}": value for name, value in (variables or {}).items()})

    def write_root(self, arguments):
        root = {
            "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}},
            "provider": {"aws": {"region": emulator.REGION, "s3_use_path_style": True}},
            "module": {"changefan": {"source": str(MODULE), **arguments}},
            "output": {"changefan": {"value": "${module.changefan}", "sensitive": True}},
        }
        (self.folder / "main.tf.json").write_text(json.dumps(root, indent=2))
        shutil.copy(LOCK, self.folder)

    def init(self):
        with self.initializing:
            self._run("init", "-input=false")

    def validate(self):
        self._run("validate")

    def apply(self):
        self._run("apply", "-input=false", "-auto-approve")

    def destroy(self):
        self._run("destroy", "-input=false", "-auto-approve")

    def outputs(self):
        return json.loads(self._run("output", "-json"))["changefan"]["value"]

    def unexpected_differences(self):
        """What a second plan would change, without the emulator's own differences."""
        self._run("plan", "-input=false", "-detailed-exitcode", "-out=second.tfplan", accepted=(0, 2))
        plan = json.loads(self._run("show", "-json", "second.tfplan"))
        return [text for change in plan.get("resource_changes", []) for text in unexpected(change)]

    def plan(self, *options):
        """Why the module refuses the change, or nothing; and the plan, if there is one."""
        output = self._run("plan", "-input=false", "-json", "-out=changed.tfplan", *options, accepted=(0, 1))
        errors = [line["diagnostic"] for line in map(json.loads, output.splitlines()) if line["type"] == "diagnostic"]
        refused = [error for error in errors if error["severity"] == "error"]
        if any(error["summary"] != "Resource postcondition failed" for error in refused):
            raise say.Failure(f"terraform plan failed; the whole log is {self.log}\n{refused[0]['summary']}: {refused[0].get('detail')}")
        return refused, {} if refused else json.loads(self._run("show", "-json", "changed.tfplan"))

    def _run(self, command, *options, accepted=(0,)):
        process = subprocess.Popen(
            ["terraform", command, *options],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # an interrupt reaches it through finish(), once
        )
        output, errors = finish(process)
        with open(self.log, "a") as log:
            log.write(f"\n$ terraform {command}\n{output}{errors}")
        if process.returncode not in accepted:
            raise say.Failure(f"terraform {command} failed; the whole log is {self.log}\n{last_lines(errors)}")
        return output


def finish(process):
    """Wait for Terraform; when interrupted, let it end in order, so that no provider is left running."""
    try:
        return process.communicate()
    except BaseException:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=SECONDS_TO_INTERRUPT)
        finally:
            emulator.signal_group(process, signal.SIGKILL)
        raise


def environment(endpoint):
    """The environment with the emulator as AWS, and without anything that could reach a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_THE_DEMO)}
    PROVIDERS.mkdir(parents=True, exist_ok=True)
    return {
        "TF_PLUGIN_CACHE_DIR": str(PROVIDERS),
        **kept,
        **emulator.CREDENTIALS,
        "TF_CLI_CONFIG_FILE": terraform_mirror.configuration(),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "TF_IN_AUTOMATION": "1",
        "TF_CLI_ARGS": "-no-color",
        "CHECKPOINT_DISABLE": "1",
    }


def unexpected(change):
    actions = change["change"]["actions"]
    if actions in (["no-op"], ["read"]):
        return []
    if actions == ["delete", "create"] and replaced_by_emulator(change):
        return []
    if actions != ["update"]:
        return [f"{change['address']} would {' and '.join(actions)}"]
    known = EMULATORS_OWN_DIFFERENCES.get(change["type"], {})
    paths = changed_paths(change["change"]["before"], change["change"]["after"], change["change"]["after_unknown"])
    return [f"{change['address']} would change {path}" for path in paths if path not in known]


def replaced_by_emulator(change):
    attribute = EMULATORS_OWN_REPLACEMENTS.get(change["type"])
    return all(path[0] == attribute for path in change["change"].get("replace_paths", [[None]]))


def changed_paths(before, after, unknown, path=""):
    """Where a resource would change, down to single values: `outer[0].inner`."""
    if unknown is True:
        return [path]
    if isinstance(before, dict) and isinstance(after, dict):
        inner = unknown if isinstance(unknown, dict) else {}
        return concat(
            changed_paths(before.get(name), after.get(name), inner.get(name), f"{path}.{name}".lstrip("."))
            for name in sorted({*before, *after, *inner})
        )
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        inner = unknown if isinstance(unknown, list) and len(unknown) == len(after) else [None] * len(after)
        return concat(changed_paths(*three, f"{path}[{n}]") for n, three in enumerate(zip(before, after, inner)))
    return [] if before == after else [path]


def concat(lists):
    return [member for members in lists for member in members]


def last_lines(text, count=25):
    return "\n".join(text.strip().splitlines()[-count:])
