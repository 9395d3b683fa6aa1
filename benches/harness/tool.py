"""Drives the tool that stands in for Lambda and AWS."""

import contextlib
import json
import statistics
import subprocess

from harness.paths import RELEASE, WORK

# The measured invocations of each contestant, and those before them.
ROUNDS = 21
WARMUPS = 3

# Processes of a contestant whose CPU time is compared with that of others: with three, runs differed by up to 20 %.
PROCESSES = 9


class Outcome:
    """The cost of a contestant."""

    def __init__(self, reported: dict):
        self.name = reported["name"]
        self.milliseconds = reported["milliseconds"]
        self.cpu_milliseconds = reported["cpu_milliseconds"]
        self.minor_faults = reported["minor_faults"]
        self.kilobytes = reported["peak_kilobytes"]
        self.answer = reported["answer"]

    @classmethod
    def of(cls, processes: list["Outcome"]) -> "Outcome":
        """The processes of a contestant as one: all their invocations, and the highest peak."""
        first = processes[0]
        reported = {"name": first.name, "answer": first.answer, "peak_kilobytes": max(one.kilobytes for one in processes)}
        for name in ("milliseconds", "cpu_milliseconds", "minor_faults"):
            reported[name] = [value for one in processes for value in getattr(one, name)]
        return cls(reported)

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def cpu(self) -> float:
        """CPU milliseconds of an invocation, in the kernel and outside of it."""
        return statistics.median(self.cpu_milliseconds)

    def cpu_ratio(self, other: "Outcome", without: "Outcome | None" = None) -> float:
        """CPU time, without that of a third contestant, as a multiple of another's. It is the median of the rounds'
        ratios, so that a machine that becomes slower or faster meanwhile does not matter."""
        less = without.cpu_milliseconds if without else [0] * len(self.cpu_milliseconds)
        rounds = zip(self.cpu_milliseconds, less, other.cpu_milliseconds, strict=True)
        return statistics.median((ours - theirs) / others for ours, theirs, others in rounds)

    @property
    def faults(self) -> float:
        """Pages that the kernel provided during an invocation."""
        return statistics.median(self.minor_faults)

    @property
    def megabytes(self) -> float:
        return self.kilobytes * 1024 / 1e6


def race(contestants: list[dict], rounds: int = 1, warmups: int = 0) -> list[Outcome]:
    """Invokes the contestants in turn and returns the cost of each, in their order."""
    plan = {"rounds": rounds, "warmups": warmups, "contestants": contestants}
    return [Outcome(reported) for reported in run("race", plan)]


def measure(contestants: list[dict]) -> list[Outcome]:
    """Races warm contestants."""
    return race(contestants, ROUNDS, WARMUPS)


def measure_processes(contestants: list[dict]) -> list[Outcome]:
    """Races several warm processes of each contestant and counts the invocations of all of them."""
    count = len(contestants)
    outcomes = measure(contestants * PROCESSES)
    return [Outcome.of(outcomes[index::count]) for index in range(count)]


def cold(contestants: list[dict], rounds: int) -> list[dict]:
    """Starts the contestants in turn, each with its executable out of the page cache."""
    return run("cold", {"rounds": rounds, "contestants": contestants})


def run(command: str, plan: dict):
    file = WORK / "plan.json"
    file.write_text(json.dumps(plan))
    done = subprocess.run([RELEASE / "tool", command, file], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


@contextlib.contextmanager
def service(latency: int = 0, tls: bool = False):
    """AWS services that accept everything after some milliseconds. Yields their URL."""
    with running("service", "--latency", str(latency), *(["--tls", WORK] if tls else [])) as process:
        yield process.stdout.readline().strip()


@contextlib.contextmanager
def strict(now_ms: int):
    """AWS services that enforce AWS's limits. Yields their URL and a list that holds afterwards what they received."""
    received = []
    with running("strict", str(now_ms)) as process:
        yield process.stdout.readline().strip(), received
        process.stdin.close()
        received.append(json.loads(process.stdout.readline()))


@contextlib.contextmanager
def running(*arguments):
    process = subprocess.Popen([RELEASE / "tool", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait()
