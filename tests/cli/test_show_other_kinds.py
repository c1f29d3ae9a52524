"""``tfs-notebook show`` of directories that hold no SavedModel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import tflite_files
from tests.serving.ensembles.ensemble_files import chain, ensemble_in
from tfs_notebook.cli.show import show


def test_an_ensemble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = chain("encoder", "judge\x1b[2J")
    said["steps"]["s0"]["label"] = "stable"
    path = ensemble_in(tmp_path / "e", said)
    assert show([str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:5] == [
        "kind  ensemble",
        "STEP s0: model encoder label stable",
        "  x <- request.x",
        r"STEP s1: model judge\x1b[2J",
    ]
    assert lines[-1] == "  y <- s1.y"
    assert show([str(tmp_path / "e"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["steps"]["s1"]["inputs"] == {"x": "s0.y"}


def test_a_tflite_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tflite_files.version_of(tmp_path, tflite_files.half_plus_two())
    assert show([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "kind  tflite",
        "SIGNATURE serving_default, tensorflow/serving/predict",
        "  input x: float [?, 1]",
        "  output y: float [?, 1]",
    ]


def test_a_function_is_not_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = {"schema_version": 1, "function": "no.such:thing", "outputs": "float32"}
    (tmp_path / "tfs_notebook_function.json").write_text(json.dumps(said))
    assert show([str(tmp_path)]) == 0
    assert "FUNCTION no.such:thing\n  outputs float32\n" in capsys.readouterr().out


def test_what_cannot_be_read_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ensemble_in(tmp_path, {})
    assert show([str(path)]) == 1
    assert "is no valid ensemble" in capsys.readouterr().err
    (path / "model.tflite").touch()
    assert show([str(path)]) == 1
    assert "a version is one of these" in capsys.readouterr().err
