"""One row of the table."""

import dataclasses


@dataclasses.dataclass
class Row:
    what: str
    measured: str
    # The floor or the peer that it is compared with; empty where there is none.
    beside: str = ""
    goal: str = ""
    # Whether the goal was reached; None where there is none, or where it could not be measured.
    met: bool | None = None
    # What it was computed from, for results.json.
    values: dict = dataclasses.field(default_factory=dict)


def at_most(what: str, limit: float, value: float, unit: str, detail: str, beside: str, values: dict) -> Row:
    return Row(what, figure(value, unit, detail), beside, f"≤ {limit:.3g}{unit}", value <= limit, values)


def at_least(what: str, limit: float, value: float, unit: str, detail: str, beside: str, values: dict) -> Row:
    return Row(what, figure(value, unit, detail), beside, f"≥ {limit:.3g}{unit}", value >= limit, values)


def not_measured(what: str, goal: str, why: str, values: dict | None = None) -> Row:
    return Row(what, f"not measured: {why}", goal=goal, values=values or {})


def figure(value: float, unit: str, detail: str) -> str:
    return f"**{number(value)}{unit}**" + (f"; {detail}" if detail else "")


def number(value: float) -> str:
    """Three digits, or more for large numbers."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
