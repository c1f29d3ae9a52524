"""sources/: version names and policies."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.lifecycle.servable import MAX_VERSION
from tfs_notebook.lifecycle.version_policy import (
    All,
    Latest,
    Specific,
    VersionPolicy,
    choose_versions,
    parse_version,
)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("0", 0),
        ("1", 1),
        ("00017", 17),
        ("0" * 200 + "5", 5),
        ("+3", 3),
        ("-0", 0),
        (" 4", 4),
        ("4 ", 4),
        ("\t5\n", 5),
        (str(MAX_VERSION), MAX_VERSION),
    ],
)
def test_names_of_versions(name: str, version: int) -> None:
    assert parse_version(name) == version


def test_parse_timestamped_version() -> None:
    assert parse_version("20170111173521") == 20170111173521


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "-1",
        "+",
        "--1",
        "+ 1",
        "1 2",
        "1_0",
        "1.0",
        "1e3",
        "0x1",
        "123.tmp",
        "_1",
        "v1",
        "１",  # a digit to int(), not to TensorFlow Serving
        "٣",
        "\u00a01",
        str(MAX_VERSION + 1),
        "9" * 5000,
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert parse_version(name) is None


@given(st.text())
def test_any_text_is_judged_without_an_error(name: str) -> None:
    version = parse_version(name)
    assert version is None or 0 <= version <= MAX_VERSION


@given(st.integers(0, MAX_VERSION), st.integers(0, 5), st.sampled_from(["", "+", " "]))
def test_every_spelling_of_a_number_is_that_number(
    version: int, zeros: int, prefix: str
) -> None:
    assert parse_version(prefix + "0" * zeros + str(version)) == version


def chosen(policy: VersionPolicy, *children: str) -> list[int]:
    return [version for version, _ in choose_versions(policy, children).versions]


CHILDREN = ("42", "33", "30", "21", "17", "notes.txt", "18.tmp")


def test_default_version_policy_is_the_latest_one() -> None:
    assert chosen(Latest(), *CHILDREN) == [42]


def test_n_latest_versions_come_highest_first() -> None:
    assert chosen(Latest(2), *CHILDREN) == [42, 33]


def test_default_num_latest_versions_zero_means_one() -> None:
    assert chosen(Latest(0), *CHILDREN) == [42]


def test_more_latest_versions_than_there_are() -> None:
    assert chosen(Latest(9), "1", "2") == [2, 1]


def test_latest_compares_numbers_not_texts() -> None:
    assert chosen(Latest(), "9", "10") == [10]


def test_all_versions_are_sorted() -> None:
    assert chosen(All(), *CHILDREN) == [17, 21, 30, 33, 42]


def test_specific_versions() -> None:
    assert chosen(Specific((17, 30)), *CHILDREN) == [17, 30]


def test_specific_versions_leading_zeros() -> None:
    choice = choose_versions(Specific((17,)), ("00017", "42"))
    assert choice.versions == ((17, "00017"),)


def test_specific_versions_empty() -> None:
    assert chosen(Specific(()), *CHILDREN) == []


def test_specific_versions_that_are_missing_are_named() -> None:
    choice = choose_versions(Specific((99, 17, 98, 99)), CHILDREN)
    assert [version for version, _ in choice.versions] == [17]
    assert choice.missing == (98, 99)


def test_nothing_there() -> None:
    for policy in (Latest(), All()):
        assert choose_versions(policy, ()).versions == ()


@pytest.mark.parametrize("children", [("1", "0001"), ("0001", "1")])
def test_duplicate_versions_the_plain_spelling_wins(children: tuple[str, ...]) -> None:
    choice = choose_versions(All(), children)
    assert choice.versions == ((1, "1"),)
    assert choice.notes == (
        (
            "Duplicate version directories detected. Version 1 will be loaded from 1, "
            "0001 will be ignored."
        ),
    )


@given(st.permutations(["01", "001", "+1", "1 "]))
def test_duplicate_versions_one_wins_in_any_order(children: list[str]) -> None:
    choice = choose_versions(Latest(), children)
    assert choice.versions == ((1, "1 "),)
    assert len(choice.notes) == 3


@given(
    st.lists(st.from_regex(re.compile(r"[0-9 +_-]{1,4}"), fullmatch=True)),
    st.one_of(
        st.builds(Latest, st.integers(0, 3)),
        st.just(All()),
        st.builds(Specific, st.lists(st.integers(0, 20)).map(tuple)),
    ),
)
def test_what_is_chosen_is_there_and_is_chosen_once(
    children: list[str], policy: VersionPolicy
) -> None:
    choice = choose_versions(policy, children)
    numbers = [version for version, _ in choice.versions]
    assert len(set(numbers)) == len(numbers)
    assert all(parse_version(child) == version for version, child in choice.versions)
    assert {child for _, child in choice.versions} <= set(children)
