"""What is counted in instructions: starting, the first request, decoding and encoding."""

from pathlib import Path

from harness import callgrind, contestants, tool
from harness.paths import RELEASE, WORK
from harness.row import Row, at_least, at_most


def until_answer(contestant: dict) -> int:
    """Instructions of a function from its start to its first reply, which is not answered."""
    out = WORK / "until-answer.callgrind"
    counted = contestant | {"command": callgrind.command(out) + contestant["command"], "hold": True}
    tool.race([counted])
    return callgrind.total(out)


def start(inputs: dict) -> Row:
    ours = until_answer(contestants.changefan(inputs["empty"], contestants.ALL_SINKS))
    bare = until_answer(contestants.hello(inputs["empty"]))
    what = "start: instructions from exec to the first answer, all AWS sinks compiled in, against a bare hello"
    values = {"changefan": ours, "hello": bare}
    return at_most(what, 1.5, ours / bare, " ×", f"{ours / 1e6:.2f} M against {bare / 1e6:.2f} M", values)


def first_request(inputs: dict) -> Row:
    """An invocation with one change minus one with none: client, TLS and the call to Firehose."""
    with tool.service(tls=True) as url:
        ours = request_instructions(inputs, lambda payload: contestants.changefan(payload, few_roots(url)))
        peer = request_instructions(inputs, lambda payload: contestants.typical_rust(payload, all_roots(url)))
    what = "first HTTPS request of a sink: instructions, against the same SDK built as its guide says"
    values = {"changefan": ours, "typical Rust": peer}
    return at_least(what, 60, peer / ours, " × fewer", f"{ours / 1e6:.1f} M against {peer / 1e6:.0f} M", values)


def request_instructions(inputs: dict, contestant) -> int:
    return until_answer(contestant(inputs["small-1"])) - until_answer(contestant(inputs["empty"]))


def few_roots(url: str) -> dict:
    """Amazon's five roots, as in production, and the service's one, which is made the only one of the machine."""
    roots = {"AWS_CA_BUNDLE": str(contestants.AMAZON_ROOTS), "SSL_CERT_FILE": str(WORK / "ca.pem")}
    return {"SINKS": "firehose", "FIREHOSE_STREAM": "bench", "AWS_ENDPOINT_URL": url} | roots


def all_roots(url: str) -> dict:
    """The machine's roots, as the SDK reads them by itself, and the service's one among them."""
    bundle = WORK / "all-roots.pem"
    machine = contestants.machine_roots()
    bundle.write_bytes(machine.read_bytes() + b"\n" + (WORK / "ca.pem").read_bytes())
    return {"FIREHOSE_STREAM": "bench", "AWS_ENDPOINT_URL": url, "SSL_CERT_FILE": str(bundle)}


def per_byte(inputs: dict) -> list[Row]:
    """Decoding a batch and encoding it, without reading the file."""
    json = [instructions_per_byte(inputs, "orders", 9), instructions_per_byte(inputs, "small", None)]
    return json + [rows_beside_json(inputs, name) for name in ("orders", "small")]


def rows_beside_json(inputs: dict, name: str) -> Row:
    """Decoding and encoding `rows` as a multiple of decoding and encoding `json`."""
    counted = count_steps(inputs[name], ("read", "json", "rows"))
    json, rows = (counted[step] - counted["read"] for step in ("json", "rows"))
    what = f"decode and encode: instructions, {name}, `rows` against `json`"
    detail = f"{rows / inputs[name].stat().st_size:.1f} per input byte"
    return at_most(what, 1.5, rows / json, " ×", detail, counted)


def count_steps(payload: Path, steps: tuple[str, ...]) -> dict[str, int]:
    return {step: callgrind.count([RELEASE / "counted", step, payload], WORK / "counted.callgrind") for step in steps}


def instructions_per_byte(inputs: dict, name: str, limit: float | None) -> Row:
    counted = count_steps(inputs[name], ("read", "decode", "json"))
    size = inputs[name].stat().st_size
    decode, both = ((counted[step] - counted["read"]) / size for step in ("decode", "json"))
    what = f"decode and encode: instructions per input byte, {name}, `json`"
    detail = f"{decode:.1f} of them decode"
    if limit is None:
        return Row(what, "", f"**{both:.3g}**; {detail}", None, counted)
    return at_most(what, limit, both, "", detail, counted)
