"""One picture: the batch to standard output as bars, and growth as lines. Written by hand: no library is needed."""

import math
from pathlib import Path

WIDTH, HEIGHT = 960, 430
TOP, BOTTOM = 84, 350
COLOURS = {"changefan": "#d9480f", "typical Rust": "#5c7cfa", "Node": "#40a060", "Python": "#b08f26"}
TIME, MEMORY = COLOURS["changefan"], "#7048e8"
GREY, INK, LINES = "#868e96", "#343a40", "#e9ecef"


def write(file: Path, times: dict, points: list[dict], machine: str) -> None:
    """`times` holds milliseconds by kind of item and contestant; `points` the growth."""
    parts = [*bars(times), *growth(points), text(WIDTH - 24, HEIGHT - 12, machine, 11, GREY, "end")]
    style = "font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" style="{style}">'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    file.write_text("\n".join([head, ground, *parts, "</svg>"]) + "\n", encoding="utf-8")


def bars(times: dict) -> list[str]:
    """Grouped bars from zero, so that their lengths compare as the times do."""
    left, right = 64, 470
    most = max(value for group in times.values() for value in group.values())
    axis = Axis(nice(most), BOTTOM, TOP)
    parts = [text(left - 40, 34, "Full 6 MB batch to stdout as plain JSON", 16, INK)]
    parts += [text(left - 40, 54, "milliseconds per invocation: shorter is faster", 12, GREY)]
    parts += gridlines(axis, left, right)
    group_width = (right - left) / len(times)
    for number, (items, group) in enumerate(times.items()):
        start = left + number * group_width + 14
        width = (group_width - 28) / len(group)
        for index, (name, value) in enumerate(group.items()):
            x, y = start + index * width, axis.at(value)
            parts.append(rect(x + 3, y, width - 6, BOTTOM - y, COLOURS[name]))
            parts.append(text(x + width / 2, y - 6, f"{value:.3g}", 12, INK, "middle"))
        parts.append(text(start + (group_width - 28) / 2, BOTTOM + 20, items, 13, INK, "middle"))
    return parts + legend(times, left)


def legend(times: dict, left: int) -> list[str]:
    parts, x = [], left
    for name in next(iter(times.values())):
        parts += [rect(x, BOTTOM + 34, 11, 11, COLOURS[name]), text(x + 16, BOTTOM + 44, name, 12, INK)]
        x += 34 + 7 * len(name)
    return parts


def growth(points: list[dict]) -> list[str]:
    """Time and memory over records, both axes from zero, so that a straight line is straight."""
    left, right = 560, 880
    across = Axis(points[-1]["records"], left, right)
    time = Axis(nice(max(point["ms"] for point in points)), BOTTOM, TOP)
    memory = Axis(nice(max(point["MB"] for point in points)), BOTTOM, TOP)
    parts = [text(left - 40, 34, "Cost as work grows", 16, INK)]
    parts += [text(left - 40, 54, "1, 10, 100, 1,000 and 10,000 small records to stdout", 12, GREY)]
    parts += gridlines(time, left, right)
    parts += [text(left - 40, 74, "time, ms", 12, TIME), text(right - 20, 74, "memory, MB", 12, MEMORY)]
    parts += [text(right + 8, memory.at(value) + 4, f"{value:g}", 11, MEMORY) for value in memory.marks()]
    parts += [text(across.at(value), BOTTOM + 20, f"{value:,.0f}", 11, GREY, "middle") for value in across.marks()]
    parts += [text((left + right) / 2, BOTTOM + 40, "records", 12, GREY, "middle")]
    parts += polyline([(across.at(p["records"]), time.at(p["ms"])) for p in points], TIME)
    parts += polyline([(across.at(p["records"]), memory.at(p["MB"])) for p in points], MEMORY)
    return parts


class Axis:
    """Values from zero to positions."""

    def __init__(self, high: float, start: float, end: float):
        self.high, self.start, self.end = high, start, end

    def at(self, value: float) -> float:
        return self.start + value / self.high * (self.end - self.start)

    def marks(self) -> list[float]:
        return [self.high * part / 4 for part in range(5)]


def nice(value: float) -> float:
    """The next number that divides by four without fractions to speak of."""
    unit = 10 ** math.floor(math.log10(value))
    return next(unit * step for step in (1, 2, 4, 8, 10) if unit * step >= value)


def gridlines(axis: Axis, left: int, right: int) -> list[str]:
    parts = []
    for value in axis.marks():
        y = axis.at(value)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{LINES}"/>')
        parts.append(text(left - 8, y + 4, f"{value:g}", 11, GREY, "end"))
    return parts


def polyline(places: list[tuple[float, float]], colour: str) -> list[str]:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
    return [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots]


def rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" fill="{colour}"/>'


def text(x: float, y: float, words: str, size: int, colour: str, anchor: str = "start") -> str:
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{words}</text>'
