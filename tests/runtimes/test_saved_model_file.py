"""saved_model.pb as a message: found, read, refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from google.protobuf import text_format

from tfs_notebook.runtimes.tensorflow.saved_model_file import (
    find_saved_model,
    read_saved_model,
    select_meta_graph,
    tag_sets,
)
from tfs_notebook.wire.errors import (
    DataLoss,
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    ServingError,
    Unimplemented,
)
from tfs_notebook.wire.messages import MetaGraphDef, SavedModel


def model(*tag_sets: list[str]) -> SavedModel:
    return SavedModel(
        saved_model_schema_version=1,
        meta_graphs=[
            MetaGraphDef(meta_info_def=MetaGraphDef.MetaInfoDef(tags=tags)) for tags in tag_sets
        ],
    )


def refusal(kind: type[ServingError], path: Path) -> str:
    with pytest.raises(kind) as caught:
        read_saved_model(find_saved_model(path))
    return caught.value.message


def test_binary(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(model(["serve"]).SerializeToString())
    path = find_saved_model(tmp_path)
    assert path == tmp_path / "saved_model.pb"
    assert read_saved_model(path) == model(["serve"])


def test_text(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pbtxt").write_text(text_format.MessageToString(model(["é"])))
    path = find_saved_model(tmp_path)
    assert path == tmp_path / "saved_model.pbtxt"
    assert read_saved_model(path) == model(["é"])


def test_binary_wins(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pbtxt").write_text("nonsense")
    (tmp_path / "saved_model.pb").write_bytes(model(["serve"]).SerializeToString())
    assert find_saved_model(tmp_path).name == "saved_model.pb"


def test_missing(tmp_path: Path) -> None:
    path = tmp_path / "none"
    assert refusal(NotFound, path) == f"{path} does not exist"


def test_empty(tmp_path: Path) -> None:
    assert refusal(NotFound, tmp_path) == (
        f"{tmp_path} holds neither saved_model.pb nor saved_model.pbtxt, but nothing at all"
    )


def test_what_is_there_instead_is_named(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"file{number}").touch()
    assert refusal(NotFound, tmp_path).endswith(
        "but file0, file1, file2, file3, file4 and 2 more"
    )


def test_a_file_instead_of_a_directory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    assert refusal(FailedPrecondition, path) == f"{path} is not a directory"


def test_a_directory_instead_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "saved_model.pb"
    path.mkdir()
    assert refusal(FailedPrecondition, tmp_path) == f"{path} is a directory, not a file"


def test_chunks(tmp_path: Path) -> None:
    (tmp_path / "saved_model.cpb").touch()
    assert "saved_model.cpb" in refusal(Unimplemented, tmp_path)


def test_a_dangling_link(tmp_path: Path) -> None:
    path = tmp_path / "saved_model.pb"
    path.symlink_to(tmp_path / "gone")
    assert refusal(NotFound, tmp_path) == f"{path} does not exist"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("part", ["", "saved_model.pb"])
def test_unreadable(tmp_path: Path, part: str) -> None:
    (tmp_path / "saved_model.pb").touch()
    path = tmp_path / part
    path.chmod(0)
    try:
        assert "Permission denied" in refusal(PermissionDenied, tmp_path)
    finally:
        path.chmod(0o700)


def test_unreadable_as_the_system_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "saved_model.pb").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refusal(PermissionDenied, tmp_path) == (
        f"{tmp_path / 'saved_model.pb'} cannot be read: Permission denied"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("saved_model.pb", b""),
        ("saved_model.pb", b"\xff" * 100),
        ("saved_model.pb", b"<html>404 Not Found</html>"),
        ("saved_model.pb", model(["serve"]).SerializeToString()[:-2]),
        ("saved_model.pbtxt", b""),
        ("saved_model.pbtxt", b"nonsense"),
        ("saved_model.pbtxt", b"\xff\xfe"),
    ],
)
def test_garbage(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(DataLoss, tmp_path).startswith(f"{tmp_path / name} is not a SavedModel: ")


def test_meta_graphs_are_told_by_all_their_tags() -> None:
    both = model(["serve"], ["serve", "gpu"], [])
    assert tag_sets(both) == [(), ("gpu", "serve"), ("serve",)]
    assert select_meta_graph(both, ["serve"]) is both.meta_graphs[0]
    assert select_meta_graph(both, ["gpu", "serve"]) is both.meta_graphs[1]
    assert select_meta_graph(both, []) is both.meta_graphs[2]
    with pytest.raises(NotFound) as caught:
        select_meta_graph(both, ["gpu"])
    assert caught.value.message == (
        "no MetaGraphDef has the tag-set gpu; the model has: (no tags); gpu,serve; serve"
    )
