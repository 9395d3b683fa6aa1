"""What a start executes of an executable, as valgrind logs it."""

import re
from pathlib import Path

from harness import contestants, tool
from harness.paths import WORK

# Nulgrind logs each block of code when it first runs, with its address, its function and its file.
TRACE = ["--tool=none", "--trace-flags=10000000", "--trace-notbelow=0", "--demangle=no"]
BLOCK = re.compile(r"^==== SB \d+ \(evchecks \d+\) \[tid \d+\] 0x([0-9a-f]+) (\S+?)(?:\+\d+)? (\S+)", re.MULTILINE)

PAGE = 4096


def functions(program: Path, payload: Path) -> list[str]:
    """The functions that a start executes, in the order of their first execution."""
    return list(dict.fromkeys(function for _, function in blocks(program, payload)))


def pages(program: Path, payload: Path) -> int:
    """The pages of the executable that have code which a start executes."""
    return len({address // PAGE for address, _ in blocks(program, payload)})


def blocks(program: Path, payload: Path) -> list[tuple[int, str]]:
    """The blocks until the answer to the payload, without those of shared libraries."""
    log = WORK / "executed.log"
    command = ["valgrind", *TRACE, f"--log-file={log}", str(program)]
    tool.race([contestants.changefan(payload, contestants.ALL_SINKS) | {"command": command, "hold": True}])
    found = BLOCK.findall(log.read_text(errors="replace"))
    if not found:
        raise SystemExit(f"valgrind has logged no code in {log}")
    return [(int(address, 16), function) for address, function, file in found if ".so" not in file]
