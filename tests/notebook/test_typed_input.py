"""What is typed, as values."""

from __future__ import annotations

import pandas as pd
import pytest

from tfs_notebook.notebook.typed_input import cell_value, line_value, predict_words
from tfs_notebook.wire.errors import InvalidArgument


@pytest.mark.parametrize(
    ("line", "words", "value"),
    [
        ("half [1.0, 2.0]", ["half"], "[1.0, 2.0]"),
        ("half", ["half"], None),
        ('half {"a  b": "--version 2"}', ["half"], '{"a  b": "--version 2"}'),
        ("half x --version 2", ["half", "--version", "2"], "x"),
        ("--label stable half --as=csv", ["--label", "stable", "half", "--as=csv"], None),
        ("'a b' [1]", ["'a", "b'"], "[1]"),
        ("half -1", ["half"], "-1"),
        ("half --wrong 1", ["half", "--wrong", "1"], None),
        ("--help", ["--help"], None),
    ],
)
def test_a_line_is_taken_apart(line: str, words: list[str], value: str | None) -> None:
    found, rest = predict_words(line)
    assert found.split() == words
    assert rest == value


def test_values_of_a_line() -> None:
    names = {"x": 7, "true": 8}
    assert line_value(" x ", names) == 7
    assert line_value("true", {}) is True
    assert line_value("true", names) == 8
    assert line_value("{'a': (1, 2)}", names) == {"a": (1, 2)}
    with pytest.raises(InvalidArgument, match="no variable y"):
        line_value("y", names)
    with pytest.raises(InvalidArgument, match="neither a variable"):
        line_value("x + 1", names)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2]\n", [1, 2]),
        ('{"a": true}', {"a": True}),
        ("(1, 'a')", (1, "a")),
        ('{"instances": [1.5, 2]}', [1.5, 2]),
        ("win a prize\n\n  see you, Bob \n", ["win a prize", "see you, Bob"]),
        ("Hello, you\nBye, me", ["Hello, you", "Bye, me"]),
        ("明天开会，好吗\n", ["明天开会，好吗"]),
        ("1,2\n3,4", ["1,2", "3,4"]),
    ],
)
def test_cells(text: str, value: object) -> None:
    assert cell_value(text) == value


def test_tables_in_cells() -> None:
    expected = pd.DataFrame({"age": [1, 2], "name": ["x", "y"]})
    for text in ("age,name\n1,x\n2,y\n", '[{"age": 1, "name": "x"}, {"age": 2, "name": "y"}]'):
        found = cell_value(text)
        assert isinstance(found, pd.DataFrame)
        pd.testing.assert_frame_equal(found, expected)
    names = cell_value("a,b\nx,y", "csv")
    assert isinstance(names, pd.DataFrame)
    assert names.to_numpy().tolist() == [["x", "y"]]


def test_a_form_that_was_named() -> None:
    assert cell_value("1\n2", "text") == ["1", "2"]
    with pytest.raises(InvalidArgument, match="this is no python: "):
        cell_value("win a prize", "python")
    with pytest.raises(InvalidArgument, match="this is no csv: "):
        cell_value("a,b\n1,2,3\n1,2,3,4", "csv")
