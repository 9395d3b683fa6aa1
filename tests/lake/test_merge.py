"""The MERGE adds each change once, for any windows and any number of runs."""



def test_merge_twice_with_overlapping_windows_adds_nothing(made, lake):
    days = made.days()
    captured = len(made.history.captured()) + OTHERS
    for first, last in zip(days, days[1:]):
        lake.merge(first, last)
    assert lake.count("changes") == (captured, captured)
    assert [lake.merge(first, last) for first, last in zip(days, days[1:])] == [0] * (len(days) - 1)
    assert lake.merge(days[0], days[-1]) == 0
    assert lake.count("changes") == (captured, captured)


def test_merge_of_one_day_takes_that_day_only(made, lake):
    day = made.days()[1]
    lake.merge(day, day)
    [(first, last)] = lake.run('SELECT min("timestamp"), max("timestamp") FROM changes').fetchall()
    assert (f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}") == (day, day)
    assert lake.count("changes")[0] == lake.run(f"SELECT count(*) FROM recent WHERE \"timestamp\"::DATE = '{day}'").fetchone()[0]


def test_changes_equal_recent_in_every_column(made, lake):
    days = made.days()
    lake.merge(days[0], days[-1])
    assert lake.run("(TABLE changes EXCEPT ALL TABLE recent) UNION ALL (TABLE recent EXCEPT ALL TABLE changes)").fetchall() == []


def test_unmerged_counts_per_day_and_then_none(made, lake):
    days = made.days()
    span = {"from": days[0], "to": days[-1]}
    counted = dict(lake.rows("unmerged", landing="landing", changes="changes", **span))
    expected = dict(lake.run("SELECT CAST(\"timestamp\"::DATE AS VARCHAR), count(*) FROM recent GROUP BY 1").fetchall())
    assert counted == expected
    lake.merge(days[0], days[0])
    del expected[days[0]]
    assert dict(lake.rows("unmerged", landing="landing", changes="changes", **span)) == expected
    lake.merge(days[0], days[-1])
    assert lake.rows("unmerged", landing="landing", changes="changes", **span) == []


def test_duplicates_lists_landed_copies_and_no_merged_ones(made, lake):
    days = made.days()
    lake.merge(days[0], days[-1])
    landed, distinct = lake.count("landing")
    copies = lake.rows("duplicates", source="landing")
    assert sum(count - 1 for _, count in copies) == landed - distinct > 0
    assert lake.rows("duplicates", source="recent") == lake.rows("duplicates", source="changes") == []


def test_export_is_merged_in_two_runs_and_snapshot_last(made, lake):
    export = made.history.exports[0]
    assert lake.merge_export(export) == len(export.items)
    assert kinds(lake) == {"READ": len(export.items)}
    assert lake.merge_export(export) == 1
    assert lake.merge_export(export) == 0
    assert kinds(lake) == {"READ": len(export.items), "SNAPSHOT": 1}


def test_snapshot_waits_for_every_read_row(made, lake):
    export = made.history.exports[0]
    lake.merge_export(export)
    lake.run("DELETE FROM changes WHERE change_id = (SELECT max(change_id) FROM changes)")
    lake.run("CREATE VIEW half AS SELECT * FROM exports WHERE change_id IN (SELECT change_id FROM changes) OR operation = 'SNAPSHOT'")
    again = {"changes": "changes", "exports": "half", "export": export.id}
    assert lake.rows("merge_export", **again)[0][0] == 0
    assert kinds(lake) == {"READ": len(export.items) - 1}


def test_late_change_is_found_and_merged_by_its_window(made, lake):
    days = made.days()
    lake.merge(days[0], days[-1])
    [(late, day)] = lake.run("SELECT change_id, CAST(\"timestamp\"::DATE AS VARCHAR) FROM changes LIMIT 1").fetchall()
    lake.run(f"DELETE FROM changes WHERE change_id = '{late}'")
    found = lake.rows("unmerged", landing="landing", changes="changes", **{"from": days[0], "to": days[-1]})
    assert found == [(day, 1)]
    assert lake.merge(day, day) == 1


OTHERS = 7  # the records of payloads.others, those in the aggregate one by one


def kinds(lake):
    return dict(lake.run("SELECT operation, count(*) FROM changes GROUP BY 1").fetchall())
