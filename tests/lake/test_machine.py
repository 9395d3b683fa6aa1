"""The state machine of the scheduled MERGE, walked state by state, with MERGEs that really run."""

import copy
from datetime import timedelta

import athena
import duck
import machine
import past
import pytest
from machine import START, StepFunctions
from story import Story


@pytest.fixture
def story(tmp_path):
    """One change on each of the days 2024-03-01 to 2024-03-05; runs start on 2024-03-05."""
    story = Story(tmp_path)
    for day in range(1, 6):
        story.put("orders", f"order-{day}", f"2024-03-0{day} 09:00:00", {"total": day})
    return story


def world(story, definition=None, merged="2024-03-04"):
    service = athena.Athena(duck.Lake(story.folder), merged)
    functions = StepFunctions(definition or machine.definition(), {})
    functions.services.update(service.services(lambda: functions))
    return functions, service


def test_first_run_merges_month_by_month_and_maintains(story):
    functions, service = world(story, merged="2024-01-01")
    run = functions.start()
    functions.run_all()
    assert (run.status, service.merged, service.lake.count("changes")) == ("SUCCEEDED", "2024-03-05", (5, 5))
    assert service.texts() == [
        "create", "merge 2024-01-01 2024-01-30", "merge 2024-01-31 2024-02-29", "merge 2024-03-01 2024-03-05",
        "optimize", "optimize", "optimize", "vacuum", "unmerged",
    ]  # fmt: skip


def test_run_walks_these_states_in_this_order(story):
    functions, service = world(story, merged="2024-03-05")
    service.seconds = 1
    run = functions.start()
    functions.run_all()
    query = ["StartQuery", "WaitForQuery", "LookAtQuery", "IsQueryDone"]
    opening = ["Settle", "ListRuns", "IsFirstRun", "ListQueries", "HasQueries", "ReadProgress", "Plan"]
    assert run.path == opening + query + ["HasMoreSteps"] + query + ["RecordProgress", "HasMoreSteps", "Done"]
    assert service.texts() == ["create", "merge 2024-03-04 2024-03-05"]


def test_every_state_is_walked_by_some_run(story):
    functions, service = world(story)
    service.faults = [("VACUUM", "ICEBERG_VACUUM_MORE_RUNS_NEEDED: more files remain")]
    functions.start()
    functions.start(after=60)
    functions.run_all()
    functions.start(after=3600)
    service.faults = [("MERGE", "conflict")] * 3
    functions.run_all()
    walked = {name for run in functions.executions for name in run.path}
    assert walked == set(functions.definition["States"])


def test_window_starts_at_the_last_merge_minus_window_days(story):
    functions, service = world(story, machine.definition(window_days=3), merged="2024-03-05")
    functions.start()
    functions.run_all()
    assert service.texts() == ["create", "merge 2024-03-02 2024-03-05"]


def test_window_never_starts_before_since(story):
    functions, service = world(story, machine.definition(since="2024-03-05"), merged="2024-03-05")
    functions.start()
    functions.run_all()
    assert service.texts() == ["create", "merge 2024-03-05 2024-03-05"]


def test_requested_window_is_merged_in_addition(story):
    functions, service = world(story, merged="2024-03-05")
    functions.start({"from": "2024-03-01", "to": "2024-03-02"})
    functions.run_all()
    assert service.texts() == ["create", "merge 2024-03-01 2024-03-02", "merge 2024-03-04 2024-03-05"]
    assert service.merged == "2024-03-05" and service.lake.count("changes") == (4, 4)


def test_requested_window_is_no_progress(story):
    """After an outage, a window that was merged by hand must not hide the days of the outage."""
    functions, service = world(story, merged="2024-03-02")
    service.faults = [("MERGE", "conflict")] * 3
    functions.start({"from": "2024-01-01", "to": "2024-01-02"})
    functions.run_all()
    assert service.merged == "2024-03-02"


def test_maintenance_runs_once_per_day_or_on_request(story):
    functions, service = world(story, merged="2024-03-04")
    functions.start()
    functions.run_all()
    functions.start(after=3600)
    functions.run_all()
    functions.start({"maintain": True}, after=7200)
    functions.run_all()
    functions.start(after=24 * 3600)
    functions.run_all()
    assert [text.split()[0] for text in service.texts()] == [
        "create", "merge", "optimize", "vacuum", "unmerged",
        "create", "merge",
        "create", "merge", "optimize", "vacuum", "unmerged",
        "create", "merge", "optimize", "vacuum", "unmerged",
    ]  # fmt: skip


def test_second_run_ends_while_the_first_is_active(story):
    functions, service = world(story, merged="2024-03-05")
    first, second = functions.start(), functions.start(after=30)
    functions.run_all()
    assert second.path == ["Settle", "ListRuns", "IsFirstRun", "AnotherRunIsActive"]
    assert (first.status, second.status) == ("SUCCEEDED", "SUCCEEDED")
    assert service.texts() == ["create", "merge 2024-03-04 2024-03-05"]


def test_of_runs_that_start_together_one_continues(story):
    functions, service = world(story, merged="2024-03-05")
    runs = [functions.start() for _ in range(3)]
    functions.run_all()
    assert [run.path[-1] for run in runs] == ["Done", "AnotherRunIsActive", "AnotherRunIsActive"]
    assert service.lake.count("changes") == (2, 2)


def test_without_the_one_run_rule_changes_are_inserted_twice(story):
    careless = copy.deepcopy(machine.definition())
    careless["States"]["IsFirstRun"]["Default"] = "ListQueries"
    careless["States"]["IsAnyQueryActive"]["Choices"] = []
    functions, service = world(story, careless, merged="2024-03-05")
    functions.start(), functions.start(after=1)
    functions.run_all()
    assert service.lake.count("changes") == (4, 2)


def test_query_of_a_stopped_run_is_waited_for(story):
    functions, service = world(story, merged="2024-03-05")
    service.seconds = 600
    stopped = functions.start()
    while "merge 2024-03-04 2024-03-05" not in service.texts():
        functions.now = max(functions.now, stopped.wakes)
        stopped.status = "RUNNING"
        functions.advance(stopped)
    functions.abort(stopped)
    second = functions.start(after=60)
    functions.run_all()
    third = functions.start(after=3600)
    functions.run_all()
    assert second.path[-2:] == ["IsAnyQueryActive", "AnotherRunIsActive"]
    assert third.path[-1] == "Done" and service.lake.count("changes") == (2, 2)


def test_lost_answer_does_not_start_a_second_query(story):
    functions, service = world(story, merged="2024-03-05")
    service.faults = [("MERGE", "call")] * 3
    run = functions.start()
    functions.run_all()
    assert run.status == "SUCCEEDED" and service.texts() == ["create", "merge 2024-03-04 2024-03-05"]


def test_failed_query_is_repeated_after_it_has_ended(story):
    functions, service = world(story, merged="2024-03-05")
    service.faults = [("MERGE", "ICEBERG_COMMIT_ERROR: conflict")] * 2
    run = functions.start()
    functions.run_all()
    merges = [query for query in service.queries if query.text.startswith("MERGE")]
    assert run.status == "SUCCEEDED" and [query.state for query in merges] == ["FAILED", "FAILED", "SUCCEEDED"]
    assert len({query.token for query in service.queries}) == len(service.queries)
    assert service.lake.count("changes") == (2, 2)


def test_failing_merge_is_visible_and_the_next_run_catches_up(story):
    functions, service = world(story, merged="2024-03-03")
    service.faults = [("MERGE", "no space left")] * 3
    failed = functions.start()
    functions.run_all()
    assert failed.status == "FAILED" and service.merged == "2024-03-03"
    assert failed.cause == (
        "the query q-3 (merge from 2024-03-02 to 2024-03-05) ended as FAILED: no space left; the next run merges the same days again"
    )
    run = functions.start(after=24 * 3600)
    functions.run_all()
    assert run.status == "SUCCEEDED" and service.lake.count("changes") == (4, 4)


@pytest.mark.parametrize("days", [1, 29, 30, 31, 100, 800])
def test_next_run_catches_up_however_long_it_was_broken(story, days):
    functions, service = world(story, machine.definition(since="2020-01-01"), merged="2024-03-05")
    functions.start(after=days * 24 * 3600)
    functions.run_all()
    windows = [text.split()[1:] for text in service.texts() if text.startswith("merge")]
    covered = [day for first, last in windows for day in days_between(first, last)]
    assert covered == days_between("2024-03-04", f"{START + timedelta(days=days):%Y-%m-%d}")
    assert max(len(days_between(*window)) for window in windows) <= 30


def test_run_that_times_out_keeps_the_windows_it_has_merged(story):
    functions, service = world(story, merged="2024-01-01")
    service.seconds = 4000
    run = functions.start()
    functions.run_all()
    assert run.status == "TIMED_OUT" and service.merged == "2024-01-30"


def test_athena_that_asks_for_more_runs_gets_them(story):
    functions, service = world(story, merged="2024-03-04")
    service.faults = [("OPTIMIZE", "ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED")] * 4 + [("VACUUM", "ICEBERG_VACUUM_MORE_RUNS_NEEDED: 1000")] * 9
    run = functions.start()
    functions.run_all()
    assert run.status == "SUCCEEDED"
    assert [service.texts().count(text) for text in ("optimize", "vacuum")] == [5, 10]


def test_unmerged_reports_days_that_no_merge_covers_any_more(story):
    """The change of March 1 landed late: it is before the window, and counted until its window is requested."""
    functions, service = world(story, merged="2024-03-04")
    service.lake.merge("2024-03-02", "2024-03-02")
    functions.start()
    functions.run_all()
    assert reported(service) == [1]
    functions.start({"from": "2024-03-01", "to": "2024-03-01", "maintain": True}, after=3600)
    functions.run_all()
    assert reported(service) == [1, 0]
    assert service.metrics[0]["Namespace"] == "changefan"
    assert service.metrics[0]["MetricData"][0]["Dimensions"] == [{"Name": "FunctionName", "Value": "changefan"}]


def test_unmerged_is_reported_over_an_empty_lake(tmp_path):
    functions, service = world(Story(tmp_path), merged="2024-03-04")
    functions.start()
    functions.run_all()
    assert reported(service) == [0]


def test_hourly_runs_merge_a_whole_past_exactly_once(made):
    """Objects of the past land before the first run; runs of every hour over its days merge each change once."""
    service = athena.Athena(duck.Lake(made.folder), "2024-02-28")
    functions = StepFunctions(machine.definition(since="2024-02-01"), {})
    functions.services.update(service.services(lambda: functions))
    functions.now = START.replace(day=1)
    for hour in range(0, 24 * 6, 7):
        functions.start(after=hour * 3600)
    functions.run_all()
    captured = len(made.history.captured()) + 7
    assert service.lake.count("changes") == (captured, captured)
    moment = past.moment_text(made.moments(13)[6])
    assert service.lake.state(moment, "changes") == service.lake.state(moment, "recent")


def days_between(first, last):
    from datetime import date

    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [str(start + timedelta(days=index)) for index in range((end - start).days + 1)]


def reported(service):
    return [given["MetricData"][0]["Value"] for given in service.metrics]
