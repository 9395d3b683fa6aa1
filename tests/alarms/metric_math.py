"""CloudWatch metric math, as far as the module's alarms use it. Everything else is refused.

A time series is a dict from the start of a period to a value; a period without data points has no entry. The rules
are those of "Using math expressions with CloudWatch metrics" in the CloudWatch user guide: where only one of two
series has a value, the other counts as 0, for arithmetic as for comparisons.
"""

import operator
import re

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<symbol>==|[-+*/^<>=!&|(),\[\]]))")
OPERATORS = {
    "+": operator.add,
    "*": operator.mul,
    ">": lambda left, right: float(left > right),
    "==": lambda left, right: float(left == right),
    "AND": lambda left, right: float(bool(left) and bool(right)),
}
# From the loosest to the tightest.
PRECEDENCE = [["AND"], [">", "=="], ["+"], ["*"]]


class Unsupported(Exception):
    """An expression that uses more of metric math than this evaluator covers."""


def evaluate(expression, series):
    """The series of an expression over `series`, a dict from a query's id to its series."""
    parser = Parser(tokens(expression), series)
    result = parser.binary(0)
    if parser.peek() is not None:
        raise Unsupported(f"{parser.peek()!r} in {expression!r}")
    if not isinstance(result, dict):
        raise Unsupported(f"{expression!r} is a number; an alarm needs a time series")
    return result


def tokens(expression):
    found, position = [], 0
    expression = expression.rstrip()
    while position < len(expression):
        match = TOKEN.match(expression, position)
        if match is None:
            raise Unsupported(f"{expression[position:]!r} in {expression!r}")
        found.append(match.group(match.lastgroup))
        position = match.end()
    return found


class Parser:
    def __init__(self, tokens, series):
        self.tokens = tokens
        self.series = series
        self.position = 0

    def peek(self):
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def next(self):
        token = self.peek()
        self.position += 1
        return token

    def expect(self, token):
        found = self.next()
        if found != token:
            raise Unsupported(f"expected {token!r}, found {found!r}")

    def binary(self, level):
        if level == len(PRECEDENCE):
            return self.operand()
        left = self.binary(level + 1)
        while self.peek() in PRECEDENCE[level]:
            symbol = self.next()
            left = combine(OPERATORS[symbol], left, self.binary(level + 1))
        return left

    def operand(self):
        token = self.next()
        if token == "(":
            inner = self.binary(0)
            self.expect(")")
            return inner
        if token == "IF":
            return self.condition()
        if token in self.series:
            return self.series[token]
        if token is not None and token[0].isdigit():
            return float(token)
        raise Unsupported(f"{token!r} is not a query, number or supported function")

    def condition(self):
        self.expect("(")
        condition = self.binary(0)
        self.expect(",")
        chosen = self.binary(0)
        self.expect(",")
        other = self.binary(0)
        self.expect(")")
        if not isinstance(condition, dict) or isinstance(chosen, dict) or isinstance(other, dict):
            raise Unsupported("IF is supported for a series and two numbers")
        return {start: chosen if value else other for start, value in condition.items()}


def combine(function, left, right):
    if isinstance(left, dict) and isinstance(right, dict):
        return {start: function(left.get(start, 0.0), right.get(start, 0.0)) for start in sorted({*left, *right})}
    if isinstance(left, dict):
        return {start: function(value, right) for start, value in left.items()}
    if isinstance(right, dict):
        return {start: function(left, value) for start, value in right.items()}
    return function(left, right)
