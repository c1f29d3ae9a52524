"""Version policies as people write them."""

from __future__ import annotations

import pytest

from tfs_notebook.lifecycle import All, Latest, Specific, VersionPolicy
from tfs_notebook.serving.version_policies import read_policy, write_policy
from tfs_notebook.wire.errors import InvalidArgument


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        ("latest", Latest(1)),
        ("latest:3", Latest(3)),
        ("all", All()),
        ([2, 1, 2], Specific((1, 2))),
        ({"latest": {"num_versions": 2}}, Latest(2)),
        ({"latest": {"numVersions": 2}}, Latest(2)),
        ({"all": {}}, All()),
        ({"specific": {"versions": [1, "2"]}}, Specific((1, 2))),
        ({}, Latest(1)),
    ],
)
def test_what_is_a_policy(value: object, policy: VersionPolicy) -> None:
    assert read_policy(value) == policy
    assert read_policy(write_policy(policy)) == policy


def test_a_policy_of_no_versions_can_be_kept() -> None:
    assert read_policy(write_policy(Specific(()))) == Specific(())


@pytest.mark.parametrize(
    "value",
    [
        "", "latest:", "latest:0", "latest:-1", "newest", "LATEST", 1, None, True, [], [True],
        ["1"], [-1], [2**63], [1.0], b"all", {"newest": {}}, {"latest": 2},
        {"latest": {}, "all": {}}, {"specific": {"versions": ["x"]}},
    ],
)  # fmt: skip
def test_what_is_none(value: object) -> None:
    with pytest.raises(InvalidArgument, match=r"a version_policy is|a version is a whole"):
        read_policy(value)
