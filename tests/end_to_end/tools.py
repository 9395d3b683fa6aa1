"""Install the pinned tools of requirements.txt into .tools/, a Python environment in the project's folder.

The second run finds the stamp of the first and returns at once. Needs nothing but Python 3.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

import say

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
STAMP = TOOLS / "installed"
OLDEST_PYTHON = (3, 10)


def install():
    if STAMP.exists() and STAMP.read_text() == fingerprint():
        STAMP.touch()  # newer than the requirements again: make goes by times
        return
    if sys.version_info < OLDEST_PYTHON:
        found = dotted(sys.version_info[:2])
        raise say.Failure(f"the tools need Python {dotted(OLDEST_PYTHON)} or newer; this is {found}")
    with say.step("installing the tools into .tools/ (once)"):
        create_environment()
        install_requirements()
        STAMP.write_text(fingerprint())


def fingerprint():
    pinned = REQUIREMENTS.read_bytes() + sys.version.encode() + str(TOOLS).encode()
    return hashlib.sha256(pinned).hexdigest()


def create_environment():
    try:
        venv.create(TOOLS, clear=True, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise say.Failure(
            "python3 could not create an environment in .tools/; "
            "on Debian and Ubuntu, install the package python3-venv"
        ) from error


def install_requirements():
    command = [BIN / "python", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--requirement", REQUIREMENTS], capture_output=True, text=True)
    if done.returncode != 0:
        raise say.Failure(f"pip could not install the tools:\n{done.stdout}{done.stderr}")


def environment():
    """The environment of a command that uses the tools: they come first on the PATH."""
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def dotted(version):
    return ".".join(map(str, version))


if __name__ == "__main__":
    try:
        install()
    except say.Failure as failure:
        sys.exit(f"tools: {failure}")
