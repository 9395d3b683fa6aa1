"""Each rule of the design is needed: with the rule switched off, some moment's state is wrong."""

import json

import duck
import objects
import past
import pytest
import rows
import statements

SEED = 21
STATE = statements.text("state_at", source="changes", moment="MOMENT")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return past.make(tmp_path_factory.mktemp("rules"), SEED)


@pytest.fixture(scope="module")
def merged(made):
    lake = duck.Lake(made.folder)
    past.merge_everything(lake, made)
    return lake


def test_all_rules_together_are_right(made, merged):
    assert not wrong_moments(made, merged)


def test_text_order_of_numbers_is_wrong(made, tmp_path):
    """Versions without their zeros: the number of 20 digits sorts after the one of 21."""
    assert wrong_moments(made, landed(made, tmp_path, unpadded))


def test_version_without_stream_label_is_wrong(made, tmp_path):
    """A re-created stream counts from below its predecessor."""
    assert wrong_moments(made, landed(made, tmp_path, unlabelled))


def test_unsorted_keys_make_two_items_of_one(made, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(rows, "by_bytes", list)
        lake = landed(made, tmp_path)
    assert wrong_moments(made, lake)


def test_uncanonical_images_differ_from_the_export(made, tmp_path, monkeypatch):
    """Escaped strings: the state no longer equals that of another source for the same item."""
    with monkeypatch.context() as patch:
        patch.setattr(rows, "quoted", json.dumps)
        lake = landed(made, tmp_path)
    assert wrong_moments(made, lake)


def test_read_by_time_is_wrong(made, merged):
    """An export's rows ordered among the changes by their time, as if they were changes."""
    by_time = replaced(STATE, "ORDER BY c.version DESC", 'ORDER BY c."timestamp" DESC, c.version DESC')
    assert wrong_moments(made, merged, by_time)


def test_export_without_snapshot_is_taken_for_whole(made, tmp_path):
    """A backfill that was cut off: its rows must not become the base."""
    lake = landed(made, tmp_path)
    export = made.history.tables[-1].exports[-1]
    lake.run(f"DELETE FROM changes WHERE operation = 'SNAPSHOT' AND \"timestamp\" = '{past.moment_text(export.at)}'")
    lake.run(f"DELETE FROM changes WHERE operation = 'READ' AND \"timestamp\" = '{past.moment_text(export.at)}' AND hash(keys) % 2 = 0")
    moment = past.moment_text(export.at + 60 * 1_000_000)
    trusting = replaced(STATE, "WHERE operation = 'SNAPSHOT' AND", "WHERE operation IN ('SNAPSHOT', 'READ') AND")
    base = state_of(lake, STATE, moment)
    assert lost(base, state_of(lake, trusting, moment))


def test_state_without_the_table_mixes_items(made, merged):
    by_keys = replaced(STATE, 'PARTITION BY c.account, c.region, c."table", c.keys', "PARTITION BY c.keys")
    assert wrong_moments(made, merged, by_keys)


@pytest.mark.parametrize("column", ["account", "region", '"table"'])
def test_state_without_one_part_of_the_place_mixes_items(made, merged, column):
    whole = 'PARTITION BY c.account, c.region, c."table", c.keys'
    assert wrong_moments(made, merged, replaced(STATE, whole, whole.replace(f"c.{column}, ", "")))


def test_arg_max_brings_deleted_items_back(made, merged):
    head = STATE[: STATE.index("SELECT account, region, \"table\", keys, \"new\" FROM ordered")]
    arg_max = head + 'SELECT account, region, "table", keys, arg_max("new", -nth) FROM ordered GROUP BY ALL'
    assert wrong_moments(made, merged, arg_max)


def test_changes_before_the_export_only_are_not_enough(made, merged):
    """Without the hour: a change whose clock was behind is lost if the export did not have it."""
    no_hour = replaced(STATE, "OR c.\"timestamp\" >= b.base_time - INTERVAL '1' HOUR", 'OR c."timestamp" > b.base_time + INTERVAL \'1\' DAY')
    assert wrong_moments(made, merged, no_hour)


def test_kinesis_in_order_of_arrival_is_wrong(made, tmp_path):
    """Versions without the time: changes that came out of order stay so."""
    assert wrong_moments(made, landed(made, tmp_path, by_arrival))


def wrong_moments(made, lake, sql=STATE):
    moments = made.moments(44)
    return [m for m in moments if past.known(state_of(lake, sql, past.moment_text(m)), m) != made.expected(m)]


def state_of(lake, sql, moment):
    """Not duck.state: a rule that is switched off may return an item twice."""
    return {tuple(row[:4]): row[4] for row in lake.run(sql.replace("MOMENT", moment)).fetchall()}


def landed(made, folder, change=lambda row: row):
    """The same payloads encoded again, with a rule switched off."""
    for text in made.payloads:
        encoded = [rows.line(change(json.loads(line))) for line in rows.lines(json.loads(text))]
        objects.write_changes(folder, encoded)
    for export in made.history.exports:
        objects.write_export(folder, export)
    lake = duck.Lake(folder)
    past.merge_everything(lake, made)
    return lake


def unpadded(row):
    return row | {"version": row["version"].replace("|" + "0" * (rows.DIGITS - len(row["sequence_number"])), "|")}


def unlabelled(row):
    return row | {"version": row["version"].split("|")[1]} if row["source"] == "dynamodb" else row


def by_arrival(row):
    return row | {"version": row["version"].split("|", 1)[1]} if row["source"] == "kinesis" else row


def lost(base, found):
    return set(base) - set(found)


def replaced(text, old, new):
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)
