"""How CloudWatch evaluates an alarm, as far as the module's alarms use it. Everything else is refused.

The rules are those of "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data" in the
CloudWatch user guide. How many periods beyond the evaluation periods CloudWatch reads is not documented: an alarm's
state must be the same for each of READS_BEYOND, or the series is not a usable example.
"""

import operator

import metric_math

READS_BEYOND = (0, 2, 5)
COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
STATISTICS = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
}


class Unsupported(Exception):
    """An alarm that uses more of CloudWatch than this evaluator covers."""


class Misaligned(Exception):
    """A moment that does not end a period."""


class Ambiguous(Exception):
    """A state that depends on how many periods CloudWatch reads."""


def state(alarm, samples, now):
    """`ALARM` or `OK` at the second `now`, which must end a period.

    `alarm` is an aws_cloudwatch_metric_alarm as a plan shows it. `samples` maps a metric, as `metric()` names it, to a
    list of (second, value).
    """
    if alarm["treat_missing_data"] != "notBreaching":
        raise Unsupported(f"treat_missing_data = {alarm['treat_missing_data']!r}")
    if alarm["comparison_operator"] not in COMPARISONS:
        raise Unsupported(f"comparison_operator = {alarm['comparison_operator']!r}")
    if not 1 <= alarm["datapoints_to_alarm"] <= alarm["evaluation_periods"]:
        raise Unsupported(f"{alarm['datapoints_to_alarm']} of {alarm['evaluation_periods']} data points")
    series, period = series_of(alarm, samples)
    if now % period != 0:
        raise Misaligned(f"{now} is not the end of a period of {period} seconds")
    states = {state_when_reading(alarm, series, period, now, beyond) for beyond in READS_BEYOND}
    if len(states) > 1:
        raise Ambiguous(f"{alarm['alarm_name']} is {sorted(states)}")
    return states.pop()


def state_when_reading(alarm, series, period, now, beyond):
    count = alarm["evaluation_periods"]
    starts = [now - period * (index + 1) for index in range(count + beyond)]
    # Real data points come before missing ones, which count as not breaching.
    latest = [series[start] for start in starts if start in series][:count]
    breaches = COMPARISONS[alarm["comparison_operator"]]
    breaching = sum(breaches(value, alarm["threshold"]) for value in latest)
    return "ALARM" if breaching >= alarm["datapoints_to_alarm"] else "OK"


def series_of(alarm, samples):
    """The series that an alarm compares with its threshold, and its period in seconds."""
    queries = alarm["metric_query"] or []
    if not queries:
        named = metric(alarm["namespace"], alarm["metric_name"], alarm["dimensions"])
        return aggregate(samples.get(named, []), alarm["period"], alarm["statistic"]), alarm["period"]
    metrics = {query["id"]: query["metric"][0] for query in queries if query["metric"]}
    expressions = [query for query in queries if query["expression"]]
    periods = {source["period"] for source in metrics.values()}
    if len(expressions) != 1 or not expressions[0]["return_data"] or len(periods) != 1:
        raise Unsupported("metric queries other than one returned expression over metrics of one period")
    series = {name: series_of_query(source, samples) for name, source in metrics.items()}
    return metric_math.evaluate(expressions[0]["expression"], series), periods.pop()


def series_of_query(source, samples):
    named = metric(source["namespace"], source["metric_name"], source["dimensions"])
    return aggregate(samples.get(named, []), source["period"], source["stat"])


def aggregate(samples, period, statistic):
    if statistic not in STATISTICS:
        raise Unsupported(f"statistic {statistic!r}")
    periods = {}
    for second, value in samples:
        periods.setdefault(second - second % period, []).append(value)
    return {start: float(STATISTICS[statistic](values)) for start, values in periods.items()}


def metric(namespace, name, dimensions):
    return namespace, name, tuple(sorted((dimensions or {}).items()))
