"""`make destroy` on the emulator: it keeps what holds data, uses it again on the next deployment, and removes it on request."""

import os
import shutil
import subprocess
import sys

import emulator
import say
import terraform
import tools

FOLDER = tools.ROOT / "target" / "destroy"
SCRIPT = tools.ROOT / "scripts" / "destroy.py"
PACKAGE = terraform.MODULE / "tests" / "bootstrap.zip"
# The source mapping is disabled: the emulator creates the function's log group with each invocation, also after `destroy` has removed it.
VARIABLES = {"function_zip": str(PACKAGE), "sinks": '["s3", "cloudwatch_logs"]', "lake": "{}", "enabled": "false"}


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with emulator.running(FOLDER) as aws:
        stack = terraform.Terraform(copied_module(), aws.endpoint, VARIABLES)
        stack.init()
        stack.apply()
        fill(aws, stack)
        keeps_data(aws, stack)
        with say.step("deploying again, over what was kept"):
            stack.apply()
        with say.step("destroying the data as well"):
            destroy(stack, "--delete-data")
        expect("left", [], names(aws))
    print("destroy: keeps tables, buckets and log groups, deploys over them, and removes them on request")


def copied_module():
    folder = FOLDER / "terraform"
    shutil.copytree(terraform.MODULE, folder, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "examples", "tests"))
    shutil.copytree(SCRIPT.parent, FOLDER / "scripts")
    (folder / "provider.tf").write_text('provider "aws" {\n  s3_use_path_style = true\n}\n')
    return folder


def fill(aws, stack):
    aws.client("dynamodb").put_item(TableName="changefan", Item={"referenceId": {"S": "1"}})
    for bucket in aws.client("s3").list_buckets()["Buckets"]:
        aws.client("s3").put_object(Bucket=bucket["Name"], Key="object", Body=b"1")


def keeps_data(aws, stack):
    before = names(aws)
    with say.step("destroying all but the data"):
        output = destroy(stack)
    expect("kept", before, names(aws))
    expect("functions", [], [found["FunctionName"] for found in aws.client("lambda").list_functions()["Functions"]])
    missing = [name for name in before if name not in output]
    expect("names that destroy does not print", [], missing)


def names(aws):
    """Names of the tables, buckets, log groups and catalogs on the emulator."""
    return sorted([
        *aws.client("dynamodb").list_tables()["TableNames"],
        *(bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]),
        *(database["Name"] for database in aws.client("glue").get_databases()["DatabaseList"]),
        *(group["logGroupName"] for group in aws.client("logs").describe_log_groups()["logGroups"]),
    ])


def destroy(stack, *options):
    command = [sys.executable, FOLDER / "scripts" / "destroy.py", "--yes", *options]
    done = subprocess.run(command, env={**os.environ, **stack.environment}, capture_output=True, text=True)
    if done.returncode != 0:
        raise say.Failure(f"destroy failed\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def expect(what, expected, found):
    if found != expected:
        raise say.Failure(f"{what}: expected {expected}, found {found}")


if __name__ == "__main__":
    try:
        main()
    except say.Failure as failure:
        sys.exit(f"destroy: {failure}")
