"""Runs processes in a control group with little memory, where the machine allows it."""

import contextlib
from pathlib import Path

NAME = "changefan-bench"

# The second version of control groups, and the first one: what limits memory, and memory with swap.
HIERARCHIES = {
    Path("/sys/fs/cgroup"): ("memory.max", "memory.swap.max"),
    Path("/sys/fs/cgroup/memory"): ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
}


@contextlib.contextmanager
def memory(megabytes: int):
    """Yields the prefix of a command; None where no group can be created."""
    group = make(megabytes * 1024 * 1024)
    try:
        # The shell joins the group and becomes the program.
        yield group and ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$0" "$@"']
    finally:
        if group:
            group.rmdir()


def make(limit: int) -> Path | None:
    for root, (memory, swap) in HIERARCHIES.items():
        group = root / NAME
        if not (root / "cgroup.procs").exists():
            continue
        try:
            group.mkdir(exist_ok=True)
            (group / memory).write_text(str(limit))
        except OSError:
            # No permission, or memory is not limited in this hierarchy.
            with contextlib.suppress(OSError):
                group.rmdir()
            continue
        with contextlib.suppress(OSError):
            # A kernel without swap accounting has no such setting.
            (group / swap).write_text("0" if swap == "memory.swap.max" else str(limit))
        return group
    return None
