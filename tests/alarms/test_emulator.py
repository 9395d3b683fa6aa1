"""The alarms on an AWS emulator, as far as it evaluates them, and the path from an on-failure object to its alarm.

The emulator evaluates the latest data as one period and knows no expressions: periods, missing data and silence are
left to test_alarms.
"""

import json
import tempfile
import time
import unittest
from pathlib import Path

import definitions
from deployments import DEPLOYMENTS

# Of tests/end_to_end, which definitions puts on the path.
import emulator
import terraform

SECONDS = 10
ON_FAILURE_KEY = "aws/lambda/0f1e2d3c-0000-4000-8000-000000000000/shardId-1/2026/01/02/2026-01-02T03.04.05-1"


def setUpModule():
    global PLANNED
    PLANNED = {run: definitions.alarms(resources) for run, resources in definitions.planned().items()}


class Emulator(unittest.TestCase):
    def test_alarms_fire_beyond_their_threshold_only(self):
        with tempfile.TemporaryDirectory() as folder, emulator.running(Path(folder)) as aws:
            cloudwatch = aws.client("cloudwatch")
            for run in DEPLOYMENTS:
                for key, alarm in PLANNED[run].items():
                    if not alarm["metric_query"]:
                        with self.subTest(run=run, alarm=key):
                            self.fire(cloudwatch, f"{run}/{key}", alarm)

    def test_on_failure_objects_become_messages(self):
        with tempfile.TemporaryDirectory() as folder, emulator.running(Path(folder)) as aws:
            outputs = deploy(Path(folder), aws)
            s3, sqs = aws.client("s3"), aws.client("sqs")
            for key in (ON_FAILURE_KEY, "quarantine/date=2026-01-02/sink=s3/1.jsonl"):
                s3.put_object(Bucket=outputs["failures_bucket"], Key=key, Body=b"{}")
            messages = received(sqs, outputs["on_failure_queue_url"])
            self.assertEqual([json.loads(body)["detail"]["object"]["key"] for body in messages], [ON_FAILURE_KEY])

    def fire(self, cloudwatch, name, alarm):
        # The emulator ignores dimensions: a namespace per alarm keeps their data apart.
        source = {"Namespace": name, "MetricName": alarm["metric_name"]}
        dimensions = [{"Name": key, "Value": value} for key, value in alarm["dimensions"].items()]
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription=alarm["alarm_description"],
            ComparisonOperator=alarm["comparison_operator"],
            Threshold=alarm["threshold"],
            EvaluationPeriods=alarm["evaluation_periods"],
            DatapointsToAlarm=alarm["datapoints_to_alarm"],
            TreatMissingData=alarm["treat_missing_data"],
            Period=alarm["period"],
            Statistic=alarm["statistic"],
            Dimensions=dimensions,
            **source,
        )
        self.assertEqual(state(cloudwatch, name, "INSUFFICIENT_DATA"), "INSUFFICIENT_DATA")
        below = alarm["comparison_operator"] == "LessThanThreshold"
        for value, expected in ((alarm["threshold"], "OK"), (alarm["threshold"] + (-1 if below else 1), "ALARM")):
            cloudwatch.put_metric_data(
                Namespace=name,
                MetricData=[{"MetricName": alarm["metric_name"], "Dimensions": dimensions, "Value": value}],
            )
            self.assertEqual(state(cloudwatch, name, expected), expected)


def deploy(folder, aws):
    deployment = terraform.Terraform(folder, aws.endpoint)
    package = definitions.ROOT / "terraform" / "tests" / "bootstrap.zip"
    deployment.write_root({"function_zip": str(package), "deletion_protection": False, "force_destroy": True})
    deployment.init()
    deployment.apply()
    return deployment.outputs()


def received(sqs, queue):
    """The bodies of all messages, once there is one and no more follow, or once the time is over."""
    bodies, give_up = [], time.monotonic() + SECONDS
    while time.monotonic() < give_up:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
            "Messages", []
        )
        if bodies and not messages:
            break
        bodies += [message["Body"] for message in messages]
    return bodies


def state(cloudwatch, name, expected):
    """The alarm's state, once it is the expected one or the time is over."""
    give_up = time.monotonic() + SECONDS
    while True:
        found = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]
        if found == expected or time.monotonic() > give_up:
            return found
        time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
