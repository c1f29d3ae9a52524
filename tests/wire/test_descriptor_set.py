"""The committed outputs of the compiler are what the ``.proto`` files compile to."""

from __future__ import annotations

import ast
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tfs_notebook.wire import compile_protos as compiler
from tfs_notebook.wire import messages
from tfs_notebook.wire.descriptors import DESCRIPTOR_SET

WIRE = Path(compiler.__file__).parent


@pytest.fixture(scope="module")
def outputs() -> compiler.Outputs:
    return compiler.compile_protos()


def write_proto(directory: Path, name: str, text: str) -> None:
    directory.joinpath(name).write_text(f'syntax = "proto3";\n{text}\n')


class TestCommittedOutputs:
    def test_are_up_to_date(self, outputs: compiler.Outputs) -> None:
        assert outputs.stale(WIRE) == []

    def test_check_passes(self) -> None:
        assert compiler.main(["--check"]) == 0

    def test_hold_no_source_positions(self) -> None:
        data = resources.files("tfs_notebook.wire").joinpath(DESCRIPTOR_SET).read_bytes()
        files = FileDescriptorSet.FromString(data).file
        assert not any(file.HasField("source_code_info") for file in files)


class TestStaleOutputs:
    def test_are_named(self, outputs: compiler.Outputs, tmp_path: Path) -> None:
        assert outputs.stale(tmp_path) == ["descriptors.binpb", "messages.pyi"]
        for name, content in outputs.files().items():
            tmp_path.joinpath(name).write_bytes(content)
        assert outputs.stale(tmp_path) == []
        tmp_path.joinpath("messages.pyi").write_text("# by hand\n")
        assert outputs.stale(tmp_path) == ["messages.pyi"]

    def test_check_reports_them(
        self,
        outputs: compiler.Outputs,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(compiler, "_HERE", tmp_path)
        monkeypatch.setattr(compiler, "compile_protos", lambda: outputs)
        assert compiler.main(["--check"]) == 1
        assert "descriptors.binpb is out of date" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []
        assert compiler.main([]) == 0
        assert compiler.main(["--check"]) == 0


class TestRefusals:
    def test_a_file_that_does_not_compile(self, tmp_path: Path) -> None:
        write_proto(tmp_path, "broken.proto", "message Broken { Missing field = 1; }")
        with pytest.raises(ValueError, match="protoc refuses"):
            compiler.compile_protos(tmp_path)

    def test_one_short_name_in_two_packages(self, tmp_path: Path) -> None:
        write_proto(tmp_path, "one.proto", "package one; message Twice {}")
        write_proto(tmp_path, "two.proto", "package two; enum Twice { ZERO = 0; }")
        with pytest.raises(ValueError, match="two packages declare Twice"):
            compiler.compile_protos(tmp_path)


def declared(body: list[ast.stmt]) -> set[str]:
    """The public names that a body of a stub declares."""
    names = set()
    for statement in body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef):
            names.add(statement.name)
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.add(statement.target.id)
    return {name for name in names if not name.startswith("_")}


def assert_declares_what_exists(declaration: ast.ClassDef, runtime: Any, path: str) -> None:
    fields = set(runtime.DESCRIPTOR.fields_by_name)
    names = declared(declaration.body)
    assert names >= fields
    for name in names - fields:
        assert hasattr(runtime, name), f"{path}.{name} is in the stub only"
    for statement in declaration.body:
        if isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
            nested = getattr(runtime, statement.name)
            assert_declares_what_exists(statement, nested, f"{path}.{statement.name}")


class TestStub:
    def test_declares_what_the_module_has(self) -> None:
        stub = ast.parse(WIRE.joinpath("messages.pyi").read_text())
        exists = {
            name
            for name, value in vars(messages).items()
            if not name.startswith("_") and getattr(value, "DESCRIPTOR", None) is not None
        }
        assert declared(stub.body) == exists | {"POOL", "SERVICES"}
        for statement in stub.body:
            if isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
                runtime = getattr(messages, statement.name)
                assert_declares_what_exists(statement, runtime, statement.name)

    def test_numbers_are_those_of_the_fields(self) -> None:
        stub = WIRE.joinpath("messages.pyi").read_text()
        number = messages.TensorProto.DESCRIPTOR.fields_by_name["tensor_content"].number
        assert f"TENSOR_CONTENT_FIELD_NUMBER: _t.ClassVar[_t.Literal[{number}]]" in stub
