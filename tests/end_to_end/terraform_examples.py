"""Every example initialises, validates, applies on the emulator, plans a second time without a change, and is destroyed.

    terraform_examples.py [EXAMPLE...]
"""

import argparse
import shutil
import sys

import emulator
import say
import terraform
import tools

EXAMPLES = terraform.MODULE / "examples"
PACKAGE = terraform.MODULE / "tests" / "bootstrap.zip"
FOLDER = tools.ROOT / "target" / "terraform-examples"
# The emulator is reached by address, and has no zone of a real account.
OVERRIDE = 'provider "aws" {\n  s3_use_path_style = true\n}\n'


def main():
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("examples", nargs="*", metavar="EXAMPLE")
    chosen = given.parse_args().examples or sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
    copy_module()
    with emulator.running(fresh(FOLDER / "run")) as aws:
        wrong = [text for texts in terraform.at_once(lambda name: differences(name, aws), chosen) for text in texts]
    if wrong:
        raise say.Failure("a second plan would change something:\n" + "\n".join(wrong))
    print(f"examples: {len(chosen)} applied, and planned a second time without a change")


def copy_module():
    """A copy, so that neither state nor provider folders get into the examples."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(terraform.MODULE, FOLDER / "terraform", ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))


def fresh(folder):
    folder.mkdir(parents=True)
    return folder


def differences(name, aws):
    folder = FOLDER / "terraform" / "examples" / name
    (folder / "provider.tf").write_text(OVERRIDE)
    shutil.copy(terraform.LOCK, folder)
    stack = terraform.Terraform(folder, aws.endpoint, {"function_zip": str(PACKAGE)})
    with say.step(f"example {name}: init, validate, apply, plan again"):
        stack.init()
        stack.validate()
        stack.apply()
        return [f"{name}: {text}" for text in stack.unexpected_differences()]


if __name__ == "__main__":
    try:
        main()
    except say.Failure as failure:
        sys.exit(f"examples: {failure}")
