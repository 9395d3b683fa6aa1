"""A table's export through the lake, beside other readers of the same files."""

import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from harness import contestants, exports
from harness.paths import OUT, PEERS, PYTHON, RELEASE, WORK
from harness.row import Row, at_least, at_most, number

ROUNDS = 3

LAKE = WORK / "backfill"

SINK = {"SINKS": "file", "FILE_DIR": str(LAKE), "FILE_COMPRESSION": "zstd"}


# How often the files of the large export repeat their items: the first one has several gigabytes.
COPIES = (120, 40, 40, 40)


def backfill(_: dict) -> list[Row]:
    return [speed(), memory()]


def speed() -> Row:
    """Megabytes of text per second of CPU time. Every reader has one thread for its work."""
    export, size = exports.generate(OUT / "inputs")
    taken = {name: [] for name in readers(export)}
    for _ in range(ROUNDS):
        for name, command in readers(export).items():
            taken[name].append(run(name, command)[:2])
    speeds = {name: size / 1e6 / statistics.median(cpu for cpu, _ in times) for name, times in taken.items()}
    elapsed = size / 1e6 / statistics.median(seconds for _, seconds in taken["changefan"])
    what = "backfill, an export of orders into a folder, zstd: export text per second and core"
    detail = f"{size / 1e6:.0f} MB in {exports.FILES} files, {elapsed:.0f} MB/s elapsed with one worker"
    beside = f"Python {contestants.versions()['Python']}, TypeDeserializer and json: {number(speeds['Python'])} MB/s; "
    beside += f"DuckDB {duckdb_version()}, items copied as they are: {number(speeds['DuckDB'])} MB/s"
    return at_least(what, 150, speeds["changefan"], " MB/s", detail, beside, {"bytes": size, "taken": taken})


def memory() -> Row:
    """The peak of four workers that read files of about a gigabyte, and one of several."""
    export, size = exports.generate(OUT / "inputs" / "large", COPIES)
    command = [RELEASE / "changefan", "backfill", export, "--keys", exports.KEYS, "--workers", "4"]
    _, seconds, kilobytes = run("memory", command)
    shutil.rmtree(export)
    what = "backfill, four workers, files of 0.9 and 2.7 GB of text: peak memory"
    detail = f"{size / 1e9:.1f} GB of text in {seconds:.0f} s"
    return at_most(what, 256, kilobytes * 1024 / 1e6, " MB", detail, "", {"bytes": size, "kilobytes": kilobytes})


def readers(export: Path) -> dict[str, list]:
    python = [PYTHON, PEERS / "python" / "export.py", export, LAKE / "items.jsonl"]
    duckdb = [PYTHON, PEERS / "python" / "export_duckdb.py", export, LAKE / "items.jsonl.zst"]
    ours = [RELEASE / "changefan", "backfill", export, "--keys", exports.KEYS, "--workers", "1"]
    return {"changefan": ours, "Python": python, "DuckDB": duckdb}


def run(name: str, command: list) -> tuple[float, float, int]:
    """Seconds of CPU time and of elapsed time, and the peak of memory in kilobytes."""
    shutil.rmtree(LAKE, ignore_errors=True)
    LAKE.mkdir(parents=True)
    env = contestants.LAMBDA | SINK | {"PATH": os.environ["PATH"]}
    log = WORK / f"backfill-{name}.log"
    start, peak, done = time.monotonic(), 0, 0
    with log.open("w") as said:
        process = subprocess.Popen(list(map(str, command)), env=env, stdout=said, stderr=said)
        while not done:
            time.sleep(0.01)
            peak = max(peak, resident(process.pid))
            done, status, used = os.wait4(process.pid, os.WNOHANG)
    elapsed = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} has failed; see {log}")
    return used.ru_utime + used.ru_stime, elapsed, peak


def resident(pid: int) -> int:
    """The most kilobytes that a process has had resident so far; what the kernel reports at its end includes this one's."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def duckdb_version() -> str:
    lines = (PEERS / "python" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith("duckdb=="))
