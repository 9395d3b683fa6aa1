"""Build the function for Lambda and zip it: target/lambda/changefan.zip.

The same source makes the same zip, byte for byte, so that Terraform deploys only what changed.

    build.py [--arch x86_64|arm64] [--quiet]
"""

import argparse
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import say
import tools

OUTPUT = tools.ROOT / "target" / "lambda"
ZIP = OUTPUT / "changefan.zip"
TRIPLES = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}
FLAGS = {"x86_64": "--x86-64", "arm64": "--arm64"}
FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def host_architecture():
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"


def build(architecture):
    check_standard_library(TRIPLES[architecture])
    with say.step(f"building the function for {architecture} (minutes the first time)", output_follows=True):
        run_cargo_lambda(architecture)
    zip_function(OUTPUT / "bootstrap" / "bootstrap", ZIP)
    return ZIP


def check_standard_library(triple):
    sysroot = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, cwd=tools.ROOT)
    if sysroot.returncode != 0:
        raise say.Failure(f"rustc does not run: {sysroot.stderr.strip()}")
    if not (Path(sysroot.stdout.strip()) / "lib" / "rustlib" / triple / "lib").is_dir():
        raise say.Failure(
            f"Rust's standard library for {triple} is not installed; add it with\n    rustup target add {triple}"
        )


def run_cargo_lambda(architecture):
    command = ["cargo", "lambda", "build", "--release", "--locked", "--bin", "bootstrap"]
    command += ["--no-default-features", "--features", "aws", "--skip-target-check"]
    command += [FLAGS[architecture], "--lambda-dir", str(OUTPUT)]
    output = subprocess.PIPE if say.quiet else None
    done = subprocess.run(command, cwd=tools.ROOT, env=tools.environment(), stdout=output, stderr=output, text=True)
    if done.returncode != 0:
        raise say.Failure(f"the function does not build\n{done.stdout or ''}{done.stderr or ''}")


def zip_function(binary, destination):
    entry = zipfile.ZipInfo("bootstrap", FIXED_DATE)
    entry.create_system = 3  # Unix, whichever system zips it: the mode below counts
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    unfinished = destination.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=9)
    unfinished.replace(destination)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--arch", choices=TRIPLES, default=host_architecture())
    arguments.add_argument("--quiet", action="store_true")
    given = arguments.parse_args()
    say.quiet = given.quiet
    tools.install()
    built = build(given.arch)
    say.line(f"  {built.relative_to(tools.ROOT)}, {built.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    try:
        main()
    except say.Failure as failure:
        sys.exit(f"build: {failure}")
