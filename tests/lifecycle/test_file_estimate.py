"""saved_model_bundle_factory_test EstimateResource…: the size of the files, times 1.2."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from tfs_notebook.lifecycle.file_estimate import estimate_from_files
from tfs_notebook.lifecycle.file_system import LocalFileSystem
from tfs_notebook.lifecycle.url_file_system import UrlFileSystem
from tfs_notebook.wire.errors import NotFound, Unavailable


def write(folder: Path, **sizes: int) -> None:
    for name, size in sizes.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)


def test_all_files_at_any_depth_times_1_2(tmp_path: Path) -> None:
    write(tmp_path, saved_model=10, variables__index=20, assets__words__list=70)
    assert estimate_from_files(str(tmp_path)) == 120


def test_rounded_down_as_the_reference_does(tmp_path: Path) -> None:
    write(tmp_path, saved_model=7)
    assert estimate_from_files(str(tmp_path)) == 8


def test_version_that_is_a_file(tmp_path: Path) -> None:
    write(tmp_path, model=10)
    assert estimate_from_files(str(tmp_path / "model")) == 12


def test_empty_directory(tmp_path: Path) -> None:
    assert estimate_from_files(str(tmp_path)) == 0


def test_links_are_followed_and_nothing_counts_twice(tmp_path: Path) -> None:
    version, data = tmp_path / "1", tmp_path / "data"
    write(data, weights=100)
    version.mkdir()
    (version / "variables").symlink_to(data)
    (version / "again").symlink_to(data / "weights")
    (version / "circle").symlink_to(version)
    (version / "nowhere").symlink_to(tmp_path / "missing")
    assert estimate_from_files(str(version)) == 120


def test_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not found"):
        estimate_from_files(str(tmp_path / "1"))


def test_unreadable_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: LocalFileSystem, path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(LocalFileSystem, "files", refuse)
    with pytest.raises(Unavailable, match="PERMISSION_DENIED"):
        estimate_from_files(str(tmp_path))


def test_remote_directory() -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/estimate/1/saved_model.pb", b"x" * 10)
    store.pipe("/estimate/1/variables/index", b"x" * 10)
    assert estimate_from_files("memory://estimate/1", UrlFileSystem()) == 24
