"""Compare what arrived in a sink with what was written: each change exactly once, with every digit."""

from collections import Counter
from datetime import datetime, timedelta, timezone

SHOWN = 3


def problems(written, arrived, source, in_order):
    """The problems with a sink's arrivals, as sentences."""
    found = Counter(arrival.identity for arrival in arrived)
    expected = {change.identity: change for change in written}
    return [
        *listing("are missing", [i for i in expected if i not in found]),
        *listing("arrived more than once", [i for i, count in found.items() if count > 1]),
        *listing("were never written", [i for i in found if i not in expected]),
        *listing("differ", differences(expected, arrived)),
        *listing("have wrong envelopes", envelope_mistakes(arrived, source)),
        *listing("repeat the event id of another", repeated([a.event_id for a in arrived])),
        *(listing("changed places", out_of_order(written, arrived)) if in_order else []),
    ]


def listing(what, examples):
    if not examples:
        return []
    more = f", and {len(examples) - SHOWN} more" if len(examples) > SHOWN else ""
    return [f"{len(examples)} {what}: {'; '.join(map(show, examples[:SHOWN]))}{more}"]


def show(example):
    if not isinstance(example, tuple):
        return str(example)
    key, operation, revision = example
    return f"{operation} {key}" + (f" revision {revision}" if revision is not None else "")


def repeated(values):
    return [value for value, count in Counter(values).items() if count > 1]


def differences(expected, arrived):
    pairs = [(expected[a.identity], a) for a in arrived if a.identity in expected]
    images = [(a.identity, name, getattr(c, name), getattr(a, name)) for c, a in pairs for name in ("old", "new")]
    spotted = [(identity, name, first_difference(wrote, got)) for identity, name, wrote, got in images]
    return [f"{show(identity)}: {name}{where}" for identity, name, where in spotted if where]


def first_difference(wrote, got):
    """Where two values differ, or nothing."""
    if isinstance(wrote, dict) and isinstance(got, dict) and wrote.keys() == got.keys():
        return first(f".{name}{where}" for name in wrote if (where := first_difference(wrote[name], got[name])))
    if isinstance(wrote, list) and isinstance(got, list) and len(wrote) == len(got):
        return first(f"[{n}]{where}" for n in range(len(wrote)) if (where := first_difference(wrote[n], got[n])))
    if isinstance(wrote, frozenset) and isinstance(got, list) and len(wrote) == len(got):
        got = frozenset(got)
    return "" if type(wrote) is type(got) and wrote == got else f" wrote {wrote!r}, got {got!r}"


def first(found):
    return next(iter(found), "")


def envelope_mistakes(arrived, source):
    return [f"{show(a.identity)}: {mistake}" for a in arrived if a.envelope for mistake in mistakes_of(a, source)]


def mistakes_of(arrival, source):
    envelope = arrival.envelope
    same_for_all = {"source": source, "table": "orders", "actor": "user", "region": "us-east-1"}
    for name, value in {**same_for_all, "changed": changed(arrival)}.items():
        if envelope[name] != value:
            yield f"{name} is {envelope[name]!r}, not {value!r}"
    moment = datetime.fromisoformat(envelope["timestamp"].replace("Z", "+00:00"))
    if abs(datetime.now(timezone.utc) - moment) > timedelta(hours=1):
        yield f"timestamp is {envelope['timestamp']}"


def changed(arrival):
    old, new = arrival.old, arrival.new
    if old is None or new is None:
        return None
    return sorted(name for name in old.keys() | new.keys() if old.get(name, arrival) != new.get(name, arrival))


def out_of_order(written, arrived):
    """Keys whose changes, by sequence number, are not in the order of their writing."""
    wrote, got = {}, {}
    for change in written:
        wrote.setdefault(change.key, []).append(change.identity)
    for arrival in sorted(arrived, key=lambda a: int(a.sequence_number)):
        got.setdefault(arrival.key, []).append(arrival.identity)
    return [key for key in wrote if key in got and Counter(got[key]) == Counter(wrote[key]) and got[key] != wrote[key]]
