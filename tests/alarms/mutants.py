"""Wrong versions of an alarm: each must contradict some scenario, or the scenarios prove nothing about it."""

import copy

from evaluation import COMPARISONS, STATISTICS

TREATMENTS = ("breaching", "ignore", "missing")
# Operators of the expression, by their wrong replacements.
REPLACEMENTS = {
    " > ": (" == ",),
    " == ": (" > ",),
    " AND ": (" > ", " == ", " + "),
    " + ": (" * ",),
    ", 1, 0)": (", 0, 1)", ", 0, 0)", ", 1, 1)"),
}


def of(alarm):
    """(what is wrong, alarm) for each wrong version."""
    yield from replaced(alarm, "comparison_operator", COMPARISONS)
    yield from replaced(
        alarm, "threshold", (alarm["threshold"] + 1, alarm["threshold"] - 1, alarm["threshold"] * 1000 + 1)
    )
    yield from replaced(
        alarm, "evaluation_periods", (alarm["evaluation_periods"] + 1, alarm["evaluation_periods"] - 1)
    )
    yield from replaced(
        alarm, "datapoints_to_alarm", (alarm["datapoints_to_alarm"] + 1, alarm["datapoints_to_alarm"] - 1)
    )
    yield from replaced(alarm, "treat_missing_data", TREATMENTS)
    yield from (of_queries if alarm["metric_query"] else of_metric)(alarm)


def of_metric(alarm):
    yield from replaced(alarm, "namespace", ("AWS/Other",))
    yield from replaced(alarm, "metric_name", ("Other",))
    yield from replaced(alarm, "dimensions", ({}, {name: "other" for name in alarm["dimensions"]}))
    yield from replaced(alarm, "period", (alarm["period"] * 2, 60))
    # Sum, average and maximum of what is never negative exceed 0 together.
    if alarm["threshold"] not in (0, 1):
        yield from replaced(alarm, "statistic", STATISTICS)


def of_queries(alarm):
    for index, query in enumerate(alarm["metric_query"]):
        for what, wrong in of_query(query):
            mutant = copy.deepcopy(alarm)
            mutant["metric_query"][index] = wrong
            yield what, mutant
    for factor in (2, 1 / 2):
        mutant = copy.deepcopy(alarm)
        for query in mutant["metric_query"]:
            for source in query["metric"]:
                source["period"] = int(source["period"] * factor)
        yield f"all periods times {factor}", mutant


def of_query(query):
    for source in query["metric"]:
        for name in ("namespace", "metric_name"):
            for what, wrong in replaced(source, name, ("Other",)):
                yield what, {**query, "metric": [wrong]}
        for what, wrong in replaced(source, "dimensions", ({name: "other" for name in source["dimensions"]},)):
            yield what, {**query, "metric": [wrong]}
    expression = query["expression"] or ""
    for right, wrongs in REPLACEMENTS.items():
        position = expression.find(right)
        while position >= 0:
            for wrong in wrongs:
                yield from replaced(
                    query, "expression", (expression[:position] + wrong + expression[position + len(right) :],)
                )
            position = expression.find(right, position + 1)


def replaced(values, name, others):
    for other in others:
        if other != values[name]:
            yield f"{name} = {other!r}", {**copy.deepcopy(values), name: other}
