"""What is counted in instructions: starting, the first request, decoding and encoding."""

from pathlib import Path

from harness import callgrind, contestants, tool
from harness.paths import RELEASE, WORK
from harness.row import Row, at_least, at_most

# Instructions per byte of the payload: of an invocation, and of decoding and encoding alone.
WHOLE_GOALS = {"orders": 9.0, "small": 8.7}
CODEC_GOALS = {"orders": 7.9, "small": 7.4}


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
    return at_most(what, 1.4, ours / bare, " ×", f"{ours / 1e6:.2f} M", f"hello: {bare / 1e6:.2f} M", values)


def first_request(inputs: dict) -> Row:
    """An invocation with one change minus one with none: client, TLS and the call to Firehose."""
    with tool.service(tls=True) as url:
        ours = request_instructions(inputs, lambda payload: contestants.changefan(payload, firehose(url)))
        peer = request_instructions(inputs, lambda payload: contestants.typical_rust(payload, all_roots(url)))
    what = "first HTTPS request of a sink: instructions, against the same SDK built as its guide says"
    values = {"changefan": ours, "typical Rust": peer}
    detail, beside = f"{ours / 1e6:.1f} M", f"typical Rust: {peer / 1e6:.0f} M"
    return at_least(what, 60, peer / ours, " × fewer", detail, beside, values)


def request_instructions(inputs: dict, contestant) -> int:
    return until_answer(contestant(inputs["small-1"])) - until_answer(contestant(inputs["empty"]))


def firehose(url: str) -> dict:
    return {"SINKS": "firehose", "FIREHOSE_STREAM": "bench"} | contestants.few_roots(url)


def all_roots(url: str) -> dict:
    """The machine's roots, as the SDK reads them by itself, and the service's one among them."""
    bundle = WORK / "all-roots.pem"
    machine = contestants.machine_roots()
    bundle.write_bytes(machine.read_bytes() + b"\n" + (WORK / "ca.pem").read_bytes())
    return {"FIREHOSE_STREAM": "bench", "AWS_ENDPOINT_URL": url, "SSL_CERT_FILE": str(bundle)}


def whole_invocation(inputs: dict) -> list[Row]:
    """Receiving a full batch, decoding, encoding, writing and answering: without the start."""
    start = until_answer(to_standard_output(inputs["empty"]))
    return [whole_per_byte(inputs[name], name, start) for name in WHOLE_GOALS]


def whole_per_byte(payload: Path, name: str, start: int) -> Row:
    counted = until_answer(to_standard_output(payload))
    value = (counted - start) / payload.stat().st_size
    what = f"whole invocation to stdout, `json`: instructions per input byte, {name}"
    detail = "those of an invocation without changes subtracted"
    return at_most(what, WHOLE_GOALS[name], value, "", detail, "", {"invocation": counted, "start": start})


def to_standard_output(payload: Path) -> dict:
    return contestants.changefan(payload, contestants.TO_STANDARD_OUTPUT)


def per_byte(inputs: dict) -> list[Row]:
    """Decoding a batch and encoding it, without reading the file."""
    counted = {name: count_steps(inputs[name]) for name in CODEC_GOALS}
    sizes = {name: inputs[name].stat().st_size for name in CODEC_GOALS}
    rows = [json_per_byte(name, steps, sizes[name]) for name, steps in counted.items()]
    return rows + [rows_beside_json(name, steps, sizes[name]) for name, steps in counted.items()]


def count_steps(payload: Path) -> dict[str, int]:
    """The instructions of each step and of those before it, but for reading the file."""
    steps = ("read", "decode", "json", "rows")
    out = WORK / "counted.callgrind"
    counted = {step: callgrind.count([RELEASE / "counted", step, payload], out) for step in steps}
    return {step: counted[step] - counted["read"] for step in steps[1:]}


def json_per_byte(name: str, counted: dict, size: int) -> Row:
    what = f"decode and encode: instructions per input byte, {name}, `json`"
    detail = f"{counted['decode'] / size:.1f} of them decode"
    return at_most(what, CODEC_GOALS[name], counted["json"] / size, "", detail, "", counted)


def rows_beside_json(name: str, counted: dict, size: int) -> Row:
    what = f"decode and encode: instructions, {name}, `rows` ÷ `json`"
    detail, beside = (f"{counted[step] / size:.1f} per input byte" for step in ("rows", "json"))
    return at_most(what, 1.5, counted["rows"] / counted["json"], " ×", detail, f"`json`: {beside}", counted)
