"""Print the Terraform configuration file that the tests use, or nothing where Terraform's own configuration works.

Only tests call this: a deployment uses Terraform as it is. A test run may have no access to the public registry, but a
mirror folder with the AWS provider. In this order:

1. CHANGEFAN_TEST_PROVIDER_MIRROR names the folder, laid out as Terraform's filesystem_mirror.
2. TF_CLI_CONFIG_FILE names an existing file: Terraform reads it itself.
3. The registry answers, or the folder is one of Terraform's implied mirrors: nothing is needed.
4. A folder of that layout lies one or two levels below a place where software is usually installed.
"""

import os
import sys
import urllib.request
from pathlib import Path

REGISTRY = "registry.terraform.io"
SERVICES = f"https://{REGISTRY}/.well-known/terraform.json"
PROVIDER = "hashicorp/aws"
VARIABLE = "CHANGEFAN_TEST_PROVIDER_MIRROR"
USUAL_PLACES = ["/opt", "/srv", "/usr/local", "/usr/local/share", "/usr/local/lib", "/usr/share", "/var/lib", "~"]
IMPLIED_MIRRORS = ["~/.terraform.d/plugins", "~/.local/share/terraform/plugins", "/usr/local/share/terraform/plugins",
                   "/usr/share/terraform/plugins"]
SECONDS_TO_CONNECT = 4
WRITTEN = Path(__file__).resolve().parents[2] / "target" / "terraform-mirror.tfrc"


def configuration():
    if os.environ.get(VARIABLE):
        return write(chosen_mirror(os.environ[VARIABLE]))
    if Path(os.environ.get("TF_CLI_CONFIG_FILE", "")).is_file():
        return os.environ["TF_CLI_CONFIG_FILE"]
    if any(holds_provider(Path(folder).expanduser()) for folder in IMPLIED_MIRRORS) or registry_answers():
        return ""
    mirror = find_mirror()
    return write(mirror) if mirror else ""


def chosen_mirror(folder):
    mirror = Path(folder).expanduser().resolve()
    if not holds_provider(mirror):
        sys.exit(f"found {VARIABLE}={folder}; expected a folder that contains {REGISTRY}/{PROVIDER}")
    return mirror


def holds_provider(folder):
    return (folder / REGISTRY / PROVIDER).is_dir()


def registry_answers():
    try:
        with urllib.request.urlopen(SERVICES, timeout=SECONDS_TO_CONNECT) as answer:
            return answer.status == 200
    except OSError:
        return False


def find_mirror():
    places = [Path(place).expanduser() for place in USUAL_PLACES]
    layouts = [f"*/{REGISTRY}/{PROVIDER}", f"*/*/{REGISTRY}/{PROVIDER}"]
    found = (provider for place in places for layout in layouts for provider in sorted(place.glob(layout)))
    return next((provider.parents[2] for provider in found), None)


def write(mirror):
    WRITTEN.parent.mkdir(parents=True, exist_ok=True)
    WRITTEN.write_text(
        "# Written by tests/end_to_end/terraform_mirror.py, for tests only.\n"
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    return str(WRITTEN)


if __name__ == "__main__":
    sys.stdout.write(configuration())
