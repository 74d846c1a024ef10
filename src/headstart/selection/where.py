"""Filters such as ``parameters < 10M and licence = apache-2.0``: read into a tree, then asked of facts.

::

    any        = all { "or" all }
    all        = one { "and" one }
    one        = "not" one | "(" any ")" | field [ operator value ]
    operator   = "<" | "<=" | ">" | ">=" | "=" | "!=" | "~"
    value      = number [ K | M | G | B ] | bare word | "text" | 'text'

A field alone must be one of yes or no. ``~`` means "contains". Upper and lower case are the same. What is not known of
a model is not equal to anything, nor below or above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from headstart.core.errors import ConfigError, choice_message

Kind = Literal["text", "number", "yes or no"]
FIELDS: dict[str, Kind] = {
    "name": "text",
    "family": "text",
    "parameters": "number",
    "flops": "number",
    "size_mib": "number",
    "licence": "text",
    "modality": "text",
    "feature_dim": "number",
    "installed": "yes or no",
}
EXAMPLE = "For example: parameters < 10M and licence = apache-2.0"
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda fact, value: bool(fact < value),
    "<=": lambda fact, value: bool(fact <= value),
    ">": lambda fact, value: bool(fact > value),
    ">=": lambda fact, value: bool(fact >= value),
    "=": lambda fact, value: bool(fact == value),
    "~": lambda fact, value: value in fact,
}  # "!=" is the opposite of "="
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "text": ("=", "!=", "~"),
    "number": ("<", "<=", ">", ">=", "=", "!="),
    "yes or no": ("=", "!="),
}
UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9}
YES, NO = ("yes", "true", "1"), ("no", "false", "0")
NUMBER = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?([kmgb]?)", re.IGNORECASE)
TOKEN = re.compile(
    r"""\s*(?:(?P<operator><=|>=|!=|==|[<>=~])|(?P<bracket>[()])|(?P<quoted>"[^"]*"|'[^']*')|(?P<word>[^\s()<>=!~"']+))"""
)
DEEPEST = 100  # brackets and "not" inside each other; a person writes a few, and recursion must end


class Condition(Protocol):
    """Asked of the facts about one model."""

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Whether the facts, by field, meet it."""


@dataclass(frozen=True)
class Comparison:
    """One field against one value."""

    field: str
    operator: str
    value: str | float | bool

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """See :class:`Condition`."""
        fact = facts[self.field]
        if self.operator == "!=":
            return fact is None or _plain(fact) != self.value
        return fact is not None and COMPARE[self.operator](_plain(fact), self.value)


@dataclass(frozen=True)
class Not:
    """The opposite."""

    inner: Condition

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """See :class:`Condition`."""
        return not self.inner.matches(facts)


@dataclass(frozen=True)
class Both:
    """One and the other."""

    first: Condition
    second: Condition

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """See :class:`Condition`."""
        return self.first.matches(facts) and self.second.matches(facts)


@dataclass(frozen=True)
class Either:
    """One or the other, or both."""

    first: Condition
    second: Condition

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """See :class:`Condition`."""
        return self.first.matches(facts) or self.second.matches(facts)


@dataclass(frozen=True)
class _Token:
    text: str
    kind: str  # "operator", "bracket", "quoted", "word" or "end"
    place: int  # of its first character, from 1

    def __str__(self) -> str:
        return "its end" if self.kind == "end" else f"{self.text!r} (character {self.place})"

    def is_keyword(self, word: str) -> bool:
        return self.kind == "word" and self.text.lower() == word


def parse(text: str) -> Condition:
    """Read a filter.

    Raises:
        ConfigError: it is none; the message says where, and names the nearest field.

    >>> parse("parameters < 10M and not licence ~ nc").matches({"parameters": 4e6, "licence": "apache-2.0"})
    True
    """
    reader = _Reader(_tokens(text), text)
    condition = reader.any(0)
    reader.require_end()
    return condition


def _tokens(text: str) -> list[_Token]:
    found, place = [], 0
    end = len(text.rstrip())
    while place < end:
        match = TOKEN.match(text, place)
        if match is None:
            raise _wrong(text, f"{text[place:].strip()[:1]!r} (character {place + 1}) cannot be read")
        kind = str(match.lastgroup)
        found.append(_Token(match[kind], kind, match.start(kind) + 1))
        place = match.end()
    return [*found, _Token("", "end", end + 1)]


class _Reader:
    """Recursive descent; every method reads what it is called after."""

    def __init__(self, tokens: list[_Token], text: str) -> None:
        self.tokens = tokens
        self.text = text
        self.position = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.next
        self.position += token.kind != "end"
        return token

    def any(self, depth: int) -> Condition:
        found = self.all(depth)
        while self.next.is_keyword("or"):
            self.take()
            found = Either(found, self.all(depth))
        return found

    def all(self, depth: int) -> Condition:
        found = self.one(depth)
        while self.next.is_keyword("and"):
            self.take()
            found = Both(found, self.one(depth))
        return found

    def one(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise _wrong(self.text, f"more than {DEEPEST} brackets inside each other are not read")
        if self.next.is_keyword("not"):
            self.take()
            return Not(self.one(depth + 1))
        if self.next.text == "(" and self.next.kind == "bracket":
            opened = self.take()
            found = self.any(depth + 1)
            if self.take().text != ")":
                raise _wrong(self.text, f"the bracket {opened} is not closed")
            return found
        return self.comparison()

    def comparison(self) -> Condition:
        named = self.take()
        if named.kind != "word" or named.text.lower() in ("and", "or"):
            raise _wrong(self.text, f"a field must come where there is {named}; fields are {list(FIELDS)}")
        field = named.text.lower()
        if field not in FIELDS:
            raise ConfigError(f"--where: {choice_message('a field of a model', named.text, FIELDS)} {EXAMPLE}")
        kind = FIELDS[field]
        if self.next.kind != "operator":
            if kind == "yes or no":
                return Comparison(field, "=", True)
            raise _wrong(self.text, f"{field} needs one of {list(OPERATORS[kind])} and a value; there is {self.next}")
        sign = self.take()
        operator = "=" if sign.text == "==" else sign.text
        if operator not in OPERATORS[kind]:
            raise _wrong(self.text, f"{field} is a {kind}, compared with {list(OPERATORS[kind])}; got {sign}")
        given = self.take()
        if given.kind not in ("word", "quoted"):
            raise _wrong(self.text, f"a value must follow {field} {operator}; there is {given}")
        return Comparison(field, operator, self.value(field, kind, given))

    def value(self, field: str, kind: Kind, given: _Token) -> str | float | bool:
        text = given.text[1:-1] if given.kind == "quoted" else given.text
        if kind == "text":
            return text.lower()
        if kind == "yes or no":
            if text.lower() not in (*YES, *NO):
                raise _wrong(self.text, f"{field} is yes or no; got {given}")
            return text.lower() in YES
        match = NUMBER.fullmatch(text)
        if match is None:
            raise _wrong(self.text, f"{field} is a number, such as 25, 4.5M or 2e9; got {given}")
        return float(match[1] + (match[2] or "")) * UNITS[match[3].lower()]

    def require_end(self) -> None:
        if self.next.kind != "end":
            raise _wrong(self.text, f'"and" or "or" must come before {self.next}')


def _wrong(text: str, problem: str) -> ConfigError:
    return ConfigError(f"--where cannot be understood: {problem}; got {text!r}. {EXAMPLE}")


def _plain(fact: Any) -> Any:
    return fact.lower() if isinstance(fact, str) else fact
