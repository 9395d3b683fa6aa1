"""The AWS emulator: started on a free port of 127.0.0.1, and always stopped with all that it started."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import boto3
from botocore.config import Config

import say
import tools

REGION = "us-east-1"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 5
# The emulator accepts any. Never the user's own: an error must not reach a real account.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}


class Emulator:
    def __init__(self, port, log):
        self.log = log
        self.endpoint = f"http://127.0.0.1:{port}"

    def last_failure(self):
        """The reason of the function's last failure, as the emulator logs it; nothing without one."""
        lines = self.log.read_text(errors="replace").splitlines()
        return next((line for line in reversed(lines) if " failed processing " in line), "")

    def client(self, service, key=CREDENTIALS["AWS_ACCESS_KEY_ID"], secret=CREDENTIALS["AWS_SECRET_ACCESS_KEY"]):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2}),
        )


@contextmanager
def running(folder, **more_settings):
    """An emulator that keeps its files below `folder`. AUTH="true" has it enforce policies."""
    port, log, files = free_port(), folder / "emulator.log", folder / "emulator"
    files.mkdir()
    process = start(port, log, {**settings(port, files), **more_settings}, files)
    try:
        with say.step("starting the AWS emulator on 127.0.0.1"):
            wait_until_healthy(process, port, log)
        yield Emulator(port, log)
    finally:
        with say.step("stopping the emulator"):
            stop(process)
            shutil.rmtree(files, ignore_errors=True)


def start(port, log, environment, files):
    with open(log, "wb") as output:
        return subprocess.Popen(
            [tools.BIN / "python", "-m", "ministack"],
            env=environment,
            cwd=files,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a separate group, so that its functions stop with it
        )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(port, files):
    """Functions inherit the emulator's environment: a small one, in which nothing looks like a sink's option."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(files),
        "TMPDIR": str(files),
        "STATE_DIR": str(files / "state"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LAMBDA_EXECUTOR": "local",
        **CREDENTIALS,
    }


def wait_until_healthy(process, port, log):
    give_up = time.monotonic() + SECONDS_TO_START
    while not healthy(port):
        if process.poll() is not None:
            raise say.Failure(f"the emulator stopped at once; see {log}")
        if time.monotonic() > give_up:
            raise say.Failure(f"the emulator did not answer within {SECONDS_TO_START} s; see {log}")
        time.sleep(0.2)


def healthy(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_localstack/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def stop(process):
    """Request the whole group to stop, then kill it."""
    signal_group(process, signal.SIGTERM)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        pass
    signal_group(process, signal.SIGKILL)
    process.wait()


def signal_group(process, number):
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass
