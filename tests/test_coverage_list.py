"""The list of what TensorFlow Serving's tests check names tests that are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.server_process import ROOT

TESTS = ROOT / "tests"
ROW = re.compile(r"\| (?P<there>.+) \| (?P<short>.+) \| (?P<here>.+) \|")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NAMED = re.compile(r"`([\w/]+\.py)::([\w:]+)`")


def rows() -> list[tuple[str, str]]:
    """The tests there, and what stands for them here."""
    lines = (TESTS / "COVERAGE.md").read_text("utf-8").splitlines()
    found = [match for line in lines if (match := ROW.fullmatch(line))]
    heads = {"there", "---"}
    return [(row["there"], row["here"]) for row in found if row["there"] not in heads]


@cache
def collected_from(path: str) -> frozenset[str]:
    """What pytest would collect of a module: names, after their class if they have one."""
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    return frozenset(_tests(tree.body, ""))


def _tests(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _tests(node.body, f"{node.name}::")
        elif isinstance(node, FUNCTIONS) and node.name.startswith("test_"):
            yield prefix + node.name


def test_the_list_is_read() -> None:
    assert len(rows()) > 80


def test_every_test_that_is_named_exists() -> None:
    named = {match for _, here in rows() for match in NAMED.findall(here)}
    gone = {f"{path}::{name}" for path, name in named if name not in collected_from(path)}
    assert not gone


def test_every_row_names_a_test_or_says_why_there_is_none() -> None:
    reason = "Not applicable: "
    open_rows = [
        there for there, here in rows() if not NAMED.search(here) and reason not in here
    ]
    assert not open_rows
