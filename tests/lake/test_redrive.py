"""`changefan redrive` over the emulator's S3: what the function gave up and quarantined arrives with the ids that it had at first."""

import gzip
import json
import os
import subprocess
import uuid

import emulator
import failures
import function
import pytest
import rows

OTHERS = "us-east-1:111111111111:customers"
UNDECODABLE = "found another `eventName` of 6 bytes, expected INSERT, MODIFY or REMOVE"
EARLIER = "a reason that an earlier version gave"


class Lake:
    """The objects of the `s3` sink in a separate bucket."""

    def __init__(self, aws):
        self.client, self.bucket = aws.client("s3"), f"lake-{uuid.uuid4()}"
        self.client.create_bucket(Bucket=self.bucket)
        self.variables = {"SINKS": "s3", "S3_BUCKET": self.bucket}

    def lines(self):
        found = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        bodies = [self.client.get_object(Bucket=self.bucket, Key=object["Key"])["Body"].read() for object in found]
        return [line for body in bodies for line in gzip.decompress(body).decode().splitlines()]


class Folder:
    """The objects of the `file` sink."""

    def __init__(self, folder):
        self.folder, self.variables = folder, {"SINKS": "file", "FILE_DIR": str(folder)}

    def lines(self):
        return function.written(self.folder)


@pytest.fixture(params=["s3", "file"])
def sink(request, aws, tmp_path):
    return Lake(aws) if request.param == "s3" else Folder(tmp_path)


@pytest.fixture
def kept(aws, sink):
    """The failures bucket. The function itself quarantines what is set aside; an earlier version gave another reason."""
    kept = failures.Failures(aws.client("s3"), f"failures-{uuid.uuid4()}")
    payload = json.dumps({"Records": [*kept.set_aside, kept.rejected]})
    function_of_others = {**variables(aws, sink, kept), "ALLOWED_SOURCES": OTHERS}
    done = subprocess.run([function.EXECUTABLE, "replay", "-"], env=function_of_others, input=payload, capture_output=True, text=True)
    assert (done.returncode, sink.lines()) == (1, []), done.stderr
    [(key, (text, _))] = kept.objects("quarantine/").items()
    lines = [json.loads(line) for line in text.splitlines()]
    # What cannot be decoded comes first.
    assert [line["record"] for line in lines] == [json.dumps(record) for record in (kept.rejected, *kept.set_aside)]
    lines[0]["quarantined"]["reason"] = EARLIER
    kept.put(key, "".join(json.dumps(line) + "\n" for line in lines))
    return kept


def variables(aws, sink, kept):
    quarantine = f"s3://{kept.bucket}/quarantine/"
    return {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": aws.endpoint, "QUARANTINE": quarantine, **emulator.CREDENTIALS, **sink.variables}


def redrive(aws, sink, kept, prefix, *arguments):
    location = f"s3://{kept.bucket}/{prefix}"
    command = [function.EXECUTABLE, "redrive", location, *arguments]
    return subprocess.run(command, env=variables(aws, sink, kept), capture_output=True, text=True)


def expected(records):
    return sorted(rows.lines({"Records": records}))


def test_dry_run_changes_nothing(aws, sink, kept):
    before = kept.objects()
    done = redrive(aws, sink, kept, "", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "104 records of 4 objects would be redriven\n")
    assert (kept.objects(), sink.lines()) == (before, [])


def test_given_up_batches_arrive_with_their_ids(aws, sink, kept):
    quarantined = kept.objects("quarantine/")
    done = redrive(aws, sink, kept, "aws/lambda/")
    name = sink.variables["SINKS"]
    assert (done.returncode, done.stderr) == (0, f"100 records redriven: 100 changes to {name}\n3 objects done\n")
    assert sorted(sink.lines()) == expected(kept.given_up())
    assert kept.objects() == quarantined


def test_rejected_line_stays_with_the_new_reason(aws, sink, kept):
    [(before, (text, _))] = kept.objects("quarantine/").items()
    done = redrive(aws, sink, kept, "quarantine/")
    assert done.returncode == 1, done.stderr
    assert sorted(sink.lines()) == expected(kept.set_aside)
    [(after, (rest, _))] = kept.objects("quarantine/").items()
    was, [now] = json.loads(text.splitlines()[0]), map(json.loads, rest.splitlines())
    assert after != before and after.rsplit("/", 1)[0] == before.rsplit("/", 1)[0]
    reason = now["quarantined"].pop("reason")
    assert (reason, was["quarantined"].pop("reason")) == (UNDECODABLE, EARLIER)
    assert now == was
    assert f"1 object kept:\n- s3://{kept.bucket}/{before}: record 1: {reason}\n" in done.stderr


def test_kept_objects_are_tagged_and_not_read_again(aws, sink, kept):
    before = kept.objects("aws/")
    assert redrive(aws, sink, kept, "aws/lambda/", "--keep").returncode == 0
    tag = [{"Key": "changefan", "Value": "redriven"}]
    assert kept.objects("aws/") == {key: (text, tag) for key, (text, _) in before.items()}
    done = redrive(aws, sink, kept, "aws/lambda/", "--keep")
    assert done.stderr.endswith("0 objects done\n")
    assert sorted(sink.lines()) == expected(kept.given_up())
