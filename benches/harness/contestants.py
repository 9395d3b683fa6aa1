"""The functions that are measured, and how each of them is started."""

import functools
import re
import shutil
import subprocess
from pathlib import Path

from harness.paths import OUT, PEERS, PYTHON, RELEASE, ROOT, WORK

# What Lambda sets, and credentials that are not checked.
LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
    "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "TZ": "UTC",
}

# Plain JSON to standard output, which all contestants write.
TO_STANDARD_OUTPUT = {"SINKS": "stdout", "STDOUT_FORMAT": "json"}

# All sinks with a client, each with its options.
ALL_SINKS = {
    "SINKS": "stdout,firehose,s3,cloudwatch_logs",
    "FIREHOSE_STREAM": "bench",
    "S3_BUCKET": "bench",
    "CLOUDWATCH_LOGS_GROUP": "bench",
}

# The roots that production trusts, and the bench's own authority as the only one of this machine.
AMAZON_ROOTS = ROOT / "sinks" / "src" / "amazon_roots.pem"


# Where distributions keep the machine's roots in one file.
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def machine_roots() -> Path | None:
    return next((bundle for bundle in map(Path, BUNDLES) if bundle.exists()), None)


def few_roots(url: str) -> dict:
    """Amazon's five roots, as in production, and the service's one, which is made the only one of the machine."""
    return {"AWS_ENDPOINT_URL": url, "AWS_CA_BUNDLE": str(AMAZON_ROOTS), "SSL_CERT_FILE": str(WORK / "ca.pem")}


def contestant(name: str, command: list, payload, env=None, **others) -> dict:
    log = WORK / f"{name.replace(' ', '-')}.log"
    command, env = list(map(str, command)), LAMBDA | (env or {})
    return {"name": name, "command": command, "payload": str(payload), "env": env, "log": str(log)} | others


def changefan(payload, env=None, name="changefan", **others) -> dict:
    """The real function."""
    return contestant(name, [RELEASE / "bootstrap"], payload, env, **others)


def function(payload, env, name, **others) -> dict:
    """The function with the `null` sink in addition to the others."""
    return contestant(name, [RELEASE / "function"], payload, env, **others)


def hello(payload, **others) -> dict:
    return contestant("hello", [RELEASE / "hello"], payload, **others)


def floor(name: str, payload, env=None, **others) -> dict:
    """A function that decodes nothing: `raw`, `runtime` or `zstd`."""
    return contestant(f"{name} floor", [RELEASE / f"floor-{name}"], payload, env, **others)


def typical_rust(payload, env=None, **others) -> dict:
    return contestant("typical Rust", [RELEASE / "typical-rust"], payload, env, **others)


def node(payload, **others) -> dict:
    command = [shutil.which("node"), OUT / "node" / "runtime.mjs"]
    return contestant("Node", command, payload, {"NODE_ENV": "production"}, **others)


def python(payload, **others) -> dict:
    command = [PYTHON, "-m", "awslambdaric", "app.handler"]
    folder = str(PEERS / "python")
    # Lambda's own environment is UTF-8.
    env = {"LAMBDA_TASK_ROOT": folder, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    return contestant("Python", command, payload, env, **others)


def to_standard_output(payload, **others) -> list[dict]:
    """All four that write the batch as `json` to standard output."""
    ours = changefan(payload, TO_STANDARD_OUTPUT, **others)
    return [ours, typical_rust(payload, **others), node(payload, **others), python(payload, **others)]


@functools.cache
def versions() -> dict[str, str]:
    """The peers' languages, with their versions."""
    commands = {
        "typical Rust": ["rustc", "--version"],
        "Node": ["node", "--version"],
        "Python": [str(PYTHON), "--version"],
    }
    return {name: version(command) for name, command in commands.items()}


def version(command: list[str]) -> str:
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"\d+(\.\d+)+", said)[0]
