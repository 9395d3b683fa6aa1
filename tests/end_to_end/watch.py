"""Rebuild and replay a sample whenever a source file changes; until interrupted.

    watch.py COMMAND [ARGUMENT…]
"""

import subprocess
import sys
import time

import say
import tools

WATCHED = ["Cargo.toml", "src", "events", "sinks"]
SECONDS_BETWEEN_LOOKS = 0.5


def watch(command):
    seen = None
    while True:
        now = state()
        if now != seen:
            seen = now
            replay(command)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def state():
    """Every watched file with its time; one that disappears meanwhile counts as changed."""
    return {file: modified(file) for place in WATCHED for file in files(tools.ROOT / place)}


def files(place):
    return place.rglob("*") if place.is_dir() else [place]


def modified(file):
    try:
        return file.stat().st_mtime_ns if file.is_file() else None
    except OSError:
        return None


def replay(command):
    say.heading(f"{time.strftime('%H:%M:%S')}  {' '.join(command)}")
    done = subprocess.run(command, cwd=tools.ROOT)
    say.line(f"— exit {done.returncode}; waiting for a change (Ctrl-C ends)")


if __name__ == "__main__":
    try:
        watch(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(0)
