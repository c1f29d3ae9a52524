"""Base paths that are URLs: listings and files, with stores that fsspec brings along."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tests.python_process import output_of
from tfs_notebook.lifecycle.file_system import FileEntry
from tfs_notebook.lifecycle.servable import ServableData
from tfs_notebook.lifecycle.source import FileSystemSource, ServableToMonitor
from tfs_notebook.lifecycle.url_file_system import UrlFileSystem, local_path
from tfs_notebook.lifecycle.version_policy import All


@pytest.fixture
def store() -> Iterator[Any]:
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    yield memory
    memory.store.clear()


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/models/m", "/models/m"),
        ("file:///models/m", "/models/m"),
        ("FILE:///models/m", "/models/m"),
        ("s3://bucket/m", None),
        ("memory://m", None),
    ],
)
def test_which_paths_are_local(path: str, local: str | None) -> None:
    assert local_path(path) == local


def test_children(store: Any) -> None:
    for name in ("1/saved_model.pb", "2/saved_model.pb", "readme.txt"):
        store.pipe(f"/m/{name}", b"x")
    assert sorted(UrlFileSystem().children("memory://m")) == ["1", "2", "readme.txt"]
    assert sorted(UrlFileSystem().children("memory://m/")) == ["1", "2", "readme.txt"]


def test_children_of_a_local_path_and_of_a_file_url(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    for path in (str(tmp_path), f"file://{tmp_path}"):
        assert UrlFileSystem().children(path) == ["1"]


def test_object_store_lists_deep_names_trimmed_to_the_first_part(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ls(self: object, path: str, detail: bool = True) -> list[str]:
        return ["/m", "/m/", "/m/1/x/y", "/m/1/z", "/m/2/", "/other/7"]

    monkeypatch.setattr(MemoryFileSystem, "ls", ls)
    assert list(UrlFileSystem().children("memory://m")) == ["1", "2"]


def test_listings_are_fresh(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(
        MemoryFileSystem, "invalidate_cache", lambda self, path: forgotten.append(path)
    )
    store.pipe("/m/1/x", b"x")
    UrlFileSystem().children("memory://m")
    assert forgotten == ["/m"]


def test_missing_base_path(store: Any) -> None:
    with pytest.raises(FileNotFoundError):
        UrlFileSystem().children("memory://nothing")
    with pytest.raises(FileNotFoundError):
        list(UrlFileSystem().files("memory://nothing"))


def test_base_path_that_is_a_file(store: Any) -> None:
    store.pipe("/m", b"x")
    with pytest.raises(NotADirectoryError):
        UrlFileSystem().children("memory://m")


def test_files(store: Any) -> None:
    store.pipe("/m/1/saved_model.pb", b"abc")
    store.pipe("/m/1/variables/variables.index", b"de")
    assert sorted(UrlFileSystem().files("memory://m/1")) == [
        FileEntry("saved_model.pb", 3),
        FileEntry("variables/variables.index", 2),
    ]


def test_files_of_a_version_that_is_a_file(store: Any) -> None:
    store.pipe("/m/1", b"abc")
    files = UrlFileSystem()
    (entry,) = files.files("memory://m/1")
    assert entry == FileEntry("", 3)
    with files.open("memory://m/1", entry) as file:
        assert file.read() == b"abc"


def test_names_that_stand_for_directories_are_no_files(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {
        "/m/1/": {"type": "file", "size": 0},
        "/m/1/sub": {"type": "directory", "size": 0},
        "/m/1/x": {"type": "file", "size": 4},
    }
    monkeypatch.setattr(MemoryFileSystem, "find", lambda self, path, detail: found)
    assert list(UrlFileSystem().files("memory://m/1")) == [FileEntry("x", 4)]


def test_file_without_a_size(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"/m/1/x": {"type": "file", "size": None}}
    monkeypatch.setattr(MemoryFileSystem, "find", lambda self, path, detail: found)
    with pytest.raises(OSError, match="does not tell the size"):
        list(UrlFileSystem().files("memory://m/1"))


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_local_files(tmp_path: Path, scheme: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"hello")
    files = UrlFileSystem()
    (entry,) = files.files(f"{scheme}{tmp_path}")
    assert entry == FileEntry("a/b", 5)
    with files.open(f"{scheme}{tmp_path}", entry) as file:
        assert file.read() == b"hello"


def test_scheme_that_nobody_knows_is_an_error_of_the_file_system() -> None:
    with pytest.raises(OSError, match="Protocol not known"):
        UrlFileSystem().children("nonsense://m")


def test_store_that_fails_in_its_own_way(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, path: str, detail: bool) -> list[str]:
        raise RuntimeError("token expired")

    monkeypatch.setattr(MemoryFileSystem, "ls", fail)
    with pytest.raises(OSError, match="RuntimeError: token expired"):
        UrlFileSystem().children("memory://m")


def test_options_of_a_store_come_from_the_configuration_of_fsspec(
    monkeypatch: pytest.MonkeyPatch, store: Any
) -> None:
    monkeypatch.setitem(fsspec.config.conf, "memory", {"anon": True})
    found, _ = UrlFileSystem()._store("memory://m")
    assert found.storage_options == {"anon": True}


def test_without_fsspec_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(OSError, match=r"pip install 'tfs_notebook\[remote\]'"):
        UrlFileSystem().children("memory://m")
    assert UrlFileSystem().children(str(Path(__file__).parent))


def test_fsspec_is_imported_with_the_first_url_only() -> None:
    code = (
        "import sys; from tfs_notebook.lifecycle import UrlFileSystem; "
        "UrlFileSystem().children('/'); sys.exit('fsspec' in sys.modules)"
    )
    output_of("-c", code)


def test_source_finds_versions_at_a_url(store: Any) -> None:
    store.pipe("/models/m/1/saved_model.pb", b"x")
    store.pipe("/models/m/002/saved_model.pb", b"x")
    seen: list[tuple[str, list[tuple[int, str]]]] = []

    def keep(name: str, versions: Sequence[ServableData[str]]) -> None:
        seen.append((name, [(item.id.version, item.data) for item in versions]))

    source = FileSystemSource(
        [ServableToMonitor("m", "memory://models/m", All())], file_system=UrlFileSystem()
    )
    source.set_aspired_versions_callback(keep)
    source.poll()
    store.rm("/models/m/1", recursive=True)
    source.poll()
    assert seen == [
        ("m", [(1, "memory://models/m/1"), (2, "memory://models/m/002")]),
        ("m", [(2, "memory://models/m/002")]),
    ]


def test_source_at_the_root_of_a_store(store: Any) -> None:
    store.pipe("/1/saved_model.pb", b"x")
    source = FileSystemSource(
        [ServableToMonitor("m", "memory://")], file_system=UrlFileSystem()
    )
    versions = source.poll()["m"].versions
    assert versions is not None
    assert [item.data for item in versions] == ["memory://1"]


def test_source_waits_for_a_url_that_is_not_there_yet(store: Any) -> None:
    source = FileSystemSource(
        [ServableToMonitor("m", "memory://models/m")], file_system=UrlFileSystem()
    )
    source.poll()
    assert "Could not find base path memory://models/m" in source.waiting()["m"]
