"""The subcommand as people and programs meet it: arguments, layout, errors, speed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.show_process import meta_graph, show, show_json, signature, tensor, write_model
from tests.python_process import output_of
from tests.server_process import ROOT
from tfs_notebook.cli.show import show as show_here
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import SignatureDef, TensorProto

X = tensor(DataType.FLOAT, [-1, 1], "x:0")
Y = tensor(DataType.FLOAT, [-1, 1], "y:0")
HALVES = {"h": tensor(DataType.HALF, [-1], "h:0")}
PREDICT = {"serving_default": signature({"x": X}, {"y": Y})}
INIT_OP = SignatureDef(outputs={"__saved_model_init_op": tensor(0, None, "NoOp")})


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A base path with one version and one signature."""
    write_model(tmp_path / "half plus two" / "7", meta_graph(PREDICT))
    return tmp_path / "half plus two"


def test_layout(model: Path) -> None:
    shown = show(model)
    size = (model / "7" / "saved_model.pb").stat().st_size
    assert shown.err == ""
    assert shown.code == 0
    assert shown.out == (
        f"path     {model / '7'}\n"
        "model    half plus two\n"
        "version  7\n"
        f"size     {size} bytes in 1 file\n"
        "\n"
        "TAG-SET serve, written by TensorFlow 9.8.7\n"
        "\n"
        "  SIGNATURE serving_default, tensorflow/serving/predict (the default)\n"
        "    input   x  float  (-1, 1)  x:0\n"
        "    output  y  float  (-1, 1)  y:0\n"
        "    try it:\n"
        """      curl -d '{"instances": [[1.0]]}' """
        "http://localhost:8501/v1/models/half%20plus%20two:predict\n"
        "\n"
        "  OPS (0)\n"
    )


def test_columns_are_aligned_and_defaults_shown(tmp_path: Path) -> None:
    inputs = {"rate": tensor(DataType.FLOAT, [], "rate:0"), "image": X, "n": X}
    defaults = {
        "rate": TensorProto(dtype=DataType.FLOAT, float_val=[0.1]),
        "n": TensorProto(dtype=DataType.FLOAT, tensor_shape=X.tensor_shape),
    }
    defaults["n"].tensor_shape.dim[0].size = 1
    write_model(
        tmp_path,
        meta_graph({"__saved_model_init_op": INIT_OP, "s": signature(inputs, {}, defaults)}),
    )
    out = show(tmp_path).out
    assert (
        "  SIGNATURE __saved_model_init_op, no method "
        "(internal: run once when the model is loaded)\n"
        "    output  __saved_model_init_op  invalid  unknown_rank  NoOp\n"
        "\n"
        "  SIGNATURE s, tensorflow/serving/predict\n"
        "    input  image  float  (-1, 1)  x:0\n"
        "    input  n      float  (-1, 1)  x:0     default [[0.0]]\n"
        "    input  rate   float  ()       rate:0  default 0.1\n"
    ) in out
    assert (
        '"signature_name": "s", "inputs": {"image": [[1.0]], "n": [[0.0]], "rate": 0.1}' in out
    )


def test_a_script_where_rest_cannot_be_used(tmp_path: Path) -> None:
    resource = {"r": tensor(DataType.RESOURCE, [], "r:0")}
    write_model(
        tmp_path / "m",
        meta_graph({"halves": signature(HALVES, HALVES), "table": signature(resource, {})}),
    )
    out = show(tmp_path / "m").out
    assert "    not by REST: input h is half, which JSON cannot hold\n" in out
    script = out.partition("in Python:\n\n")[2].partition("\n\n  SIGNATURE")[0]
    compile(script, "script", "exec")
    assert 'request.model_spec.name = "m"\n' in script
    assert (
        "    not by REST: input r is resource, which JSON cannot hold\n"
        "    not by gRPC either: no request can hold such a value\n"
    ) in out


def test_the_newest_version_is_taken(model: Path) -> None:
    for version in ("9", "00000010", "not a version"):
        write_model(model / version, meta_graph(PREDICT))
    (model / "11").touch()
    shown = show(model)
    assert f"path     {model / '00000010'}\n" in shown.out
    assert "version  10, the newest of 3 (the others: 9, 7)\n" in shown.out
    facts = show_json(model)
    assert facts["version"] == 10
    assert facts["other_versions"] == [9, 7]


def test_two_names_for_a_version(model: Path) -> None:
    write_model(model / "007", meta_graph(PREDICT))
    out = show(model).out
    assert f"path     {model / '7'}\n" in out
    assert (
        "note: Duplicate version directories detected. Version 7 will be loaded from 7" in out
    )


def test_a_version_directory_by_itself(model: Path) -> None:
    facts = show_json(model / "7")
    assert facts["model_name"] == "half plus two"
    assert facts["version"] == 7
    assert facts["other_versions"] == []


def test_a_directory_without_a_version(tmp_path: Path) -> None:
    facts = show_json(write_model(tmp_path / "export", meta_graph(PREDICT)))
    assert facts["model_name"] == "export"
    assert facts["version"] is None
    assert facts["meta_graphs"][0]["signatures"]["serving_default"]["request"] == {
        "method": "predict",
        "url": "http://localhost:8501/v1/models/export:predict",
        "body": {"instances": [[1.0]]},
        "curl": """curl -d '{"instances": [[1.0]]}' """
        "http://localhost:8501/v1/models/export:predict",
        "python": None,
        "notes": [],
    }


def test_the_current_directory(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model / "7")
    assert show_json(".")["model_name"] == "half plus two"
    assert show_json("..")["model_name"] == "half plus two"


def test_files_are_weighed(model: Path) -> None:
    variables = model / "7" / "variables"
    variables.mkdir()
    (variables / "variables.data").write_bytes(bytes(3 * 1024 * 1024))
    assert "size     3.0 MiB in 2 files\n" in show(model).out


def test_one_signature(tmp_path: Path) -> None:
    both = {**PREDICT, "other": signature({"x": X}, {"y": Y})}
    write_model(tmp_path, meta_graph(both), meta_graph(PREDICT, ("serve", "gpu")))
    out = show(tmp_path, "--signature=other").out
    assert "SIGNATURE other" in out
    assert "serving_default" not in out
    assert "gpu" not in out
    assert "OPS" not in out
    shown = show(tmp_path, "--signature", "nope")
    assert shown.code == 1
    assert shown.err == (
        "tfs-notebook: no signature 'nope'; the model has: other, serving_default\n"
    )


def test_one_tag_set(tmp_path: Path) -> None:
    write_model(tmp_path, meta_graph(PREDICT), meta_graph(PREDICT, ("serve", "gpu")))
    both = show_json(tmp_path)["meta_graphs"]
    assert [graph["tags"] for graph in both] == [["gpu", "serve"], ["serve"]]
    [one] = show_json(tmp_path, "--tag_set=serve, gpu")["meta_graphs"]
    assert one["tags"] == ["gpu", "serve"]
    shown = show(tmp_path, "--tag_set", "gpu")
    assert shown.code == 1
    assert shown.out == ""
    assert shown.err == (
        "tfs-notebook: no MetaGraphDef has the tag-set gpu; the model has: gpu,serve; serve\n"
    )


def test_text_format(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pbtxt").write_text(
        'meta_graphs { meta_info_def { tags: "serve" } signature_def { key: "s" value {} } }'
    )
    out = show(tmp_path).out
    assert "format  text (saved_model.pbtxt)\n" in out
    assert "TAG-SET serve, written by TensorFlow of unknown version\n" in out
    assert "SIGNATURE s, no method\n" in out


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[31mred\nPASSWORD:\u202e"
    predict = signature({evil: tensor(DataType.FLOAT, [-1], evil)}, {"y": Y})
    write_model(tmp_path / "m", meta_graph({evil: predict}, (evil,)))
    shown = show(tmp_path / "m")
    assert shown.code == 0
    assert shown.out.replace("\n", "").isprintable()
    assert r"SIGNATURE \x1b[31mred\nPASSWORD:\u202e, tensorflow" in shown.out
    shown = show(tmp_path / "m", f"--signature={evil}?")
    assert shown.err.count("\n") == 1
    assert shown.err.strip().isprintable()


def test_a_terminal_without_the_letters(tmp_path: Path) -> None:
    write_model(tmp_path / "m", meta_graph({"été": signature({"x": X}, {"y": Y})}))
    shown = show(tmp_path / "m", environment={"PYTHONIOENCODING": "ascii"})
    assert shown.code == 0
    assert r"SIGNATURE \xe9t\xe9," in shown.out


def test_help() -> None:
    for flag in ("--help", "-h"):
        shown = show(flag)
        assert shown.code == 0
        assert shown.out.startswith("usage: tfs-notebook show ")
        assert shown.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "show needs a directory"),
        (("",), "show needs a directory"),
        (("--nope",), "unrecognized arguments: --nope"),
        (("a", "b"), "unrecognized arguments: b"),
        (("--signature",), "argument --signature: expected one argument"),
    ],
)
def test_usage_errors(arguments: tuple[str, ...], message: str) -> None:
    shown = show(*arguments)
    assert shown == (2, "", f"tfs-notebook: {message}; see tfs-notebook show --help\n")


def test_bad_directories(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "versions" / "1").mkdir(parents=True)
    write_model(tmp_path / "none" / "1")
    (tmp_path / "garbage").mkdir()
    (tmp_path / "garbage" / "saved_model.pb").write_bytes(b"\xff garbage")
    neither = "holds neither saved_model.pb nor saved_model.pbtxt, but nothing at all"
    for name, message in {
        "missing": "does not exist",
        "empty": f"{neither}; and it has no version directories (1, 2, ...)",
        "file": "is not a directory; name the one that holds saved_model.pb",
        "versions": f"/1 {neither}",
        "none": "/1/saved_model.pb is not a SavedModel: 2 bytes without a MetaGraphDef",
        "garbage": "/saved_model.pb is not a SavedModel: ",
    }.items():
        assert show_here([str(tmp_path / name)]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        start = f"tfs-notebook: {tmp_path / name}"
        assert captured.err.startswith(start + message if message[0] == "/" else f"{start} ")
        assert message in captured.err
        assert captured.err.count("\n") == 1


def test_errors_of_the_process(tmp_path: Path) -> None:
    shown = show(tmp_path / "missing")
    assert shown == (1, "", f"tfs-notebook: {tmp_path / 'missing'} does not exist\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(model: Path) -> None:
    (model / "7" / "saved_model.pb").chmod(0)
    shown = show(model)
    assert shown.code == 1
    assert shown.err.endswith("saved_model.pb cannot be read: Permission denied\n")


def test_a_default_that_cannot_be_read(tmp_path: Path) -> None:
    broken = TensorProto(dtype=DataType.FLOAT, tensor_content=b"odd")
    write_model(tmp_path, meta_graph({"s": signature({"x": X}, {}, {"x": broken})}))
    shown = show(tmp_path)
    assert shown.code == 1
    assert shown.err.startswith("tfs-notebook: ")


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    many = {f"signature_{number}": signature({"x": X}, {"y": Y}) for number in range(2000)}
    write_model(tmp_path, meta_graph(many))
    result = subprocess.run(
        ["sh", "-c", '"$0" -m tfs_notebook show "$1" | head -n 1', sys.executable, tmp_path],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_nothing_heavy_is_imported(model: Path) -> None:
    script = (
        "import sys; from tfs_notebook.cli.main import main; code = main(sys.argv[1:]);"
        "maps = open('/proc/self/maps').read() if sys.platform == 'linux' else '';"
        "heavy = {'tensorflow', 'grpc', 'tornado', 'pandas', 'asyncio'} & sys.modules.keys();"
        "assert not heavy, heavy; assert 'libtensorflow' not in maps; sys.exit(code)"
    )
    output_of("-c", script, "show", model)
