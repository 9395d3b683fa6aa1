"""Write the table of docs/changing.md: what a change of a variable does to a deployment, from real plans.

For each case, a deployment is applied on the emulator, and the plan of one change is read. What the plan replaces or
deletes is generated; what is at risk and what to do first is written here, beside the case.

    terraform_changing.py            write the table
    terraform_changing.py --check    fail if a plan differs from the table
"""

import json
import re
import shutil
import sys
from dataclasses import dataclass

import emulator
import say
import terraform
import tools

DOCUMENT = tools.ROOT / "docs" / "changing.md"
PACKAGE = terraform.MODULE / "tests" / "bootstrap.zip"
FOLDER = tools.ROOT / "target" / "changing"
COMMAND = ".tools/bin/python tests/end_to_end/terraform_changing.py"
BEGIN, END = "<!-- generated: changes -->", "<!-- end -->"
# Follows from any change, and holds nothing: left out of the table.
WITHOUT_DATA = {"aws_iam_role_policy", "terraform_data", "aws_cloudwatch_log_stream", "aws_cloudwatch_metric_alarm",
                "aws_cloudwatch_dashboard", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target",
                "aws_sqs_queue_policy", "aws_s3_bucket_notification"}


@dataclass
class Case:
    change: str
    risk: str
    first: str
    before: dict
    after: dict


LAKE = {"sinks": ["s3", "firehose", "cloudwatch_logs"]}
KINESIS = {"stream_source": "kinesis"}
PIPE = {"stream_source": "pipe"}
# What exists beside the module. The ARNs of the tables' streams are known once `create_existing` has created them.
EXISTING = ["existing", "another"]
EXISTING_TABLE = {"table_name": None, "table": {"stream_arn": "STREAM OF existing"}}
EXISTING_STREAM = {**KINESIS, "table_name": None, "kinesis_stream": {"arn": "arn:aws:kinesis:us-east-1:000000000000:stream/existing"}}
FED_STREAM = {**KINESIS, "table_name": None, "table": {"name": "existing"}}
CASES = [
    Case("a `firehose` sink renamed or dropped", "what the delivery stream buffers, for up to `firehose_buffering_seconds`",
         "add the new sink beside the old one and apply; set `enabled = false`, wait for the buffering time, then drop the old one",
         LAKE, {"sinks": ["s3", "lake:firehose", "cloudwatch_logs"]}),
    Case("`stream_source`, from `kinesis` to `dynamodb`", "unread changes in the Kinesis stream, which is deleted",
         "stop the writers, wait until the iterator age is 0, then plan with `-replace`", KINESIS, {"stream_source": "dynamodb"}),
    Case("`kinesis_stream` set, where the module created the stream", "unread changes in the created Kinesis stream, which is deleted",
         "stop the writers, wait until the iterator age is 0, then plan with `-replace`",
         FED_STREAM, {**FED_STREAM, "kinesis_stream": EXISTING_STREAM["kinesis_stream"]}),
    Case("`kinesis_stream.arn`, to another stream", "changes in the old stream that the mapping has not read: the new mapping starts at `starting_position` of the new stream",
         "stop the writers of the old stream, wait until the iterator age is 0, then change the ARN",
         EXISTING_STREAM, {**EXISTING_STREAM, "kinesis_stream": {"arn": EXISTING_STREAM["kinesis_stream"]["arn"].replace("existing", "another")}}),
    Case("`table.stream_arn`, to another stream", "changes in the old stream that the mapping has not read: the new mapping starts at `starting_position` of the new stream",
         "stop the writers of the old table, wait until the iterator age is 0, then change the ARN",
         EXISTING_TABLE, {**EXISTING_TABLE, "table": {"stream_arn": "STREAM OF another"}}),
    Case("`name`", "what the delivery stream buffers, and unread changes of a Kinesis stream; S3 refuses to delete buckets that hold objects",
         "deploy a second instance with the new name, and destroy the first when its iterator age is 0",
         LAKE, {**LAKE, "name": "another"}),
    Case("`stream_source`, from `dynamodb` to `kinesis`", "changes in the table's stream that the mapping has not read",
         "stop the writers, wait until the iterator age is 0, then plan with `-replace`",
         {}, KINESIS),
    Case("`stream_source`, from `dynamodb` to `pipe`", "the position in the stream: the pipe starts at `starting_position`. `TRIM_HORIZON` repeats up to 24 hours of changes, with the same ids; `LATEST` skips what is unread",
         "keep `starting_position = \"TRIM_HORIZON\"`, then plan with `-replace`", {}, PIPE),
    Case("`stream_view_type`", "unread changes in the table's stream, which DynamoDB replaces",
         "stop the writers, wait until the iterator age is 0, then plan with `-replace`; take an export afterwards",
         {}, {"stream_view_type": "NEW_IMAGE"}),
    Case("`enhanced_fan_out`", "the position of the mapping: the new one starts at `starting_position`. `TRIM_HORIZON` repeats changes, with the same ids; `LATEST` skips what is unread",
         "keep `starting_position = \"TRIM_HORIZON\"`", KINESIS, {**KINESIS, "enhanced_fan_out": True}),
    Case("`table_name` or the keys of a created table", "the table; `deletion_protection` refuses its deletion",
         "add the new table to `tables` and copy the items", {}, {"table_name": "renamed"}),
    Case("an entry of `tables` dropped", "the table, which `deletion_protection` protects, and the position of its mapping",
         "wait until the iterator age is 0; keep the table with `terraform state rm`",
         {"table_name": None, "tables": {"main": {"table_name": "orders"}, "customers": {}}},
         {"table_name": None, "tables": {"main": {"table_name": "orders"}}}),
    Case("an `s3` sink renamed", "nothing: objects stay, and new ones have the same prefix, `changes/` or that of the option `prefix`",
         "rename its entry in `sink_options`", LAKE, {"sinks": ["archive:s3", "firehose", "cloudwatch_logs"]}),
    Case("the last `s3` and `firehose` sink dropped", "nothing, as long as the bucket holds an object: S3 refuses to delete it, and the apply fails",
         "name the bucket in `sink_options`, or move it out of the state with `terraform state rm`",
         LAKE, {"sinks": ["cloudwatch_logs"]}),
    Case("a `cloudwatch_logs` sink renamed or dropped", "nothing: the log group is kept outside of Terraform (`keep_log_groups`)",
         "nothing; to use the group again, import it", LAKE, {"sinks": ["s3", "firehose", "audit:cloudwatch_logs"]}),
    Case("single-table form to `tables`, with the key `main`", "nothing", "nothing",
         {}, {"table_name": None, "tables": {"main": {"table_name": "orders"}, "customers": {}}}),
    Case("`starting_position`", "nothing: it has an effect at creation only", "nothing", {}, {"starting_position": "LATEST"}),
    Case("`enabled = false`", "changes older than the stream's retention, 24 hours for DynamoDB Streams", "note when to resume",
         {}, {"enabled": False}),
    Case("`filter_patterns`", "changes that no longer match are not delivered", "nothing",
         {}, {"filter_patterns": ['{"eventName":["INSERT"]}']}),
    Case("`batch_size`, `maximum_batching_window_in_seconds`, `maximum_retry_attempts`, `maximum_record_age_in_seconds`", "nothing", "nothing",
         {}, {"batch_size": 100, "maximum_batching_window_in_seconds": 1, "maximum_retry_attempts": 5, "maximum_record_age_in_seconds": 3600}),
    Case("`alias`", "nothing: the mapping keeps its position", "nothing", {}, {"alias": "live"}),
    Case("`kinesis_shards`", "nothing", "nothing", {**KINESIS, "kinesis_shards": 1}, {**KINESIS, "kinesis_shards": 2}),
    Case("`kinesis_retention_hours` lowered", "records older than the new retention", "wait until the iterator age is below it",
         {**KINESIS, "kinesis_retention_hours": 48}, {**KINESIS, "kinesis_retention_hours": 24}),
    Case("`quarantine = false`", "nothing: the objects stay. A rejected record then fails its batch", "redrive what is quarantined", {}, {"quarantine": False}),
    Case("`failures_bucket` set", "nothing, as long as the created bucket holds an object: S3 refuses to delete it, and the apply fails",
         "redrive or copy what it holds, then empty it", {}, {"failures_bucket": {"name": "existing-failures"}}),
    Case("`lake_expiration_days`, `failures_expiration_days`", "objects older than that, within a day", "check what readers and redrive still need",
         LAKE, {**LAKE, "lake_expiration_days": 30}),
    Case("`kms_key`", "nothing; existing objects keep their key, which must stay enabled", "keep the old key for as long as its objects",
         LAKE, {**LAKE, "kms_key": {"arn": "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}),
    Case("`firehose_compression`, `firehose_buffering_seconds`, `firehose_buffering_mib`", "nothing", "nothing",
         LAKE, {**LAKE, "firehose_compression": "UNCOMPRESSED", "firehose_buffering_seconds": 300}),
    Case("`object_lock`", "nothing; with `COMPLIANCE`, no object can be deleted before its time", "test with `GOVERNANCE`",
         LAKE, {**LAKE, "object_lock": {"lake": {"mode": "GOVERNANCE", "days": 1}}}),
]


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "run").mkdir(parents=True)
    with emulator.running(FOLDER / "run") as aws:
        arns = create_existing(aws)
        rows = [row for rows in terraform.at_once(lambda group: plans(group, aws, arns), grouped(CASES)) for row in rows]
    text = with_table(DOCUMENT.read_text(), rows)
    if sys.argv[1:] != ["--check"]:
        DOCUMENT.write_text(text)
    elif text != DOCUMENT.read_text():
        raise say.Failure(f"the plans differ from the table in docs/changing.md; run {COMMAND}")
    print(f"changing: {len(rows)} changes planned; docs/changing.md is current")


def create_existing(aws):
    """Placeholder => ARN of the stream of each existing table."""
    arns = {}
    for name in EXISTING:
        aws.client("kinesis").create_stream(StreamName=name, ShardCount=1)
        created = aws.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        arns[f"STREAM OF {name}"] = created["TableDescription"]["LatestStreamArn"]
    return arns


def grouped(cases):
    """Cases with one deployment before the change share it."""
    groups = {}
    for case in cases:
        groups.setdefault(json.dumps(case.before), []).append(case)
    return sorted(groups.values(), key=len, reverse=True)


def plans(cases, aws, arns):
    folder = FOLDER / f"deployment-{CASES.index(cases[0])}"
    folder.mkdir()
    base = {"name": f"changing-{CASES.index(cases[0])}", "function_zip": str(PACKAGE), "table_name": f"orders-{CASES.index(cases[0])}"}
    stack = terraform.Terraform(folder, aws.endpoint)
    with say.step(f"deployment {json.dumps(cases[0].before)[:40]}, {len(cases)} changes"):
        stack.write_root({**base, **adapted(cases[0].before, base, arns)})
        stack.init()
        stack.apply()
        return [(CASES.index(case), row(case, planned(stack, {**base, **adapted(case.after, base, arns)}))) for case in cases]


def adapted(arguments, base, arns):
    """Table names are global on the emulator, and ARNs of streams have a time."""
    text = json.dumps(arguments).replace('"orders"', json.dumps(base["table_name"]))
    for placeholder, arn in arns.items():
        text = text.replace(placeholder, arn)
    return json.loads(text)


def planned(stack, arguments):
    stack.write_root(arguments)
    refused, plan = stack.plan()
    if refused:
        refused, plan = refused, stack.plan("-replace=module.changefan.terraform_data.deployed[\"main\"]")[1]
    return refused, plan


def row(case, outcome):
    refused, plan = outcome
    effects = effects_of(plan)
    verdict = f"**refused**; with `-replace`: {effects}" if refused else effects
    return f"| {case.change} | {verdict} | {case.risk} | {case.first} |"


def effects_of(plan):
    found = {}
    for change in plan.get("resource_changes", []):
        actions = tuple(change["change"]["actions"])
        verb = {("create",): "creates", ("delete",): "deletes", ("update",): "updates"}.get(actions, "replaces" if len(actions) == 2 else None)
        if verb and change["type"] not in WITHOUT_DATA and not (verb == "updates" and not terraform.unexpected(change)):
            found.setdefault(verb, set()).add(kind(change["type"]))
    order = ["replaces", "deletes", "creates", "updates"]
    return "; ".join(f"{verb} {', '.join(sorted(shown(found[verb])))}" for verb in order if verb in found) or "nothing"


def shown(kinds):
    """The settings of a bucket follow the bucket."""
    return {name for name in kinds if not ("`s3_bucket`" in kinds and name.startswith("`s3_bucket_"))}


def kind(resource_type):
    return f"`{resource_type.removeprefix('aws_')}`"


def with_table(text, rows):
    lines = ["| change | plan | at risk | first |", "|---|---|---|---|", *(text for _, text in sorted(rows))]
    return re.sub(rf"{BEGIN}\n.*?{END}", lambda _: f"{BEGIN}\n" + "\n".join(lines) + f"\n{END}", text, flags=re.DOTALL)


if __name__ == "__main__":
    try:
        main()
    except say.Failure as failure:
        sys.exit(f"changing: {failure}")
