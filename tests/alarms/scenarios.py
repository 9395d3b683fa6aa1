"""Made-up series that must fire an alarm, and series that must not, by kind of alarm.

Nothing here is read from the module: metrics, thresholds and times are what docs/operating.md promises.
"""

from dataclasses import dataclass

from evaluation import metric

MINUTE, HOUR = 60, 3600


@dataclass
class Scenario:
    name: str
    expected: str
    samples: dict
    now: int


@dataclass
class Counted:
    """A metric whose sum over a period is compared: how many in a period are still no alarm."""

    source: tuple
    tolerated: int

    def good(self):
        # Zeros besides the ones: the number of samples is not what counts.
        return [1] * self.tolerated + [0] * 20

    def bad(self):
        return [1] * (self.tolerated + 1) + [0] * 20


@dataclass
class Highest:
    """A metric whose highest value in a period is compared."""

    source: tuple
    tolerated: float
    step: float = 1

    def good(self):
        return [self.tolerated] * 5 + [0]

    def bad(self):
        return [0] * 20 + [self.tolerated + self.step]


@dataclass
class Share:
    """A ratio whose average over a period must not fall below a limit."""

    source: tuple
    limit: float

    def good(self):
        return [1.0, 2 * self.limit - 1]

    def bad(self):
        return [1.0, 2 * self.limit - 1.002]


def lasting(observed, period=300):
    """Fires when two of the last three periods are bad."""
    good, bad = observed.good(), observed.bad()
    return [
        scenario("bad in the last two of many periods", "ALARM", observed, period, [good] * 9 + [bad, bad]),
        scenario("bad, good, bad", "ALARM", observed, period, [good] * 8 + [bad, good, bad]),
        scenario("bad in every period", "ALARM", observed, period, [bad] * 12),
        scenario(
            "bad in two of three periods, and no data between", "ALARM", observed, period, [good, bad, None, bad]
        ),
        scenario("bad in the last period only", "OK", observed, period, [good] * 11 + [bad]),
        scenario(
            "bad twice, with two good periods between", "OK", observed, period, [good] * 6 + [bad, good, good, bad]
        ),
        scenario("good again", "OK", observed, period, [good] * 3 + [bad] * 5 + [good] * 3),
        scenario("at the limit all the time", "OK", observed, period, [good] * 12),
        scenario("no data", "OK", observed, period, [None] * 12),
    ]


def at_once(observed, period=300):
    """Fires when the last period is bad."""
    good, bad = observed.good(), observed.bad()
    return [
        scenario("bad in the last period", "ALARM", observed, period, [good] * 11 + [bad]),
        scenario("bad without data before", "ALARM", observed, period, [None] * 11 + [bad]),
        scenario("good again", "OK", observed, period, [good] * 3 + [bad] * 8 + [good]),
        scenario("at the limit all the time", "OK", observed, period, [good] * 12),
        scenario("no data", "OK", observed, period, [None] * 12),
    ]


def scenario(name, expected, observed, period, periods):
    return Scenario(name, expected, {observed.source: spread(periods, period)}, len(periods) * period)


def spread(periods, period):
    """Samples spread over the first minute of the second half of each period: finer periods see gaps."""
    return [
        (number * period + period // 2 + index * MINUTE // len(values), value)
        for number, values in enumerate(periods)
        for index, value in enumerate(values or [])
    ]


def silence(writes, receipts, period=HOUR):
    """Fires when two whole periods in a row have writes and nothing received."""
    day = 24 * period

    def case(name, expected, written, received):
        return Scenario(name, expected, {writes: written, receipts: received}, day)

    def each(interval, value, start=0, end=day, offset=0):
        return [(second, value) for second in range(start + offset, end, interval)]

    busy = each(MINUTE, 40.0)
    return [
        case("written to, never received", "ALARM", busy, []),
        case("written to, received until two periods ago", "ALARM", busy, each(MINUTE, 1, end=day - 2 * period)),
        case("one write per period, never received", "ALARM", each(period, 1.0, offset=7), []),
        case("written to, zeros received", "ALARM", busy, each(MINUTE, 0)),
        case("written to, received until the last period", "OK", busy, each(MINUTE, 1, end=day - period)),
        case(
            "received in the period before the last only",
            "OK",
            busy,
            each(MINUTE, 1, start=day - 2 * period, end=day - period),
        ),
        case("written to and received", "OK", busy, each(MINUTE, 1)),
        case(
            "each write received in the next period",
            "OK",
            each(period, 1.0, offset=period - 2),
            each(period, 1, offset=3),
        ),
        case("many writes, few batches", "OK", each(MINUTE, 4e7), each(period, 1, offset=5)),
        case("neither written to nor received", "OK", [], []),
        case("zeros written, nothing received", "OK", each(MINUTE, 0.0), []),
        case("received without writes, as with expired items", "OK", [], each(MINUTE, 1)),
    ]


def function(name, namespace="AWS/Lambda"):
    return metric(namespace, name, {"FunctionName": "changefan"})


def queue(name):
    return metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": name})


def delivery_stream(name, entry):
    return metric(
        "AWS/Firehose", name, {"DeliveryStreamName": "changefan" if entry == "firehose" else f"changefan-{entry}"}
    )
