"""YAML as people mean it: yes, no, on and off are words. Half of all tables have a class that is called "No"."""

from __future__ import annotations

import re
from typing import Any

import yaml

BOOLEAN = "tag:yaml.org,2002:bool"
TRUE_OR_FALSE = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")  # those of YAML 1.2's core schema


class PlainLoader(yaml.SafeLoader):
    """Reads plain values alone, never objects; of YAML 1.1's booleans only true and false."""


PlainLoader.yaml_implicit_resolvers = {
    start: [(tag, pattern) for tag, pattern in resolvers if tag != BOOLEAN]
    for start, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver(BOOLEAN, TRUE_OR_FALSE, list("tTfF"))


def load(text: str) -> Any:
    """The value of a document; raises ``yaml.YAMLError`` where it is none.

    >>> load("{Yes: {No: 3}, y: on}"), load("true"), load("0.5")
    ({'Yes': {'No': 3}, 'y': 'on'}, True, 0.5)
    """
    return yaml.load(text, PlainLoader)  # noqa: S506 - a SafeLoader with fewer booleans
