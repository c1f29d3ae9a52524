"""What the verbs of ``%tfs`` do that ask models, and those that read variables."""

from __future__ import annotations

import glob
from argparse import Namespace
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final, TypeAlias

from tfs_notebook.client import Client, ModelHandle, ModelStatistics
from tfs_notebook.client.inputs import NOTHING
from tfs_notebook.notebook import installation, model_summary, server_log
from tfs_notebook.notebook.export import export
from tfs_notebook.notebook.session import SESSION
from tfs_notebook.notebook.typed_input import cell_value, line_value
from tfs_notebook.wire.errors import InvalidArgument, NotFound
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["MODEL_ACTIONS", "Names"]

Names: TypeAlias = Mapping[str, Any]
"""The variables of the notebook."""


class _AllStatistics(tuple[ModelStatistics, ...]):
    """Of each model, shown as one table below the other."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(map(repr, self)) or "no model is served"

    def _repr_html_(self) -> str:
        tables = (f"<p>{escape(one.name)}</p>{one._repr_html_()}" for one in self)
        return f"<div>{''.join(tables) or 'no model is served'}</div>"


def _handle(arguments: Namespace) -> ModelHandle:
    client = SESSION.client(SESSION.server_of(arguments.name))
    if arguments.version is not None:
        return client[arguments.name, arguments.version]
    if arguments.label is not None:
        return client[arguments.name, arguments.label]
    return client[arguments.name]


def _models(_arguments: Namespace, _names: Names) -> object:
    return model_summary.all_models()


def _show(arguments: Namespace, _names: Names) -> object:
    return model_summary.one_model(arguments.name)


def _predict(arguments: Namespace, names: Names) -> object:
    if arguments.cell is not None:
        return _predict_cell(arguments, arguments.cell)
    if arguments.value is None:
        raise InvalidArgument(
            f"what is {arguments.name} to be given? It goes: %tfs predict {arguments.name} "
            f"[1.0, 2.0], or a variable, or a cell that begins with %%tfs predict "
            f"{arguments.name}"
        )
    if arguments.form is not None:
        raise InvalidArgument("--as is for what is in a cell: %%tfs predict NAME --as csv")
    value = line_value(arguments.value, names)
    return _handle(arguments).predict(value, signature=arguments.signature)


def _predict_cell(arguments: Namespace, cell: str) -> object:
    _check_no_other(arguments.value)
    value = cell_value(cell, arguments.form)
    return _handle(arguments).predict(value, signature=arguments.signature)


def _check_no_other(value: object) -> None:
    if value is not None:
        raise InvalidArgument(
            f"with %%tfs the input is in the cell; {value!r} does not belong to the first line"
        )


def _stats(arguments: Namespace, _names: Names) -> object:
    if arguments.name is not None:
        return SESSION.client(SESSION.server_of(arguments.name))[arguments.name].stats()
    server = SESSION.require()
    client = SESSION.client(server)
    models = SESSION.control(server).models()
    return _AllStatistics(client[model.name].stats() for model in models if model.available)


def _logs(arguments: Namespace, _names: Names) -> object:
    return server_log.server_log(arguments.lines)


def _export(arguments: Namespace, names: Names) -> object:
    model: Any = names.get(arguments.model)
    if model is None:
        if not Path(arguments.model).expanduser().exists():
            raise NotFound(
                f"there is neither a variable nor a file {arguments.model}; it goes: %tfs "
                "export MODEL PATH"
            )
        model = arguments.model
    pipeline = arguments.pipeline
    return export(
        model,
        arguments.path,
        version=arguments.number,
        example=_input(arguments.example, names, None),
        labels=arguments.labels.split(",") if arguments.labels else None,
        pipeline=names.get(pipeline, pipeline) if pipeline else None,
        overwrite=arguments.overwrite,
        tolerance=arguments.tolerance,
    )


def _snippet(arguments: Namespace, names: Names) -> object:
    x = _given(arguments, names, NOTHING)
    return _handle(arguments).snippet(arguments.kind, x, signature=arguments.signature)


def _compare(arguments: Namespace, names: Names) -> object:
    if arguments.cell is not None:
        _check_no_other(arguments.log)
    elif arguments.input is None and arguments.log is None:
        raise InvalidArgument(
            f"what are they to be given? It goes: %tfs compare {arguments.name} "
            f"{arguments.first} {arguments.second} --input x, or --log FILE, or a cell below "
            "%%tfs compare"
        )
    handle = SESSION.client(SESSION.server_of(arguments.name))[arguments.name]
    return handle.compare(
        _given(arguments, names, None),
        _choice(arguments.first),
        _choice(arguments.second),
        log=None if arguments.log is None else _files(arguments.log, names),
        signature=arguments.signature,
        rtol=arguments.rtol,
        atol=arguments.atol,
    )


def _bench(arguments: Namespace, names: Names) -> object:
    return _handle(arguments).bench(
        _given(arguments, names, NOTHING),
        concurrency=arguments.concurrency,
        seconds=arguments.seconds,
        signature=arguments.signature,
        title=arguments.title,
    )


def _console(arguments: Namespace, _names: Names) -> object:
    from tfs_notebook.notebook.console.console import console  # noqa: PLC0415 - brings ipywidgets

    if arguments.name is None:
        return console(server=arguments.server, language=arguments.language)
    chosen = ModelReference(arguments.name, arguments.version, arguments.label)
    return console(chosen, server=arguments.server, language=arguments.language)


def _doctor(_arguments: Namespace, _names: Names) -> object:
    return installation.findings()


def _dashboard(arguments: Namespace, names: Names) -> object:
    from tfs_notebook.notebook.dashboard.opening import (  # noqa: PLC0415 - brings the widgets
        dashboard,
    )

    server = arguments.server
    client = names.get(server) if server is not None else None
    return dashboard(
        arguments.name,
        server=client if isinstance(client, Client) else server,
        language=arguments.language,
    )


def _given(arguments: Namespace, names: Names, default: object) -> object:
    if arguments.cell is None:
        return _input(arguments.input, names, default)
    _check_no_other(arguments.input)
    return cell_value(arguments.cell)


def _input(text: str | None, names: Names, default: object) -> object:
    return default if text is None else line_value(text, names)


def _choice(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _files(words: list[str], names: Names) -> list[str]:
    files: list[str] = []
    for word in words:
        value = names.get(word) if word.isidentifier() else None
        if isinstance(value, str | Path):
            files.append(str(value))
        elif isinstance(value, list | tuple):
            files += map(str, value)
        else:
            path = str(Path(word).expanduser())
            files += sorted(glob.glob(path)) or [path]  # noqa: PTH207 - the pattern may be absolute
    return files


MODEL_ACTIONS: Final[Mapping[str, Callable[[Namespace, Names], object]]] = {
    "models": _models,
    "show": _show,
    "predict": _predict,
    "stats": _stats,
    "bench": _bench,
    "compare": _compare,
    "snippet": _snippet,
    "export": _export,
    "logs": _logs,
    "doctor": _doctor,
    "dashboard": _dashboard,
    "console": _console,
}
"""By verb: takes the arguments and the variables, and blocks."""
