"""Step Functions, as far as the merge's state machine uses it: every state type and field in it, and no other.

An unknown state type or field fails, so that the definition cannot use what is not tried here. JSONata is evaluated by
a port of the reference engine. Time is virtual: an execution is a generator that yields the moment it waits for.
"""

import hashlib
import itertools
import json
import re
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import jsonata
import statements

FIELDS = {
    "Wait": {"Type", "Comment", "Seconds", "Assign", "Next"},
    "Task": {"Type", "Comment", "Resource", "Arguments", "Retry", "Assign", "Output", "Next"},
    "Choice": {"Type", "Comment", "Choices", "Default"},
    "Pass": {"Type", "Comment", "Assign", "Next"},
    "Succeed": {"Type", "Comment"},
    "Fail": {"Type", "Comment", "Error", "Cause"},
}
PARTITION = "arn:aws:states:::aws-sdk:"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:changefan-lake"
START = datetime(2024, 3, 5, 10, 0, tzinfo=timezone.utc)


class ServiceError(Exception):
    """A call that the service refused; the state's Retry decides what follows."""


def definition(since="2024-01-01", window_days=1, unmerged_days=30):
    """Rendered as Terraform renders it: `${name}` is a variable, `$${name}` stays for the state machine."""
    plan = rendered("plan.jsonata", since=since, window_days=window_days, unmerged_days=unmerged_days)
    texts = {name: statement(name) for name in ("create", "merge", "optimize", "vacuum", "unmerged")}
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "MaxAttempts": 5, "BackoffRate": 2, "JitterStrategy": "FULL"}]
    text = rendered(
        "merge.asl.json", partition="aws", name="changefan", database="changefan", workgroup="changefan-merges",
        parameter="/changefan/lake/merged", retry=json.dumps(retry), statements=json.dumps(texts),
        steps=json.dumps("{% " + plan + " %}"),
    )  # fmt: skip
    return json.loads(text)


def rendered(file, /, **values):
    text = (statements.TRINO / file).read_text()
    return re.sub(r"(\$?)\$\{(\w+)\}", lambda m: "${" + m[2] + "}" if m[1] else str(values[m[2]]), text)


def statement(name):
    text = statements.bare((statements.TRINO / f"{name}.sql").read_text()).strip()
    names = {"database": "changefan", "changes": "changes", "landing": "landing", "location": "s3://tables/iceberg/changes/"}
    for parameter, value in {**names, "snapshot_seconds": "604800"}.items():
        text = text.replace("${" + parameter + "}", value)
    return text


class StepFunctions:
    """Runs executions of one definition against `services`: name of an API call => function of its arguments."""

    def __init__(self, definition, services):
        self.definition = definition
        self.services = {**services, "sfn:listExecutions": self.list_executions}
        self.now = START
        self.executions = []

    def list_executions(self, arguments):
        assert arguments == {"StateMachineArn": MACHINE, "StatusFilter": "RUNNING"}
        running = [run for run in self.executions if run.status == "RUNNING"]
        return {"Executions": [{"ExecutionArn": run.arn, "StartDate": iso(run.started)} for run in running]}

    def start(self, input=None, after=0):
        """An execution that starts `after` seconds from now."""
        number = len(self.executions) + 1
        arn = f"{MACHINE.replace('stateMachine', 'execution')}:{number:08d}-0000-4000-8000-000000000000"
        run = SimpleNamespace(arn=arn, status="PENDING", started=self.now + timedelta(seconds=after), path=[], input=input or {})
        run.steps = self.steps(run)
        run.wakes = run.started
        self.executions.append(run)
        return run

    def run_all(self):
        """Until every execution has ended, in the order of their times."""
        while alive := [run for run in self.executions if run.status in ("PENDING", "RUNNING")]:
            run = min(alive, key=lambda run: (run.wakes, run.arn))
            self.now = max(self.now, run.wakes)
            run.status = "RUNNING"
            self.advance(run)

    def advance(self, run):
        try:
            run.wakes = next(run.steps)
        except StopIteration:
            pass

    def abort(self, run):
        run.status = "ABORTED"

    def steps(self, run):
        name, data, variables = self.definition["StartAt"], run.input, {}
        deadline = run.started + timedelta(seconds=self.definition["TimeoutSeconds"])
        while name:
            state = self.definition["States"][name]
            assert set(state) <= FIELDS[state["Type"]], f"{name} has fields that are not modelled"
            run.path.append(name)
            scope = Scope(self, run, data, variables)
            if state["Type"] == "Wait":
                yield self.now + timedelta(seconds=scope.value(state["Seconds"]))
                if self.now > deadline:
                    return self.end(run, "TIMED_OUT")
            if state["Type"] == "Task":
                yield from self.task(state, scope)
                data = scope.value(state["Output"]) if "Output" in state else scope.result
            if state["Type"] == "Fail":
                run.cause = scope.value(state["Cause"])
                return self.end(run, "FAILED")
            if state["Type"] == "Succeed":
                return self.end(run, "SUCCEEDED")
            rule = self.chosen(state, scope) if state["Type"] == "Choice" else state
            variables.update({name: scope.value(value) for name, value in rule.get("Assign", {}).items()})
            name = rule["Next"]

    def end(self, run, status):
        run.status, run.ended = status, self.now

    def chosen(self, state, scope):
        for rule in state["Choices"]:
            assert set(rule) <= {"Condition", "Assign", "Next"}
            if scope.value(rule["Condition"]) is True:
                return rule
        return {"Next": state["Default"]}

    def task(self, state, scope):
        [retry] = state["Retry"]
        for attempt in itertools.count():
            try:
                call = state["Resource"].removeprefix(PARTITION)
                scope.result = self.services[call](scope.value(state["Arguments"]))
                return
            except ServiceError:
                if attempt == retry["MaxAttempts"]:
                    raise
                yield self.now + timedelta(seconds=retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt)


class Scope:
    """What an expression sees: `$states`, and the variables that were assigned."""

    def __init__(self, machine, run, data, variables):
        self.run, self.data, self.variables, self.result = run, data, variables, None
        execution = {"Id": run.arn, "StartTime": iso(run.started)}
        self.context = {"Execution": execution, "StateMachine": {"Id": MACHINE}, "State": {"EnteredTime": iso(machine.now)}}

    def value(self, template):
        if isinstance(template, dict):
            return {name: self.value(member) for name, member in template.items()}
        if isinstance(template, list):
            return [self.value(member) for member in template]
        if isinstance(template, str) and template.startswith("{%"):
            return self.evaluated(template.removeprefix("{%").removesuffix("%}"))
        return template

    def evaluated(self, text):
        expression = jsonata.Jsonata(text)
        expression.register_lambda("hash", lambda content, _: hashlib.sha256(content.encode()).hexdigest())
        states = {"input": self.data, "result": self.result, "context": self.context}
        found = expression.evaluate(None, {"states": states, **self.variables})
        assert found is not None, f"undefined: {text}"
        return found


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"
