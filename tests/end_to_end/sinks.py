"""What each sink of the stack holds now."""

import json
from dataclasses import dataclass

import arrivals


@dataclass(frozen=True)
class Sink:
    where: str
    lines: list
    arrivals: list
    bodies: dict  # objects by key; empty for logs


class Sinks:
    def __init__(self, aws, outputs):
        self.logs, self.s3, self.function = aws.client("logs"), aws.client("s3"), aws.client("lambda")
        self.outputs = outputs
        self.fetched = {}

    def read(self):
        found = {
            "stdout": self._log_group(self.outputs["log_group"]),
            "cloudwatch_logs": self._log_group(self.outputs["sink_log_groups"]["cloudwatch_logs"]),
            "firehose": self._objects(self.outputs["lake_bucket"], "firehose/"),
            "s3": self._objects(self.outputs["lake_bucket"], "changes/"),
        }
        if len(found["stdout"].lines) < len(found["s3"].lines):
            self._invoke_once_more()
        return found

    def _invoke_once_more(self):
        """The emulator can hold the end of an output until the next invocation: an empty batch is one."""
        self.function.invoke(FunctionName=self.outputs["function_name"], Payload=json.dumps({"Records": []}))

    def _log_group(self, name):
        lines = arrivals.log_entries(self.logs, name)
        return Sink(f"log group {name}", lines, [arrivals.from_log_entry(line) for line in lines], {})

    def _objects(self, bucket, prefix):
        keys = arrivals.object_keys(self.s3, bucket, prefix)
        new = [key for key in keys if (bucket, key) not in self.fetched]
        for key, body in zip(new, arrivals.object_bodies(self.s3, bucket, new)):
            self.fetched[bucket, key] = body
        bodies = {key: self.fetched[bucket, key] for key in keys}
        lines = [line for key, body in bodies.items() for line in arrivals.lines_of(body, key)]
        return Sink(f"s3://{bucket}/{prefix}", lines, [arrivals.from_row(line) for line in lines], bodies)
