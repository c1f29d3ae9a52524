"""The facts of a SavedModel as text, for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from tfs_notebook.cli.sample_requests import SampleRequest
from tfs_notebook.cli.saved_model_facts import (
    INTERNAL_SIGNATURES,
    MetaGraphFacts,
    SavedModelFacts,
    SignatureFacts,
)
from tfs_notebook.runtimes.tensorflow.saved_functions import ConcreteFunction, SavedFunction
from tfs_notebook.wire.dtypes import type_name
from tfs_notebook.wire.predict_sample import has_json_form, plain_value
from tfs_notebook.wire.request_snippets import python_literal
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, TensorSpec

__all__ = ["facts_as_text"]

_INDENT: Final = "  "
_GAP: Final = "  "
_LONGEST_DEFAULT: Final = 48
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")


def facts_as_text(facts: SavedModelFacts, width: int, *, signatures_only: bool = False) -> str:
    """The facts laid out for a terminal.

    Args:
        facts: what to show.
        width: columns to wrap lists at; values that belong together stay on a line.
        signatures_only: leave functions and ops out.

    Returns:
        The text, without a newline at the end. Characters that a terminal would
        act on are escaped, since names in a model are anybody's.
    """
    lines = list(_head(facts))
    for graph in facts.meta_graphs:
        lines += ["", *_meta_graph(graph, width, signatures_only=signatures_only)]
    return "\n".join(map(_printable, lines))


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in line
    )


def _head(facts: SavedModelFacts) -> Iterator[str]:
    directory = facts.directory
    rows = [["path", str(directory.path)], ["model", directory.model_name]]
    if directory.version is not None:
        rows.append(["version", _version(directory.version, directory.other_versions)])
    files = "file" if facts.file_count == 1 else "files"
    rows.append(["size", f"{_size(facts.size_bytes)} in {facts.file_count} {files}"])
    if directory.file.suffix != ".pb":
        rows.append(["format", f"text ({directory.file.name})"])
    yield from _table(rows, "")
    for note in directory.notes:
        yield f"note: {note}"


def _version(version: int, others: Sequence[int]) -> str:
    if not others:
        return str(version)
    listed = ", ".join(map(str, others))
    return f"{version}, the newest of {len(others) + 1} (the others: {listed})"


def _size(size: float) -> str:
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == _UNITS[0] else f"{size:.1f} {unit}"


def _meta_graph(graph: MetaGraphFacts, width: int, *, signatures_only: bool) -> Iterator[str]:
    writer = graph.tensorflow_version or "of unknown version"
    source = f" ({graph.git_version})" if graph.git_version not in ("", "unknown") else ""
    yield f"TAG-SET {','.join(graph.tags) or '(none)'}, written by TensorFlow {writer}{source}"
    for facts in graph.signatures:
        yield ""
        yield from _indented(_signature(facts))
    if signatures_only:
        return
    if graph.functions:
        yield ""
        yield f"{_INDENT}FUNCTIONS, as tf.saved_model.load() offers them"
        for function in graph.functions:
            yield from _indented(_function(function), 2)
    yield ""
    yield f"{_INDENT}OPS ({len(graph.ops)})"
    yield from textwrap.wrap(
        ", ".join(graph.ops),
        width,
        initial_indent=_INDENT * 2,
        subsequent_indent=_INDENT * 2,
        break_long_words=False,
        break_on_hyphens=False,
    )


class _AtMargin(str):
    """A line that is not indented with the rest."""

    __slots__ = ()


def _indented(lines: Iterator[str], depth: int = 1) -> Iterator[str]:
    for line in lines:
        is_plain = line and not isinstance(line, _AtMargin)
        yield _INDENT * depth + line if is_plain else line


def _signature(facts: SignatureFacts) -> Iterator[str]:
    signature = facts.signature
    remark = INTERNAL_SIGNATURES.get(signature.name)
    if remark is not None:
        remark = f"internal: {remark}"
    elif signature.name == DEFAULT_SIGNATURE:
        remark = "the default"
    method = signature.method_name or "no method"
    yield f"SIGNATURE {signature.name}, {method}" + (f" ({remark})" if remark else "")
    rows = [_row("input", signature, spec) for spec in signature.inputs.values()]
    rows += [_row("output", signature, spec) for spec in signature.outputs.values()]
    yield from _table(rows, _INDENT)
    if facts.request is not None:
        yield from _request(facts.request)


def _row(kind: str, signature: Signature, spec: TensorSpec) -> list[str]:
    default = _default(signature, spec) if kind == "input" else ""
    return [kind, spec.alias, type_name(spec.dtype), _shape(spec), spec.tensor_name, default]


def _shape(spec: TensorSpec) -> str:
    return "unknown_rank" if spec.shape is None else f"({', '.join(map(str, spec.shape))})"


def _default(signature: Signature, spec: TensorSpec) -> str:
    array = signature.defaults.get(spec.alias)
    if array is None:
        return ""
    if has_json_form(spec.dtype):
        text = python_literal(plain_value(array))
    else:
        text = str(array.tolist())
    return f"default {textwrap.shorten(text, _LONGEST_DEFAULT, placeholder=' ...')}"


def _request(request: SampleRequest) -> Iterator[str]:
    if request.curl is not None:
        yield f"{_INDENT}try it:"
        yield _INDENT * 2 + request.curl
        for note in request.notes:
            yield f"{_INDENT}note: {note}"
        return
    for note in request.notes:
        yield f"{_INDENT}not by REST: {note}"
    if request.python is None:
        yield f"{_INDENT}not by gRPC either: no request can hold such a value"
        return
    yield f"{_INDENT}try it by gRPC, in Python:"
    # At the margin, or Python would not take it as it is pasted.
    yield from ("", *map(_AtMargin, request.python.splitlines()))


def _function(function: SavedFunction) -> Iterator[str]:
    yield function.name
    for number, option in enumerate(function.options, 1):
        rows = _arguments(option)
        mark = f"{number}." if len(function.options) > 1 else ""
        width = len(mark) + 1 if mark else 0
        for index, line in enumerate(_table(rows, "")):
            yield _INDENT + (mark if index == 0 else "").ljust(width) + line


def _arguments(option: ConcreteFunction) -> list[list[str]]:
    rows = [[argument.name or "*", argument.value] for argument in option.positional]
    rows += [[f"{argument.name}=", argument.value] for argument in option.named]
    return [*rows, ["->", option.returns]]


def _table(rows: Sequence[Sequence[str]], indent: str) -> Iterator[str]:
    """Rows of cells in columns as wide as they need; all rows are of one length."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (indent + _GAP.join(cells)).rstrip()
