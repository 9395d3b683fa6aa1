"""The lake's statements as the module ships them, with their parameters filled in."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRINO = ROOT / "terraform" / "lake"
SPARK = TRINO / "spark"
PARAMETER = re.compile(r"\$\{(\w+)\}")


def text(name, folder=TRINO, **given):
    """Fails on a parameter that the statement needs and was not given, or was given and does not occur."""
    statement = (folder / f"{name}.sql").read_text()
    needed = set(PARAMETER.findall(statement))
    assert needed == set(given), f"{name} takes {sorted(needed)}, not {sorted(given)}"
    return PARAMETER.sub(lambda found: given[found.group(1)], statement)


def bare(statement):
    return "\n".join(line for line in statement.splitlines() if not line.startswith("--"))
