"""Rows laid into a folder as the sinks lay them: gzip JSONL by table, date and hour, exports in a separate root."""

import gzip
import hashlib
import json

import rows


def write_changes(folder, lines):
    """`lines` of one batch: one object per table and hour of the changes."""
    groups = {}
    for line in lines:
        row = json.loads(line)
        day, hour = row["timestamp"][:10], row["timestamp"][11:13]
        groups.setdefault(f"changes/table={row['table']}/date={day}/hour={hour}", []).append(line)
    for place, group in groups.items():
        write(folder / place, group)


def write_export(folder, export, snapshot=True):
    """The READ rows and, unless the backfill was cut off, the SNAPSHOT."""
    table = export.table
    found = [rows.read_row(table.place, export.at, keys, item, export.arn) for keys, item in export.items]
    if snapshot:
        found.append(rows.snapshot_row(table.place, export.at, len(export.items), export.arn))
    write(folder / f"exports/table={table.name}/export={export.id}", map(rows.line, found))


def write(folder, lines):
    body = "".join(f"{line}\n" for line in lines).encode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{hashlib.sha256(body).hexdigest()[:32]}.jsonl.gz").write_bytes(gzip.compress(body, mtime=0))
