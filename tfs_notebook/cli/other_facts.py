"""What a version directory offers that holds no SavedModel, for people and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tfs_notebook.lifecycle.version_policy import All, choose_versions
from tfs_notebook.runtimes.function_file import FUNCTION_FILE, read_function_file
from tfs_notebook.runtimes.tflite import load_tflite_model
from tfs_notebook.serving.ensembles.description import ENSEMBLE_FILE, Step, read_ensemble
from tfs_notebook.serving.version_kind import VersionKind, kind_of
from tfs_notebook.wire.signatures import Signature

__all__ = ["other_as_text", "other_facts"]

_INDENT: Final = "  "

_Json = dict[str, Any]


def other_facts(directory: Path) -> _Json | None:
    """The facts of a version directory, or of the newest below a base path. Blocks.

    Returns:
        an object for JSON; None if it is a SavedModel, or nothing that is known.

    Raises:
        ServingError: it cannot be read, or is two things at once.
    """
    path, kind = _located(directory)
    if kind is VersionKind.SAVED_MODEL:
        return None
    facts: _Json = {"path": str(path.absolute()), "kind": kind.value}
    if kind is VersionKind.TFLITE:
        model = load_tflite_model(path, 1)
        facts["signatures"] = {
            name: _signature(signature) for name, signature in sorted(model.signatures.items())
        }
    elif kind is VersionKind.ENSEMBLE:
        ensemble = read_ensemble(path / ENSEMBLE_FILE)
        facts["steps"] = {name: _step(step) for name, step in ensemble.steps.items()}
        facts["outputs"] = {alias: str(source) for alias, source in ensemble.outputs.items()}
    else:
        said = read_function_file(path / FUNCTION_FILE)
        facts["function"] = f"{said.module}:{said.name}"
        facts |= {"inputs": said.inputs, "outputs": said.outputs, "batched": said.batched}
    return facts


def _located(directory: Path) -> tuple[Path, VersionKind]:
    kind = kind_of(directory)
    if kind is not VersionKind.SAVED_MODEL or not directory.is_dir():
        return directory, kind
    children = [child.name for child in directory.iterdir() if child.is_dir()]
    versions = choose_versions(All(), children).versions
    if not versions:
        return directory, kind
    newest = directory / versions[-1].child
    return newest, kind_of(newest)


def _signature(signature: Signature) -> _Json:
    return {
        "method_name": signature.method_name,
        "inputs": [str(spec) for spec in signature.inputs.values()],
        "outputs": [str(spec) for spec in signature.outputs.values()],
    }


def _step(step: Step) -> _Json:
    asked = step.reference
    return {
        "model": asked.name,
        "version": asked.version,
        "label": asked.label,
        "signature": asked.signature or None,
        "inputs": {alias: str(source) for alias, source in step.inputs.items()},
    }


def other_as_text(facts: Mapping[str, Any]) -> str:
    """The facts laid out for a terminal, without a newline at the end.

    Characters that a terminal would act on are escaped, since names are anybody's.
    """
    return "\n".join(
        line if line.isprintable() else line.encode("unicode_escape").decode()
        for line in _lines(facts)
    )


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"path  {facts['path']}"
    yield f"kind  {facts['kind']}"
    for name, signature in facts.get("signatures", {}).items():
        yield f"SIGNATURE {name}, {signature['method_name'] or 'no method'}"
        for side in ("input", "output"):
            yield from (f"{_INDENT}{side} {spec}" for spec in signature[f"{side}s"])
    for name, step in facts.get("steps", {}).items():
        version = "" if step["version"] is None else f" version {step['version']}"
        label = "" if step["label"] is None else f" label {step['label']}"
        signature = "" if step["signature"] is None else f", signature {step['signature']}"
        yield f"STEP {name}: model {step['model']}{version}{label}{signature}"
        yield from (f"{_INDENT}{alias} <- {source}" for alias, source in step["inputs"].items())
    if "function" in facts:
        yield f"FUNCTION {facts['function']}"
        yield from (
            f"{_INDENT}{what} {facts[what]}"
            for what in ("inputs", "outputs", "batched")
            if facts[what] is not None
        )
    elif "outputs" in facts:
        yield "OUTPUTS"
        yield from (f"{_INDENT}{alias} <- {of}" for alias, of in facts["outputs"].items())
