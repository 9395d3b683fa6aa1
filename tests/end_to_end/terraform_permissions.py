"""The function's policy on an emulator that enforces policies: it permits each call of the function, and no other.

A user has the policy that the module gives to the function's role, and makes the calls that the function and its mapping
make. Then each action is removed in turn: a call must be denied, or the action is not needed.
"""

import json
import shutil
import sys
import time

from botocore.exceptions import ClientError

import emulator
import say
import terraform
import tools

FOLDER = tools.ROOT / "target" / "permissions"
PACKAGE = terraform.MODULE / "tests" / "bootstrap.zip"
USER = "function"
DENIED = {"AccessDenied", "AccessDeniedException", "403"}
ARGUMENTS = {
    "name": "permitted",
    "function_zip": str(PACKAGE),
    "sinks": ["cloudwatch_logs", "firehose", "s3", "eventbridge"],
    "sink_options": {"eventbridge": {"bus": "orders"}},
    "quarantine_prefix": "kept/",
}


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with emulator.running(FOLDER, AUTH="true") as aws:
        aws.client("events").create_event_bus(Name="orders")
        outputs = applied(aws)
        iam = aws.client("iam")
        iam.create_user(UserName=USER)
        key = iam.create_access_key(UserName=USER)["AccessKey"]
        calls = function_calls(outputs, lambda service: aws.client(service, key["AccessKeyId"], key["SecretAccessKey"]))
        policy = as_evaluated(json.loads(outputs["role_policies"]["function"]))
        for bucket in (outputs["lake_bucket"], outputs["failures_bucket"]):
            aws.client("s3").delete_bucket_policy(Bucket=bucket)  # it denies HTTP, which the emulator serves
        with say.step(f"{len(calls)} calls under the policy, then under the policy without each action"):
            attach(iam, policy)
            expect("denied under the whole policy", [], [name for name in calls if denied(calls[name])])
            expect("permitted beside the policy", [], [name for name, call in other_calls(outputs, aws, key).items() if not denied(call)])
            expect("actions that nothing needs", [], [action for action in actions(policy) if not needed(action, iam, policy, calls)])
    print(f"permissions: {len(calls)} calls need each of the {len(actions(policy))} actions, and others are denied")


def applied(aws):
    stack = terraform.Terraform(FOLDER, aws.endpoint)
    stack.write_root(ARGUMENTS)
    stack.init()
    stack.apply()
    return stack.outputs()


def as_evaluated(policy):
    """The emulator evaluates log groups without the `:*` of their ARNs, and streams and buses without a resource."""
    return {**policy, "Statement": [{**statement, "Resource": resources(statement)} for statement in policy["Statement"]]}


def resources(statement):
    service = statement["Action"][0].split(":")[0]
    if service == "logs":
        return [*statement["Resource"], *(arn.removesuffix(":*") for arn in statement["Resource"])]
    return ["*"] if service in ("dynamodb", "events") else statement["Resource"]


def function_calls(outputs, client):
    """Name => a call that the function or its mapping makes."""
    logs, streams, s3 = client("logs"), client("dynamodbstreams"), client("s3")
    group, own = outputs["sink_log_groups"]["cloudwatch_logs"], outputs["log_group"]
    stream, failures, lake = outputs["stream_arn"], outputs["failures_bucket"], outputs["lake_bucket"]
    mapping = outputs["event_source_mapping_uuids"]["main"]
    firehose = outputs["firehose_streams"]["firehose"]
    events = [{"timestamp": int(time.time() * 1000), "message": "{}"}]

    def log_stream(name):
        return lambda: logs.create_log_stream(logGroupName=name, logStreamName=str(time.monotonic_ns()))

    return {
        "write own logs": log_stream(own),
        "put own logs": lambda: logs.put_log_events(logGroupName=own, logStreamName="own", logEvents=events),
        "describe the stream": lambda: streams.describe_stream(StreamArn=stream),
        "read the stream": lambda: streams.get_records(ShardIterator=iterator(streams, stream)),
        "list streams": lambda: streams.list_streams(TableName=outputs["table_name"]),
        "create a log stream": log_stream(group),
        "describe log streams": lambda: logs.describe_log_streams(logGroupName=group),
        "put log events": lambda: logs.put_log_events(logGroupName=group, logStreamName="sink", logEvents=events),
        "describe the delivery stream": lambda: client("firehose").describe_delivery_stream(DeliveryStreamName=firehose),
        "put records": lambda: client("firehose").put_record_batch(DeliveryStreamName=firehose, Records=[{"Data": b"1\n"}]),
        "put an object": lambda: s3.put_object(Bucket=lake, Key="changes/1", Body=b"1"),
        "find the lake": lambda: s3.head_bucket(Bucket=lake),
        "put events": lambda: client("events").put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}", "EventBusName": "orders"}]),
        "describe the bus": lambda: client("events").describe_event_bus(Name="orders"),
        "keep a failed batch": lambda: s3.put_object(Bucket=failures, Key=f"aws/lambda/{mapping}/1", Body=b"1"),
        "quarantine a record": lambda: s3.put_object(Bucket=failures, Key="kept/date=2026-01-01/sink=s3/1.jsonl", Body=b"1"),
        "find the failures bucket": lambda: s3.head_bucket(Bucket=failures),
    }


def iterator(streams, stream):
    shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    return streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]


def other_calls(outputs, aws, key):
    """Calls that the function never makes."""
    s3 = aws.client("s3", key["AccessKeyId"], key["SecretAccessKey"])
    return {
        "put beside the prefix": lambda: s3.put_object(Bucket=outputs["lake_bucket"], Key="other/1", Body=b"1"),
        "read an object": lambda: s3.get_object(Bucket=outputs["lake_bucket"], Key="changes/1"),
        "delete an object": lambda: s3.delete_object(Bucket=outputs["lake_bucket"], Key="changes/1"),
        "read the table": lambda: aws.client("dynamodb", key["AccessKeyId"], key["SecretAccessKey"]).scan(TableName=outputs["table_name"]),
    }


def actions(policy):
    """Each action with the statement that permits it."""
    return [(statement["Sid"], action) for statement in policy["Statement"] for action in statement["Action"]]


def needed(action, iam, policy, calls):
    attach(iam, without(policy, *action))
    return any(denied(call) for call in calls.values())


def without(policy, sid, action):
    statements = [
        {**statement, "Action": [kept for kept in statement["Action"] if (statement["Sid"], kept) != (sid, action)]}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": [statement for statement in statements if statement["Action"]]}


def attach(iam, policy):
    iam.put_user_policy(UserName=USER, PolicyName="function", PolicyDocument=json.dumps(policy))


def denied(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] in DENIED
    return False


def expect(what, expected, found):
    if found != expected:
        raise say.Failure(f"{what}: {found}")


if __name__ == "__main__":
    try:
        main()
    except say.Failure as failure:
        sys.exit(f"permissions: {failure}")
