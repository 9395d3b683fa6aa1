"""Install the pinned tools of requirements.txt into .tools/, a Python environment in the project's folder.

`tools.py checkov` installs requirements-checkov.txt into .tools/checkov instead: checkov pins an older boto3.
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
CHECKOV = TOOLS / "checkov"
CHECKOV_REQUIREMENTS = Path(__file__).with_name("requirements-checkov.txt")
OLDEST_PYTHON = (3, 10)


def install(folder=TOOLS, requirements=REQUIREMENTS):
    stamp, pinned = folder / "installed", fingerprint(folder, requirements)
    if stamp.exists() and stamp.read_text() == pinned:
        stamp.touch()  # make compares times: the stamp is newer than the requirements again
        return
    if sys.version_info < OLDEST_PYTHON:
        found = dotted(sys.version_info[:2])
        raise say.Failure(f"the tools need Python {dotted(OLDEST_PYTHON)} or newer; this is {found}")
    with say.step(f"installing {requirements.name} into {folder.relative_to(ROOT)}/ (once)"):
        create_environment(folder)
        install_requirements(folder, requirements)
        stamp.write_text(pinned)


def fingerprint(folder, requirements):
    pinned = requirements.read_bytes() + sys.version.encode() + str(folder).encode()
    return hashlib.sha256(pinned).hexdigest()


def create_environment(folder):
    try:
        venv.create(folder, clear=True, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise say.Failure(
            f"python3 could not create an environment in {folder.relative_to(ROOT)}/; "
            "on Debian and Ubuntu, install the package python3-venv"
        ) from error


def install_requirements(folder, requirements):
    command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--requirement", requirements], capture_output=True, text=True)
    if done.returncode != 0:
        raise say.Failure(f"pip could not install {requirements.name}:\n{done.stdout}{done.stderr}")


def environment():
    """The environment of a command that uses the tools: they come first on the PATH."""
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def dotted(version):
    return ".".join(map(str, version))


if __name__ == "__main__":
    try:
        install(CHECKOV, CHECKOV_REQUIREMENTS) if sys.argv[1:] == ["checkov"] else install()
    except say.Failure as failure:
        sys.exit(f"tools: {failure}")
