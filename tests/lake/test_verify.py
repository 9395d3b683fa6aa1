"""`verify` finds every planted difference between the lake and an export, and reports none that is not there."""

import past
import pytest
import rows
from story import ACCOUNT, REGION, Story

FIRST, SECOND_EXPORT = "2024-03-01 12:00:00", "2024-03-02 12:00:00"


@pytest.fixture
def story(tmp_path):
    """Ten items, a first export, and changes of some of them before the second."""
    story = Story(tmp_path)
    for index in range(10):
        story.put("orders", f"order-{index}", "2024-03-01 09:00:00", {"total": index})
    story.export("orders", FIRST)
    story.put("orders", "order-1", "2024-03-01 15:00:00", {"total": 100})
    story.put("orders", "order-2", "2024-03-01 15:00:00", None)
    story.put("orders", "order-10", "2024-03-01 15:00:00", {"total": 10})
    return story


def test_whole_capture_has_no_findings(story):
    assert findings(story) == []


def test_gap_in_capture_is_found_item_by_item(story):
    story.put("orders", "order-3", "2024-03-01 18:00:00", {"total": 300}, captured=False)
    story.put("orders", "order-4", "2024-03-01 18:00:00", None, captured=False)
    story.put("orders", "order-11", "2024-03-01 18:00:00", {"total": 11}, captured=False)
    assert findings(story) == [
        ("different", '{"id":"order-3"}', '{"id":"order-3","total":300}', '{"id":"order-3","total":3}'),
        ("extra", '{"id":"order-4"}', None, '{"id":"order-4","total":4}'),
        ("missing", '{"id":"order-11"}', '{"id":"order-11","total":11}', None),
    ]


def test_gap_before_the_first_export_is_repaired(tmp_path):
    story = Story(tmp_path)
    story.put("orders", "order-1", "2024-03-01 08:00:00", {"total": 1})
    story.put("orders", "order-1", "2024-03-01 09:00:00", {"total": 2}, captured=False)
    story.put("orders", "order-2", "2024-03-01 09:00:00", {"total": 1}, captured=False)
    story.export("orders", FIRST)
    assert findings(story) == []


def test_change_in_the_second_of_the_export_is_listed_apart(story):
    """The export was taken before the change, but both have the same second."""
    story.put("orders", "order-5", "2024-03-02 12:00:00.400000", {"total": 500}, recorded=SECOND_EXPORT)
    assert findings(story) == [
        ("changed near the export", '{"id":"order-5"}', '{"id":"order-5","total":5}', '{"id":"order-5","total":500}')
    ]


@pytest.mark.parametrize("recorded", ["2024-03-02 12:00:01", "2024-03-02 11:59:59"])
def test_clock_off_by_a_second_is_listed_apart_or_equal(story, recorded):
    """The export has the change; the lake has it only if the stream's clock was not ahead."""
    story.put("orders", "order-6", "2024-03-02 11:59:59.900000", {"total": 600}, recorded=recorded)
    ahead = recorded > SECOND_EXPORT
    listed = ("changed near the export", '{"id":"order-6"}', '{"id":"order-6","total":600}', '{"id":"order-6","total":6}')
    assert findings(story) == ([listed] if ahead else [])


def test_clock_behind_at_the_first_export_is_no_finding(tmp_path):
    """A change after the first export whose recorded time is before it: the hour before the export counts."""
    story = Story(tmp_path)
    story.put("orders", "order-1", "2024-03-01 09:00:00", {"total": 1})
    story.export("orders", FIRST)
    story.put("orders", "order-1", "2024-03-01 12:00:00.500000", {"total": 2}, recorded="2024-03-01 11:59:59")
    assert findings(story) == []


def test_change_of_the_same_item_near_and_earlier_gap_is_listed_apart(story):
    """The findings say what can be known: near the export, a lost change looks like a clock that is off."""
    story.put("orders", "order-7", "2024-03-02 11:59:58", {"total": 700}, captured=False)
    story.put("orders", "order-7", "2024-03-02 12:00:02", {"total": 701})
    assert [finding for finding, *_ in findings(story)] == ["changed near the export"]


def test_change_near_the_export_that_both_have_is_no_finding(story):
    story.put("orders", "order-8", "2024-03-02 11:59:57", {"total": 800})
    assert findings(story) == []


def test_list_that_became_a_set_is_of_different_types(story):
    story.put("orders", "order-9", "2024-03-01 15:00:00", {"tags": {"L": [{"S": "a"}]}})
    story.put("orders", "order-9", "2024-03-01 16:00:00", {"tags": {"SS": ["a"]}}, captured=False)
    text = '{"id":"order-9","tags":["a"]}'
    assert findings(story) == [("different types", '{"id":"order-9"}', text, text)]


def test_types_of_the_image_before_are_no_finding(story):
    """The change's `types` describe its old image too; the export has none."""
    story.put("orders", "order-9", "2024-03-01 15:00:00", {"raw": {"B": "AA=="}, "tags": {"SS": ["b", "a"]}})
    story.put("orders", "order-9", "2024-03-01 16:00:00", {"tags": {"SS": ["a", "b"]}})
    story.put("orders", "order-8", "2024-03-01 15:00:00", {"raw": {"B": "AA=="}})
    story.put("orders", "order-8", "2024-03-01 16:00:00", {"raw": 1})
    assert findings(story) == []


def test_other_tables_do_not_enter(story):
    story.put("customers", "order-1", "2024-03-01 15:00:00", {"name": "other"})
    story.put("orders", "order-1", "2024-03-01 16:00:00", {"total": 9}, region="eu-west-1")
    story.put("orders", "order-1", "2024-03-01 16:00:00", {"total": 9}, account="222222222222")
    assert findings(story) == []


def test_two_tables_exported_at_once_are_both_compared(story):
    story.put("customers", "c-1", "2024-03-01 09:00:00", {"name": "a"})
    story.export("customers", FIRST)
    story.put("customers", "c-2", "2024-03-01 19:00:00", {"name": "b"}, captured=False)
    story.put("orders", "order-1", "2024-03-01 19:00:00", {"total": 300}, captured=False)
    story.export("customers", SECOND_EXPORT)
    story.export("orders", SECOND_EXPORT)
    found = story.lake().rows("verify", source="changes", moment=SECOND_EXPORT)
    assert [row[2:4] for row in found] == [("customers", "missing"), ("orders", "different")]


def test_without_an_earlier_export_verify_says_so(tmp_path):
    story = Story(tmp_path)
    story.put("orders", "order-1", "2024-03-01 09:00:00", {"total": 1})
    assert findings(story) == [("no earlier export", None, None, None)]


def test_at_a_moment_without_an_export_verify_says_so(story):
    found = story.lake().rows("verify", source="changes", moment="2024-03-05 00:00:00")
    assert found == [(ACCOUNT, REGION, "orders", "no export", None, None, None)]


def test_export_without_its_snapshot_is_not_compared(story):
    export = story.export("orders", SECOND_EXPORT, snapshot=False)
    found = story.lake().rows("verify", source="changes", moment=past.moment_text(export.at))
    assert found == [(ACCOUNT, REGION, "orders", "no export", None, None, None)]


def test_findings_of_a_random_past_are_the_models(made, merged):
    """The table whose capture had a gap, at its second export: exactly the items in which model and lake differ."""
    [table] = [table for table in made.history.tables if table.name == "gaps"]
    first, second = table.exports
    truth = items_at(table, second.at, lambda change: True)
    in_lake = items_at(table, second.at, lambda change: change.captured or change.at <= first.at)
    differing = {keys for keys in {*truth, *in_lake} if truth.get(keys) != in_lake.get(keys)}
    found = merged.rows("verify", source="changes", moment=past.moment_text(second.at))
    assert {row[4]: row[5:] for row in found} == {keys: (truth.get(keys), in_lake.get(keys)) for keys in differing}
    assert differing and {row[2] for row in found} == {"gaps"}


def items_at(table, moment, seen):
    found = {change.item[3]: rows.image(change.new) for change in table.changes if change.recorded <= moment and seen(change)}
    return {keys: new for keys, new in found.items() if new is not None}


def findings(story):
    """(finding, keys, expected, found) of the table `orders` at its second export."""
    story.export("orders", SECOND_EXPORT)
    found = story.lake().rows("verify", source="changes", moment=SECOND_EXPORT)
    assert {row[:3] for row in found} <= {(ACCOUNT, REGION, "orders")}
    return [row[3:] for row in found]
