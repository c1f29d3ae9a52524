"""Compile ``protos/`` to the descriptor set and the typed stub that are committed.

::

    python -m tfs_notebook.wire.compile_protos            write both
    python -m tfs_notebook.wire.compile_protos --check    exit 1 if they are out of date

A tool for developers: it needs ``grpcio-tools``, which the server does not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tfs_notebook.wire.descriptors import DESCRIPTOR_SET
from tfs_notebook.wire.message_stubs import write_stub

__all__ = ["Outputs", "compile_protos", "main"]

STUB = "messages.pyi"

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the ``.proto`` files compile to.

    Attributes:
        descriptor_set: a serialized ``FileDescriptorSet`` with the Google files
            that ours import, dependencies first, without source positions.
        stub: the text of ``messages.pyi``.
    """

    descriptor_set: bytes
    stub: str

    def files(self) -> dict[str, bytes]:
        """What to store, by file name."""
        return {DESCRIPTOR_SET: self.descriptor_set, STUB: self.stub.encode()}

    def stale(self, directory: Path) -> list[str]:
        """Names of the files in the directory that are missing or differ."""
        return [
            name
            for name, content in self.files().items()
            if not (directory / name).is_file() or (directory / name).read_bytes() != content
        ]


def compile_protos(sources: Path = _HERE / "protos") -> Outputs:
    """Compile every ``.proto`` file below a directory; equal files give equal bytes.

    Raises:
        ValueError: if a file does not compile (the compiler says on stderr where),
            or if two packages declare the same short name.
    """
    file_set = _run_protoc(sources)
    for file in file_set.file:
        if file.name.startswith("google/"):
            # Package names for other languages; they change between releases of protoc.
            file.ClearField("options")
    _refuse_ambiguous(_short_names(file_set))
    return Outputs(file_set.SerializeToString(deterministic=True), write_stub(file_set))


def _run_protoc(sources: Path) -> FileDescriptorSet:
    names = sorted(path.relative_to(sources).as_posix() for path in sources.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / DESCRIPTOR_SET
        # A process of its own: in one that has loaded TensorFlow the compiler crashes.
        command = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={sources}"]
        options = ["--include_imports", f"--descriptor_set_out={target}"]
        done = subprocess.run([*command, *options, *names], check=False)  # noqa: S603
        if done.returncode != 0:
            raise ValueError(f"protoc refuses the files in {sources}")
        return FileDescriptorSet.FromString(target.read_bytes())


def _short_names(file_set: FileDescriptorSet) -> Iterator[str]:
    for file in file_set.file:
        yield from (message.name for message in file.message_type)
        yield from (enum.name for enum in file.enum_type)


def _refuse_ambiguous(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"two packages declare {name}; messages.py has room for one")
        seen.add(name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tfs_notebook.wire.compile_protos",
        description="Compile protos/ to the descriptor set and the typed stub.",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit 1 if a committed file is not what the protos compile to",
    )
    options = parser.parse_args(arguments)
    outputs = compile_protos()
    stale = outputs.stale(_HERE)
    if options.check:
        for name in stale:
            sys.stderr.write(f"{name} is out of date: run {parser.prog}\n")
        return 1 if stale else 0
    for name in stale:
        (_HERE / name).write_bytes(outputs.files()[name])
        sys.stdout.write(f"{name} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
