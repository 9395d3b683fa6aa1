"""One row of the table."""

import dataclasses


@dataclasses.dataclass
class Row:
    what: str
    goal: str
    measured: str
    # Whether the goal was reached; None where there is none, or where it could not be measured.
    met: bool | None
    # What it was computed from, for results.json.
    values: dict


def at_most(what: str, limit: float, value: float, unit: str, detail: str, values: dict) -> Row:
    return Row(what, f"≤ {limit:g}{unit}", f"**{value:.3g}{unit}**; {detail}", value <= limit, values)


def at_least(what: str, limit: float, value: float, unit: str, detail: str, values: dict) -> Row:
    return Row(what, f"≥ {limit:g}{unit}", f"**{value:.3g}{unit}**; {detail}", value >= limit, values)
