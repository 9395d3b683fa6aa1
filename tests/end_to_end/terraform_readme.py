"""Write the tables of terraform/README.md: examples, options of the sinks, inputs and outputs.

    terraform_readme.py            write them
    terraform_readme.py --check    fail if they are not current
"""

import json
import re
import sys
from pathlib import Path

MODULE = Path(__file__).resolve().parents[2] / "terraform"
README = MODULE / "README.md"
INPUT_FILES = ["variables.tf", "variables_sources.tf", "variables_sinks.tf", "variables_function.tf",
               "variables_storage.tf", "variables_security.tf"]
COMMAND = "python3 tests/end_to_end/terraform_readme.py"


def main():
    current = README.read_text()
    expected = with_tables(current)
    if sys.argv[1:] == ["--check"]:
        if current != expected:
            sys.exit(f"readme: {README.relative_to(MODULE.parent)} is not current; run {COMMAND}")
        print("readme: the tables of terraform/README.md are current")
    else:
        README.write_text(expected)


def with_tables(text):
    tables = {"examples": examples(), "options": options(), "inputs": inputs(), "outputs": outputs()}
    for name, table in tables.items():
        begin, end = f"<!-- generated: {name} -->", "<!-- end -->"
        pattern = re.compile(rf"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(text):
            sys.exit(f"readme: found no lines {begin} and {end}; add them where the table belongs")
        text = pattern.sub(lambda _: f"{begin}\n{table}\n{end}", text)
    return text


def examples():
    rows = [f"| [{path.parent.name}](examples/{path.parent.name}/main.tf) | {purpose(path)} |"
            for path in sorted(MODULE.glob("examples/*/main.tf"))]
    return table(["example", "shows"], rows)


def purpose(path):
    """The comment at the top of an example, without its last sentence, which every example has."""
    comment = re.match(r"(# .*\n)+", path.read_text())[0]
    sentences = " ".join(line.removeprefix("# ") for line in comment.splitlines())
    return sentences.split(" Region, credentials")[0]


def options():
    sinks = json.loads((MODULE / "sinks.json").read_text())["sinks"]
    rows = [f"| `{name}` | {'; '.join(option(*item) for item in sorted(sink['options'].items()))} |"
            for name, sink in sorted(sinks.items())]
    return table(["type", "options"], rows)


def option(name, schema):
    allowed = f": {', '.join(f'`{value}`' for value in schema['allowed'])}" if schema.get("allowed") else ""
    default = f" (default `{schema['default']}`)" if schema["default"] else " (required)" if schema["required"] else ""
    return f"`{name}`{allowed}{default}"


def inputs():
    return "\n\n".join(section(MODULE / name) for name in files(INPUT_FILES, "variables*.tf"))


def files(first, pattern):
    """The named files in this order, then any other of the pattern."""
    others = sorted(path.name for path in MODULE.glob(pattern) if path.name not in first)
    return [*first, *others]


def section(path):
    text = path.read_text()
    title = " ".join(line.removeprefix("# ") for line in re.match(r"(# .*\n)+", text)[0].splitlines())
    members = members_of_objects(text)
    rows = [f"| `{name}` | {'object, below' if name in members else code(fields['type'])} | {code(fields.get('default'))} | {fields['description']} |"
            for name, fields in blocks(text, "variable")]
    tables = [table(["name", "type", "default", "description"], rows), *(members_table(*item) for item in members.items())]
    return "\n\n".join([f"{title.split('. The other variables')[0].rstrip('.')}.", *tables])


def members_of_objects(text):
    """Variable => members of its type, where comments explain them: name, type and default, description."""
    member = re.compile(r"((?:^    # .*\n)*)^    (\w+) += optional\((.*)\)(?: +# (.*))?$", re.MULTILINE)
    found = {}
    for variable, body in re.findall(r'^variable "(\w+)" {\n(.*?)^}$', text, re.MULTILINE | re.DOTALL):
        members = [(name, kind, " ".join([*before.replace("    # ", "").splitlines(), after]).strip())
                   for before, name, kind, after in member.findall(body.split("  validation {")[0])]
        if any(description for _, _, description in members):
            found[variable] = members
    return found


def members_table(variable, members):
    def row(name, kind, description):
        type_, default = re.fullmatch(r"((?:[^,(]|\(.*\))+)(?:, (.*))?", kind).groups()
        return f"| `{name}` | {code(type_)} | {code(default or 'null')} | {description} |"

    return f"Attributes of `{variable}`, all optional:\n\n" + table(["attribute", "type", "default", "description"], [row(*member) for member in members])


def outputs():
    found = [block for path in sorted(MODULE.glob("outputs*.tf")) for block in blocks(path.read_text(), "output")]
    return table(["name", "description"], [f"| `{name}` | {fields['description']} |" for name, fields in found])


def blocks(text, kind):
    """Name and attributes of each block of a formatted file."""
    for name, body in re.findall(rf'^{kind} "(\w+)" {{\n(.*?)^}}$', text, re.MULTILINE | re.DOTALL):
        yield name, attributes(body)


def attributes(body):
    """Attributes at the first level of a block; a value continues while its lines are indented further or close it."""
    found = re.findall(r"^  (\w+) += (.*(?:\n(?:    .*|  [}\])].*))*)", body.split("  validation {")[0], re.MULTILINE)
    values = {name: one_line(value if name == "description" else without_comments(value)) for name, value in found}
    values["description"] = json.loads(values["description"]).replace("|", "\\|")
    return values


def without_comments(value):
    return re.sub(r" +# .*$", "", value, flags=re.MULTILINE)


def one_line(value):
    return " ".join(re.sub(r"(?<![{(\[,])\n +(?![})\]])", ", ", value).split())


def code(value):
    if value is None:
        return "required"
    return f"`{value.replace('|', '')}`"


def table(header, rows):
    return "\n".join([f"| {' | '.join(header)} |", "|---" * len(header) + "|", *rows])


if __name__ == "__main__":
    main()
