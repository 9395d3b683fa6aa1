"""One made-up past, written as objects, and the moments at which to ask for its state."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import function
import history
import objects
import payloads
import rows
from history import HOUR, SECOND, START

EXPORTS = [("orders", "111111111111", 10), ("orders", "111111111111", 41), ("orders", "222222222222", 12)]
EXPORTS += [("payments", "111111111111", 15), ("gaps", "111111111111", 2), ("gaps", "111111111111", 33)]


@dataclass
class Past:
    history: history.History
    folder: Path
    payloads: list

    def moments(self, count):
        """Half of them at the very time of a change, where `<=` and `<` differ."""
        random = Random(count)
        times = [change.recorded for change in self.history.captured()]
        found = [random.choice(times) for _ in range(count // 2)]
        while len(found) < count:
            found.append(START + random.randrange(history.SPAN))
        return sorted(moment for moment in found if not self.unsettled(moment))

    def days(self):
        return sorted({rows.timestamp(change.recorded)[:10] for change in self.history.captured()})

    def unsettled(self, moment):
        """Within the clocks' error after an export, the state cannot be known."""
        return any(export.at <= moment <= export.at + 2 * SECOND for export in self.history.exports)

    def expected(self, moment):
        return known(self.history.state(moment), moment)


def known(state, moment):
    """Without the table whose capture had a gap, from the gap until the export that repairs it."""
    in_doubt = 20 * HOUR <= moment - START < 33 * HOUR
    return {item: new for item, new in state.items() if not (in_doubt and item[2] == "gaps")}


def make(folder, seed, changes_per_table=150):
    made = history.History(seed, changes_per_table)
    for name, account, hour in EXPORTS:
        [table] = [t for t in made.tables if t.place == (account, "us-east-1", name)]
        objects.write_export(folder, made.export(table, hour * HOUR))
    texts = payloads.of(made)
    function.replay(folder, texts)
    return Past(made, folder, texts)


def moment_text(microseconds):
    return rows.timestamp(microseconds)[:26].replace("T", " ")


def merge_everything(lake, made):
    """The MERGE per day as the schedule runs it, and each export until nothing is inserted."""
    for day in made.days():
        lake.merge(day, day)
    for export in made.history.exports:
        while lake.merge_export(export):
            pass
