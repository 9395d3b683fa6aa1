"""The output of a run: one line per step, with its time."""

import sys
import threading
import time
from contextlib import contextmanager

WIDTH = 64
quiet = False


class Failure(Exception):
    """A reason to stop that is printed without a traceback."""


def line(text=""):
    if not quiet:
        print(text, flush=True)


def heading(text):
    line(f"\n{text}\n{'─' * len(text)}")


@contextmanager
def step(text, output_follows=False):
    """Print what is being done, and then how long it took; on a separate line if the step itself prints lines.

    Steps of other threads run at the same time, so each is printed as a whole when it ends."""
    started = time.monotonic()
    beginning = f"• {text} " + ("\n" if output_follows else "")
    if is_main := threading.current_thread() is threading.main_thread():
        _write(beginning)
    beginning = "" if is_main else beginning
    try:
        yield
    except BaseException:
        _write(f"{beginning}failed\n")
        raise
    dots = "." * (WIDTH + 3 if output_follows else max(3, WIDTH - len(text)))
    _write(f"{beginning}{dots} {time.monotonic() - started:5.1f} s\n")


def _write(text):
    if not quiet:
        sys.stdout.write(text)
        sys.stdout.flush()


def problem(text):
    """Problems are also printed in the quiet form."""
    print(text, file=sys.stderr, flush=True)
