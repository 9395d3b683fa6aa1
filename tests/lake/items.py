"""Random items in DynamoDB JSON: every type, sizes and characters that readers stumble over."""

import base64

NAMES = ["note", "Note", "total", "a b", "a.b", "a/b", "a~b", 'qu"ote', "back\\slash", "ключ", "🗝", "0", "$", "tags", "raw"]
TEXTS = ["", "plain", 'say "no"', "back\\slash", "line\nbreak\ttab", "\x00\x1f\x7f", "</script>", "café", "cafe\u0301", "日本", "🦀🗝", "{\"a\":1}", "null", "'"]
NUMBERS = [
    "0", "-1", "1.5", "-0.25", "9007199254740993", "12345678901234567890123456789012345678", "0.1234567890123456789012345678901234567",
    "1E-130", "-9.9999999999999999999999999999999999999E+125", "1000000", "3.14",
]  # fmt: skip
LEAVES = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS"]


def item(random, keys):
    """An item with these keys and up to five further attributes."""
    names = random.sample(NAMES, random.randint(0, 5))
    attributes = {name: value(random, 2) for name in names if name not in keys}
    return {**keys, **attributes}


def altered(random, old, keys):
    """The item with an attribute set to a value of any type, one more removed, or nothing altered at all."""
    new = dict(old)
    kind = random.random()
    others = [name for name in new if name not in keys]
    if kind < 0.25 and others:
        del new[random.choice(others)]
    elif kind < 0.95:
        name = random.choice([name for name in NAMES if name not in keys])
        new[name] = value(random, 2)
    return new


def value(random, depth):
    kind = random.choice(LEAVES + (["M", "L"] if depth else []))
    return {kind: content(random, kind, depth)}


def content(random, kind, depth):
    match kind:
        case "S":
            return random.choice(TEXTS)
        case "N":
            return random.choice(NUMBERS)
        case "B":
            return binary(random)
        case "BOOL":
            return random.random() < 0.5
        case "NULL":
            return True
        case "SS":
            return random.sample(TEXTS[1:], random.randint(1, 4))
        case "NS":
            return random.sample(NUMBERS, random.randint(1, 4))
        case "BS":
            return sorted({binary(random) for _ in range(3)}, key=lambda _: random.random())
        case "M":
            return {name: value(random, depth - 1) for name in random.sample(NAMES, random.randint(0, 3))}
        case "L":
            return [value(random, depth - 1) for _ in range(random.randint(0, 3))]


def binary(random):
    return base64.b64encode(random.randbytes(random.randint(0, 4))).decode()


def shuffled(random, node):
    """The same value with the members of its objects and sets in another order."""
    if isinstance(node, dict):
        pairs = [(name, shuffled(random, child)) for name, child in node.items()]
        random.shuffle(pairs)
        return {name: shuffled_set(random, child) if name in ("SS", "NS", "BS") else child for name, child in pairs}
    if isinstance(node, list):
        return [shuffled(random, child) for child in node]
    return node


def shuffled_set(random, members):
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        return members  # an attribute that is called like a type
    return random.sample(members, len(members))
