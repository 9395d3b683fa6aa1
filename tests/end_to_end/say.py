"""What a run tells its reader: one calm line a step, with the time it took."""

import sys
import time
from contextlib import contextmanager

WIDTH = 64
quiet = False


class Failure(Exception):
    """A reason to stop that is meant for the reader, without a traceback."""


def line(text=""):
    if not quiet:
        print(text, flush=True)


def heading(text):
    line(f"\n{text}\n{'─' * len(text)}")


@contextmanager
def step(text, output_follows=False):
    """Say what is being done, and then how long it took; on a line of its own if the step itself writes lines."""
    started = time.monotonic()
    _write(f"• {text} " + ("\n" if output_follows else ""))
    try:
        yield
    except BaseException:
        _write("failed\n")
        raise
    dots = "." * (WIDTH + 3 if output_follows else max(3, WIDTH - len(text)))
    _write(f"{dots} {time.monotonic() - started:5.1f} s\n")


def _write(text):
    if not quiet:
        sys.stdout.write(text)
        sys.stdout.flush()


def problem(text):
    """Problems are said in the quiet form, too."""
    print(text, file=sys.stderr, flush=True)
