"""Remove the deployment, but keep what holds data: tables, buckets, log groups and the lake's catalog. Then print how to remove those as well.

What is kept stays in Terraform's state with its settings, so that a later deployment uses it again.

    destroy.py [--yes] [--delete-data] [-- OPTION...]      options of `terraform destroy`, such as -var
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

MODULE = Path(__file__).resolve().parents[1] / "terraform"
# Buckets keep their policies and settings. The catalog locates the Iceberg table, the parameter holds how far it is merged, and
# terraform_data, which is not an AWS resource, refuses changes that would lose data.
KEPT = re.compile(r"(aws_dynamodb_table|aws_s3_bucket\w*|aws_cloudwatch_log_group|aws_glue_catalog_\w+|aws_ssm_parameter|terraform_data)\.")
SETTINGS_THAT_ALLOW_DELETION = ["deletion_protection=false", "force_destroy=true", "keep_log_groups=false"]
TYPES_WITH_DATA = {"aws_dynamodb_table": "name", "aws_s3_bucket": "bucket", "aws_cloudwatch_log_group": "name",
                   "aws_glue_catalog_database": "name"}


def main():
    given = arguments()
    addresses = state()
    if given.delete_data:
        delete_everything(addresses, given.options)
    else:
        delete_all_but_data(addresses, given.options)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    parser.add_argument("--delete-data", action="store_true", help="also remove tables, buckets and log groups")
    parser.add_argument("options", nargs="*", metavar="OPTION", help="options of terraform destroy, after --")
    given = parser.parse_args()
    given.options += ["-auto-approve"] if given.yes else []
    return given


def state():
    listed = terraform("state", "list", capture=True, check=False)
    return [line for line in listed.splitlines() if line and ".data." not in f".{line}"]


def delete_all_but_data(addresses, options):
    targets = [f"-target={address}" for address in addresses if not KEPT.match(address)]
    if targets:
        terraform("destroy", *targets, *options)
    kept = data(addresses)
    if not kept:
        print("destroy: nothing is left")
        return
    print("\ndestroy: kept, because they hold data; a later `make deploy` uses them again:")
    print("\n".join(f"  {kind:<25} {name}" for kind, name in kept))
    print("To remove them with all that they hold: make destroy data=delete")


def delete_everything(addresses, options):
    data_holders = [f"-target={address}" for address in addresses if address.split(".")[0] in TYPES_WITH_DATA]
    allowing = [f"-var={setting}" for setting in SETTINGS_THAT_ALLOW_DELETION]
    if data_holders:
        terraform("apply", *data_holders, *options, *allowing)
    terraform("destroy", *options, *allowing)
    print("destroy: nothing is left")


def data(addresses):
    """Type and name of each resource that holds data."""
    return [
        (address.split(".")[0], attribute(address, TYPES_WITH_DATA[address.split(".")[0]]))
        for address in addresses
        if address.split(".")[0] in TYPES_WITH_DATA
    ]


def attribute(address, name):
    shown = terraform("state", "show", "-no-color", address, capture=True)
    found = re.search(rf'^    {name} += "(.*)"$', shown, re.MULTILINE)
    return found[1] if found else address


def terraform(command, *options, capture=False, check=True):
    done = subprocess.run(["terraform", f"-chdir={MODULE}", command, *options], text=True,
                          stdout=subprocess.PIPE if capture else None, stderr=subprocess.PIPE if capture and not check else None)
    if check and done.returncode != 0:
        sys.exit(f"destroy: terraform {command} failed; fix what it reports, then run `make destroy` again")
    return done.stdout


if __name__ == "__main__":
    main()
