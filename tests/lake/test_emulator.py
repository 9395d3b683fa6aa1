"""The state machine on an AWS emulator: every task is a call that it knows, with arguments that it takes.

The emulator's Athena has neither Iceberg nor MERGE, so that every statement is replaced by a query. What the
statements do is shown by test_machine.py, what the waits are for as well: they are short here.
"""

import json
import time
from datetime import datetime, timedelta, timezone

import machine
import pytest

PARAMETER = "/changefan/lake/merged"
ROLE = "arn:aws:iam::000000000000:role/merge"
SECONDS = 60


@pytest.fixture(scope="module")
def state_machine(aws):
    aws.client("s3").create_bucket(Bucket="results")
    aws.client("glue").create_database(DatabaseInput={"Name": "changefan"})
    output = {"ResultConfiguration": {"OutputLocation": "s3://results/"}}
    aws.client("athena").create_work_group(Name="changefan-merges", Configuration=output)
    made = aws.client("stepfunctions").create_state_machine(name="changefan-lake", definition=json.dumps(quick()), roleArn=ROLE)
    return made["stateMachineArn"]


def quick():
    definition = machine.definition(since=f"{datetime.now(timezone.utc) - timedelta(days=40):%Y-%m-%d}")
    for state in definition["States"].values():
        if state["Type"] == "Wait":
            state["Seconds"] = 1
    texts = definition["States"]["Plan"]["Assign"]["statements"]
    texts.update(dict.fromkeys(texts, "SELECT '${from} ${to}' AS span"))
    texts["unmerged"] = 'SELECT * FROM (VALUES (\'2024-01-01\', 3), (\'2024-01-02\', 4)) AS t("date", unmerged)'
    return definition


@pytest.fixture
def progress(aws):
    long_ago = f"{datetime.now(timezone.utc) - timedelta(days=35):%Y-%m-%d}"
    aws.client("ssm").put_parameter(Name=PARAMETER, Value=long_ago, Type="String", Overwrite=True)


def test_run_merges_records_progress_and_reports(aws, state_machine, progress):
    arn = aws.client("stepfunctions").start_execution(stateMachineArn=state_machine, input="{}")["executionArn"]
    assert ended(aws, arn) == "SUCCEEDED", history(aws, arn)
    assert aws.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"] == f"{datetime.now(timezone.utc):%Y-%m-%d}"
    assert walked(aws, arn).count("RecordProgress") == 2, "35 days are two windows"
    assert reported(aws) == 7


def test_run_ends_while_another_is_active(aws, state_machine, progress):
    client = aws.client("stepfunctions")
    first = client.start_execution(stateMachineArn=state_machine, name="first", input="{}")["executionArn"]
    second = client.start_execution(stateMachineArn=state_machine, name="second", input="{}")["executionArn"]
    assert (ended(aws, first), ended(aws, second)) == ("SUCCEEDED", "SUCCEEDED")
    assert sorted(walked(aws, arn)[-1] for arn in (first, second)) == ["AnotherRunIsActive", "Done"]


def test_schedule_starts_a_run(aws, state_machine, progress):
    soon = f"at({datetime.now(timezone.utc) + timedelta(seconds=3):%Y-%m-%dT%H:%M:%S})"
    before = set(executions(aws, state_machine))
    aws.client("scheduler").create_schedule(
        Name="changefan-lake", ScheduleExpression=soon, ScheduleExpressionTimezone="UTC", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": state_machine, "RoleArn": ROLE, "Input": "{}"},
    )  # fmt: skip
    [started] = wait_for(lambda: set(executions(aws, state_machine)) - before)
    assert ended(aws, started) == "SUCCEEDED"
    assert walked(aws, started)[-1] == "Done"


def ended(aws, arn):
    """The status of an execution once it runs no longer."""
    describe = lambda: aws.client("stepfunctions").describe_execution(executionArn=arn)["status"]  # noqa: E731
    return wait_for(lambda: describe() if describe() != "RUNNING" else None)


def wait_for(found):
    give_up = time.monotonic() + SECONDS
    while not (value := found()):
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.3)
    return value


def walked(aws, arn):
    events = history(aws, arn)
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


def history(aws, arn):
    pages = aws.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"]]


def executions(aws, state_machine):
    return [run["executionArn"] for run in aws.client("stepfunctions").list_executions(stateMachineArn=state_machine)["executions"]]


def reported(aws):
    now = datetime.now(timezone.utc)
    points = aws.client("cloudwatch").get_metric_statistics(
        Namespace="changefan", MetricName="Unmerged", Dimensions=[{"Name": "FunctionName", "Value": "changefan"}],
        StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1), Period=60, Statistics=["Maximum"],
    )["Datapoints"]  # fmt: skip
    return max(point["Maximum"] for point in points)
