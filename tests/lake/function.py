"""The function itself: payloads through `changefan replay` into a folder, with the `file` sink and its defaults."""

import gzip
import os
import subprocess
from pathlib import Path

import statements

EXECUTABLE = Path(os.environ.get("CHANGEFAN", statements.ROOT / "target" / "debug" / "changefan"))


def replay(folder, payloads):
    """Objects below `folder`/changes, as the function writes them; `payloads` are texts, one invocation each."""
    inputs = folder / "payloads"
    inputs.mkdir(parents=True)
    files = []
    for index, text in enumerate(payloads):
        file = inputs / f"{index:06d}.json"
        file.write_text(text)
        files.append(file)
    run(folder, files)


def run(folder, files):
    environment = {"PATH": os.environ["PATH"], "SINKS": "file", "FILE_DIR": str(folder)}
    done = subprocess.run([EXECUTABLE, "replay", *files], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def written(folder):
    """The lines of every object."""
    return [line for file in sorted((folder / "changes").glob("**/*.jsonl.gz")) for line in lines(file)]


def lines(file):
    return gzip.decompress(file.read_bytes()).decode().splitlines()
