"""Builds changefan and its peers, one after the other."""

import os
import shutil
import subprocess
import sys

from harness.paths import BENCHES, OUT, PEERS, PYTHON, ROOT

# Built separately: together, cargo would enable the features of all for each.
PACKAGES = ("tool", "floor", "hello", "counted", "function", "typical-rust")


FUNCTION = ("--release", "--bin", "bootstrap", "--no-default-features", "--features", "aws")


def bootstrap() -> None:
    """The function, built like its peers."""
    cargo(ROOT, "build", *FUNCTION)


def bootstrap_with_names() -> None:
    """The same with the names of its functions."""
    cargo(ROOT, "rustc", *FUNCTION, "--", "-C", "strip=none")


def command_line() -> None:
    cargo(ROOT, "build", "--release", "--bin", "changefan")


def deployed() -> None:
    """The function as it is deployed: for Lambda's processors and its older C library."""
    run(sys.executable, ROOT / "tests" / "end_to_end" / "build.py")


def packages(names=PACKAGES) -> None:
    for name in names:
        cargo(BENCHES, "build", "--release", "--package", name)


def node() -> None:
    """Node's peer, exactly as its lock file says."""
    shutil.copytree(PEERS / "node", OUT / "node", dirs_exist_ok=True)
    run("npm", "ci", "--no-audit", "--no-fund", "--silent", cwd=OUT / "node")


def python() -> None:
    """Python's peer in a separate environment."""
    run(sys.executable, "-m", "venv", OUT / "python")
    requirements = PEERS / "python" / "requirements.txt"
    run(PYTHON, "-m", "pip", "install", "--quiet", "--requirement", requirements)


def cargo(workspace, command, *arguments) -> None:
    run("cargo", command, "--locked", "--quiet", "--target-dir", OUT, *arguments, cwd=workspace)


def run(*command, cwd=None) -> None:
    print("+", *map(str, command), file=sys.stderr, flush=True)
    # `make bench` may itself be run with these set for other builds.
    env = {name: value for name, value in os.environ.items() if name not in ("RUSTFLAGS", "CARGO_TARGET_DIR")}
    subprocess.run(list(map(str, command)), cwd=cwd, env=env, check=True)
