"""What an ensemble's file says, validated and read into records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tfs_notebook.wire.errors import DataLoss
from tfs_notebook.wire.model_spec import ModelReference

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

__all__ = [
    "ENSEMBLE_FILE",
    "REQUEST",
    "EnsembleDescription",
    "Source",
    "Step",
    "read_ensemble",
    "validated_ensemble",
    "write_ensemble",
]

ENSEMBLE_FILE: Final = "tfs_notebook_ensemble.json"
REQUEST: Final = "request"

_MOST_BYTES: Final = 1 << 20
_LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Source:
    """Where a tensor comes from.

    Attributes:
        step: whose output it is; ``request`` for an input of the ensemble.
        name: of the output, or of the input.
    """

    step: str
    name: str

    def __str__(self) -> str:
        return f"{self.step}.{self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """One request to a model.

    Attributes:
        name: in the ensemble.
        reference: model, version or label, signature.
        inputs: where they come from, by alias.
        needs: the steps that have to be done before.
    """

    name: str
    reference: ModelReference
    inputs: Mapping[str, Source]

    @property
    def needs(self) -> frozenset[str]:
        """The steps whose outputs it is given."""
        return frozenset(one.step for one in self.inputs.values()) - {REQUEST}

    @property
    def member(self) -> str:
        """Which model it asks, for people."""
        asked = self.reference
        version = "" if asked.version is None else f" version {asked.version}"
        label = "" if asked.label is None else f" label {asked.label!r}"
        return f"{asked.name}{version}{label}"


@dataclass(frozen=True, slots=True)
class EnsembleDescription:
    """A graph without cycles.

    Attributes:
        steps: by name, each after those that it needs.
        outputs: by alias.
    """

    steps: Mapping[str, Step]
    outputs: Mapping[str, Source]

    @property
    def members(self) -> frozenset[str]:
        """The names of the models that it asks."""
        return frozenset(step.reference.name for step in self.steps.values())

    def needed_for(self, outputs: frozenset[str]) -> frozenset[str]:
        """The steps that have to be made for these of its outputs."""
        needed: set[str] = set()
        open_steps = [self.outputs[alias].step for alias in outputs]
        while open_steps:
            name = open_steps.pop()
            if name not in needed:
                needed.add(name)
                open_steps.extend(self.steps[name].needs)
        return frozenset(needed)

    def used_outputs(self, step: str) -> tuple[str, ...]:
        """The outputs of a step that anybody takes, sorted."""
        sources = [one for other in self.steps.values() for one in other.inputs.values()]
        sources += self.outputs.values()
        return tuple(sorted({one.name for one in sources if one.step == step}))


def read_ensemble(path: Path) -> EnsembleDescription:
    """Read and validate an ensemble's file. Blocks.

    Raises:
        DataLoss: it cannot be read or is not valid; the message names the file and the place.
    """
    try:
        if (size := path.stat().st_size) > _MOST_BYTES:
            raise DataLoss(f"{path} has {size} bytes; an ensemble has {_MOST_BYTES} at most")
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataLoss(f"{path} cannot be read as JSON: {error}") from error
    return validated_ensemble(document, str(path))


def validated_ensemble(document: object, source: str) -> EnsembleDescription:
    """Check an ensemble's document and return its record.

    Args:
        document: the JSON document, parsed.
        source: what to call it in an error.

    Raises:
        DataLoss: it breaks the schema, names a step that is not there, or goes in a circle.
    """
    try:
        _check_schema(document)
        assert isinstance(document, dict)  # noqa: S101 - the schema says so
        steps = {name: _step(name, said) for name, said in document["steps"].items()}
        outputs = {alias: _source(text) for alias, text in document["outputs"].items()}
        _check_sources(steps, outputs)
        return EnsembleDescription(_in_order(steps), outputs)
    except ValueError as wrong:
        raise DataLoss(f"{source} is no valid ensemble: {wrong}") from None


def write_ensemble(version_dir: Path, document: Mapping[str, Any]) -> Path:
    """Write an ensemble into a version directory, which is made; returns the file's path.

    The file appears at once, so a server that looks meanwhile finds all of it or nothing.

    Raises:
        DataLoss: the document is not valid.
    """
    path = version_dir / ENSEMBLE_FILE
    validated_ensemble(dict(document), str(path))
    version_dir.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    text = json.dumps(document, ensure_ascii=False, indent=2)
    unfinished.write_text(f"{text}\n", "utf-8")
    unfinished.replace(path)
    return path


def _check_schema(document: object) -> None:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - 0.2 s that not everyone needs

    error = best_match(_validator().iter_errors(document))
    if error is None:
        return
    place = ".".join(map(str, error.absolute_path)) or "the document"
    if error.validator == "not" and isinstance(error.instance, dict):
        raise ValueError(f"{place}: a step has a version or a label, not both")
    shown = repr(error.instance)
    short = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
    raise ValueError(f"{place}: {str(error.message).replace(shown, short)}")


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - as above

    schema = files(__package__).joinpath("ensemble.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(schema))


def _step(name: str, said: Mapping[str, Any]) -> Step:
    reference = ModelReference(
        said["model"], said.get("version"), said.get("label"), said.get("signature", "")
    )
    inputs = {alias: _source(text) for alias, text in said["inputs"].items()}
    return Step(name, reference, inputs)


def _source(text: str) -> Source:
    step, _, name = text.partition(".")
    return Source(step, name)


def _check_sources(steps: Mapping[str, Step], outputs: Mapping[str, Source]) -> None:
    known = ", ".join(steps)
    for step in steps.values():
        for alias, source in step.inputs.items():
            if source.step != REQUEST and source.step not in steps:
                raise ValueError(
                    f"steps.{step.name}.inputs.{alias}: there is no step {source.step!r}; "
                    f"there is {REQUEST}, {known}"
                )
    for alias, source in outputs.items():
        if source.step not in steps:
            raise ValueError(
                f"outputs.{alias}: there is no step {source.step!r}; there is {known}"
            )


def _in_order(steps: Mapping[str, Step]) -> dict[str, Step]:
    ordered: dict[str, Step] = {}
    left = dict(steps)
    while left:
        free = [name for name, step in left.items() if step.needs <= ordered.keys()]
        if not free:
            raise ValueError(f"the steps {', '.join(left)} need one another in a circle")
        for name in free:
            ordered[name] = left.pop(name)
    return ordered
