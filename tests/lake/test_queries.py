"""Every other statement returns exactly the rows that a past written by hand makes it return."""

from datetime import datetime

import duck
import pytest
from story import ACCOUNT, REGION, Story

TABLES = {
    "source": "changes",
    "changes": "changes",
    "landing": "landing",
    "exports": "exports",
    "export": "none",
    "from": "2024-03-01",
    "to": "2024-03-31",
    "moment": "2024-03-01 00:00:00",
    "table": "orders",
    "keys": '{"id":"order-1"}',
    "attribute": "total",
    "path": "$.total",
}
READING = {
    "current_state": ["source"],
    "state_at": ["source", "moment"],
    "item_history": ["source", "table", "keys"],
    "deletes": ["source", "from", "to"],
    "changes_per_hour": ["source", "from", "to"],
    "attribute_history": ["source", "table", "keys", "attribute", "path"],
    "duplicates": ["source"],
    "verify": ["source", "moment"],
    "unmerged": ["landing", "changes", "from", "to"],
    "recent": ["landing"],
}


@pytest.fixture
def lake(tmp_path):
    story = Story(tmp_path)
    story.put("orders", "order-0", "2024-02-28 09:00:00", {"total": 5}, captured=False)
    story.put("orders", "order-1", "2024-03-01 09:00:00", {"total": 1, "note": "a"})
    story.put("orders", "order-1", "2024-03-01 09:59:59", {"total": 2, "note": "a"})
    story.export("orders", "2024-03-01 10:00:00")
    story.put("orders", "order-1", "2024-03-01 10:00:01", {"total": 2, "note": "b"})
    story.put("orders", "order-1", "2024-03-01 10:00:01", {"note": "b"})
    story.put("orders", "order-1", "2024-03-02 00:00:00", None, actor="ttl")
    story.put("orders", "order-1", "2024-03-02 00:00:00", {"total": 7})
    story.put("orders", "order-0", "2024-03-31 23:59:59", None)
    story.put("orders", "order-1", "2024-04-01 00:00:00", None)
    story.put("customers", "order-1", "2024-03-01 09:30:00", {"name": "it's"})
    story.put("orders", "order-1", "2024-03-01 09:45:00", {"total": 1}, region="eu-west-1")
    return story.lake()


def test_item_history_is_the_whole_life_in_order(lake):
    assert ask(lake, "item_history") == [
        (ACCOUNT, "eu-west-1", at("2024-03-01 09:45:00"), "INSERT", "user", None, None, order(total=1)),
        (ACCOUNT, REGION, at("2024-03-01 10:00:00"), "READ", "user", None, None, order(note="a", total=2)),
        (ACCOUNT, REGION, at("2024-03-01 09:00:00"), "INSERT", "user", None, None, order(note="a", total=1)),
        (ACCOUNT, REGION, at("2024-03-01 09:59:59"), "MODIFY", "user", ["total"], order(note="a", total=1), order(note="a", total=2)),
        (ACCOUNT, REGION, at("2024-03-01 10:00:01"), "MODIFY", "user", ["note"], order(note="a", total=2), order(note="b", total=2)),
        (ACCOUNT, REGION, at("2024-03-01 10:00:01"), "MODIFY", "user", ["total"], order(note="b", total=2), order(note="b")),
        (ACCOUNT, REGION, at("2024-03-02 00:00:00"), "REMOVE", "ttl", None, order(note="b"), None),
        (ACCOUNT, REGION, at("2024-03-02 00:00:00"), "INSERT", "user", None, None, order(total=7)),
        (ACCOUNT, REGION, at("2024-04-01 00:00:00"), "REMOVE", "user", None, order(total=7), None),
    ]  # fmt: skip


def test_attribute_history_has_the_changes_of_that_attribute(lake):
    assert ask(lake, "attribute_history") == [
        (ACCOUNT, "eu-west-1", at("2024-03-01 09:45:00"), "INSERT", "user", "1"),
        (ACCOUNT, REGION, at("2024-03-01 10:00:00"), "READ", "user", "2"),
        (ACCOUNT, REGION, at("2024-03-01 09:00:00"), "INSERT", "user", "1"),
        (ACCOUNT, REGION, at("2024-03-01 09:59:59"), "MODIFY", "user", "2"),
        (ACCOUNT, REGION, at("2024-03-01 10:00:01"), "MODIFY", "user", None),
        (ACCOUNT, REGION, at("2024-03-02 00:00:00"), "REMOVE", "ttl", None),
        (ACCOUNT, REGION, at("2024-03-02 00:00:00"), "INSERT", "user", "7"),
        (ACCOUNT, REGION, at("2024-04-01 00:00:00"), "REMOVE", "user", None),
    ]


def test_deletes_are_those_of_the_days_by_actor(lake):
    assert ask(lake, "deletes") == [
        (ACCOUNT, REGION, "orders", "ttl", at("2024-03-02 00:00:00"), '{"id":"order-1"}', order(note="b")),
        (ACCOUNT, REGION, "orders", "user", at("2024-03-31 23:59:59"), '{"id":"order-0"}', '{"id":"order-0","total":5}'),
    ]


def test_changes_per_hour_counts_no_exported_items(lake):
    assert ask(lake, "changes_per_hour") == [
        (ACCOUNT, "eu-west-1", "orders", at("2024-03-01 09:00:00"), "INSERT", 1),
        (ACCOUNT, REGION, "customers", at("2024-03-01 09:00:00"), "INSERT", 1),
        (ACCOUNT, REGION, "orders", at("2024-03-01 09:00:00"), "INSERT", 1),
        (ACCOUNT, REGION, "orders", at("2024-03-01 09:00:00"), "MODIFY", 1),
        (ACCOUNT, REGION, "orders", at("2024-03-01 10:00:00"), "MODIFY", 2),
        (ACCOUNT, REGION, "orders", at("2024-03-02 00:00:00"), "INSERT", 1),
        (ACCOUNT, REGION, "orders", at("2024-03-02 00:00:00"), "REMOVE", 1),
        (ACCOUNT, REGION, "orders", at("2024-03-31 23:00:00"), "REMOVE", 1),
    ]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2024-03-01 08:59:59.999999", []),
        ("2024-03-01 09:00:00", ['{"id":"order-1","note":"a","total":1}']),
        ("2024-03-01 10:00:00", ['{"id":"order-0","total":5}', '{"id":"order-1","note":"a","total":2}']),
        ("2024-03-01 10:00:01", ['{"id":"order-0","total":5}', '{"id":"order-1","note":"b"}']),
        ("2024-03-02 00:00:00", ['{"id":"order-0","total":5}', '{"id":"order-1","total":7}']),
        ("2024-03-31 23:59:59", ['{"id":"order-1","total":7}']),
        ("2024-04-01 00:00:00", []),
    ],
)
def test_state_at_each_step_of_the_story(lake, moment, expected):
    found = lake.rows("state_at", source="changes", moment=moment)
    assert sorted(row[4] for row in found if row[1:3] == (REGION, "orders")) == expected


def test_current_state_holds_every_table(lake):
    assert sorted(lake.rows("current_state", source="changes")) == [
        (ACCOUNT, "eu-west-1", "orders", '{"id":"order-1"}', order(total=1)),
        (ACCOUNT, REGION, "customers", '{"id":"order-1"}', '{"id":"order-1","name":"it\'s"}'),
    ]


@pytest.mark.parametrize("statement", READING)
@pytest.mark.parametrize("source", ["changes", "recent"])
def test_empty_lake_returns_no_rows(tmp_path, statement, source):
    lake = duck.Lake(tmp_path)
    assert ask(lake, statement, source=source) == []


@pytest.mark.parametrize("statement", ["merge", "merge_export"])
def test_merge_from_an_empty_landing_inserts_nothing(tmp_path, statement):
    needed = {"merge": ["landing", "changes", "from", "to"], "merge_export": ["exports", "changes", "export"]}
    lake = duck.Lake(tmp_path)
    assert lake.rows(statement, **{name: TABLES[name] for name in needed[statement]}) == [(0,)]


def ask(lake, statement, **other):
    given = {**TABLES, **other}
    return lake.rows(statement, **{name: given[name] for name in READING[statement]})


def order(**attributes):
    members = ",".join(f'"{name}":{value!r}'.replace("'", '"') for name, value in attributes.items())
    return f'{{"id":"order-1",{members}}}'


def at(text):
    return datetime.fromisoformat(text)
