"""Paths as people write them, and what they are told when there is no model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tfs_notebook.notebook.model_paths import base_path_of, name_of
from tfs_notebook.wire.errors import InvalidArgument, NotFound, PermissionDenied


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A base path with version 1."""
    (tmp_path / "half" / "1").mkdir(parents=True)
    (tmp_path / "half" / "1" / "saved_model.pb").touch()
    return tmp_path / "half"


def test_base_paths(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert base_path_of(model) == str(model)
    assert base_path_of(f"{model}/") == str(model)
    assert base_path_of(model / "1") == str(model / "1")
    assert base_path_of("s3://bucket/model/") == "s3://bucket/model"
    monkeypatch.chdir(model.parent)
    assert base_path_of("half") == str(model)
    monkeypatch.setenv("HOME", str(model.parent))
    assert base_path_of("~/half") == str(model)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/models/half", "half"), ("/models/half/1", "half"), ("/models/half/1/2", "half"),
        ("s3://bucket/half/", "half"), ("/7", "7"), ("/", "default"),
    ],
)  # fmt: skip
def test_names(path: str, name: str) -> None:
    assert name_of(path) == name


def test_no_directory(model: Path) -> None:
    with pytest.raises(NotFound, match=rf"there is no .*/halve; {model.parent} has half$"):
        base_path_of(model.parent / "halve")
    with pytest.raises(NotFound, match="is a file"):
        base_path_of(model / "1" / "saved_model.pb")


def test_a_file_of_keras(tmp_path: Path) -> None:
    (tmp_path / "m.keras").touch()
    with pytest.raises(NotFound, match=rf"export\('{tmp_path}/m.keras', DIR\) makes"):
        base_path_of(tmp_path / "m.keras")


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_directory_of_somebody_else(model: Path) -> None:
    model.chmod(0)
    try:
        with pytest.raises(PermissionDenied, match="may not read"):
            base_path_of(model)
    finally:
        model.chmod(0o700)


def test_nothing_to_serve(model: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"neither .* but half$"):
        base_path_of(tmp_path)
    for number in range(9):
        (tmp_path / f"a{number}").mkdir()
    with pytest.raises(InvalidArgument, match="a5 and 4 more"):
        base_path_of(tmp_path)
    # No server takes these digits for a number.
    (tmp_path / "１").mkdir()
    with pytest.raises(InvalidArgument, match="a5 and 5 more"):
        base_path_of(tmp_path)
    (tmp_path / "a3" / "saved_model.pb").touch()
    with pytest.raises(InvalidArgument, match=rf"Did you mean {tmp_path}/a3\?"):
        base_path_of(tmp_path)
