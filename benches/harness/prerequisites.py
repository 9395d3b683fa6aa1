"""What a run needs, checked before the first build: all that is missing is reported at once."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from harness import callgrind, contestants
from harness.paths import PYTHON, RELEASE, ROOT

# What the packages of Node's peer accept.
OLDEST_NODE = (20,)

# What --no-build measures.
BUILT = ("tool", "bootstrap", "changefan", "function", "counted", "hello", "typical-rust")
BUILT += ("floor-raw", "floor-runtime", "floor-zstd")


def require(build: bool) -> None:
    missing = [reason for check in CHECKS if (reason := check())]
    if not build:
        missing += [f"{name}: was not built; run without --no-build" for name in not_built()]
    if missing:
        raise SystemExit("\n- ".join(["the benchmarks cannot run:", *missing]))


def not_built() -> list[str]:
    files = [RELEASE / name for name in BUILT] + [PYTHON]
    return [file.name for file in files if not file.exists()]


def linux() -> str | None:
    return None if Path("/proc/self/schedstat").exists() else "Linux with /proc/PID/schedstat, where CPU time is read"


def rust() -> str | None:
    wanted = re.search(r'rust-version = "(.+)"', (ROOT / "Cargo.toml").read_text(encoding="utf-8"))[1]
    if shutil.which("cargo") is None or shutil.which("rustc") is None:
        return f"Rust {wanted} or newer with cargo: see https://rustup.rs"
    found = said("rustc", "--version")
    if numbers(found) < numbers(wanted):
        return f"Rust {wanted} or newer, found {found}: rustup update"
    return None


def rust_target() -> str | None:
    """The standard library for this machine, which a toolchain may lack."""
    if shutil.which("rustc") is None or Path(said("rustc", "--print", "target-libdir")).is_dir():
        return None
    target = re.search(r"host: (\S+)", said("rustc", "-vV"))[1]
    return f"Rust's standard library for {target}: rustup target add {target}"


def c_compiler() -> str | None:
    return None if shutil.which("cc") else "a C compiler named cc, for zstd and ring: apt-get install build-essential"


def node() -> str | None:
    if shutil.which("node") is None:
        return f"Node {OLDEST_NODE[0]} or newer: see https://nodejs.org"
    found = said("node", "--version")
    return None if numbers(found) >= OLDEST_NODE else f"Node {OLDEST_NODE[0]} or newer, found {found}"


def npm() -> str | None:
    return None if shutil.which("npm") else "npm, which comes with Node or in a separate package: apt-get install npm"


def python() -> str | None:
    if all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        return None
    return "Python's venv with pip: apt-get install python3-venv"


def valgrind() -> str | None:
    return None if shutil.which("valgrind") else callgrind.MISSING


def certificates() -> str | None:
    if contestants.machine_roots():
        return None
    return f"root certificates at {' or '.join(contestants.BUNDLES)}: apt-get install ca-certificates"


CHECKS = (linux, rust, rust_target, c_compiler, node, npm, python, valgrind, certificates)


def said(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True).stdout.strip()


def numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"\d+(\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else (0,)
