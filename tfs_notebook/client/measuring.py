"""How versions are compared and how load is measured, step by step."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np

from tfs_notebook.client.calls import Steps
from tfs_notebook.client.comparing import Ask, Question, compare_answers
from tfs_notebook.client.comparison_sources import (
    MOST_LABELS,
    as_outputs,
    prepared,
    recorded_questions,
)
from tfs_notebook.client.inputs import Nothing, as_inputs, sent
from tfs_notebook.client.limits import Limits
from tfs_notebook.client.load_record import LoadRecord
from tfs_notebook.client.load_test import checked_levels, run_load
from tfs_notebook.client.model_calls import ModelCalls
from tfs_notebook.client.server_access import ServerAccess
from tfs_notebook.client.version_comparison import VersionComparison
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict_sample import sample_inputs
from tfs_notebook.wire.signatures import Signature

__all__ = [
    "Choices",
    "Comparing",
    "LoadPlan",
    "compared_input",
    "compared_log",
    "measured_load",
]

Choices: TypeAlias = "tuple[int | str, int | str]"
"""Two version numbers or labels."""

_WAIT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Comparing:
    """How two are compared; see ``MeasuredModel.compare``.

    Attributes:
        access: to the server.
        name: of the model.
        choices: the two.
        rtol: numbers agree if ``|a - b| <= atol + rtol * |b|``.
        atol: likewise.
        timeout: seconds for each answer.
    """

    access: ServerAccess
    name: str
    choices: Choices
    rtol: float
    atol: float
    timeout: float

    def of(
        self, questions: Iterator[Question], left_out: Counter[str]
    ) -> Steps[VersionComparison]:
        """Ask both."""
        return compare_answers(
            self.name,
            self.choices,
            questions,
            rtol=self.rtol,
            atol=self.atol,
            left_out=left_out,
        )


def compared_input(
    how: Comparing, x: object, signature: str, runs: int
) -> Steps[VersionComparison]:
    """Have two versions answer one input."""
    limits = Limits(how.timeout, _WAIT_SECONDS)
    asks: list[Ask] = []
    index = None
    for choice in how.choices:
        calls = ModelCalls(how.access, _reference(how.name, choice))
        metadata = yield from calls.fresh_metadata(limits)
        chosen = metadata.signature(signature)
        raw = yield from calls.raw_input(x, signature, limits)
        same, index = prepared(x, chosen, raw)
        top = None if raw is None else MOST_LABELS
        ask = partial(_answer, calls, same, chosen, signature, limits, top)
        # What does not answer at all is no difference, but an error.
        yield from ask()
        asks.append(ask)
    question = Question("", index, (asks[0], asks[1]), runs)
    return (yield from how.of(iter([question]), Counter()))


def _answer(
    calls: ModelCalls,
    x: object,
    chosen: Signature,
    signature: str,
    limits: Limits,
    top: int | None,
) -> Steps[dict[str, np.ndarray]]:
    return as_outputs((yield from calls.predict(x, {}, signature, limits, top)), chosen)


def compared_log(
    how: Comparing, files: Sequence[str | os.PathLike[str]]
) -> Steps[VersionComparison]:
    """Have two versions answer the requests of logs."""
    left_out: Counter[str] = Counter()
    questions = recorded_questions(
        how.name, how.choices, files, how.access.transport(), how.timeout, left_out
    )
    compared = yield from how.of(questions, left_out)
    if not compared.requests:
        others = "".join(f"; {count} {what}" for what, count in left_out.items())
        raise InvalidArgument(f"the log has no request to {how.name!r} in it{others}")
    return compared


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What load there is to be; see ``MeasuredModel.bench``.

    Attributes:
        concurrency: how many requests at a time, one number after the other.
        seconds: for each of them.
        signature: which one to run; empty for ``serving_default``.
        title: what to call it; empty for the name of the model.
        timeout: seconds to wait for each answer.
    """

    concurrency: int | Sequence[int]
    seconds: float
    signature: str
    title: str
    timeout: float


def measured_load(
    access: ServerAccess, model: ModelReference, x: object, plan: LoadPlan
) -> Steps[LoadRecord]:
    """Ask a model as fast as it answers."""
    levels = checked_levels(plan.concurrency, plan.seconds)
    signature, title = plan.signature, plan.title or _title(model)
    limits = Limits(plan.timeout, _WAIT_SECONDS, None)
    calls = ModelCalls(access, model)
    metadata = yield from calls.fresh_metadata(limits)
    chosen = metadata.signature(signature)
    if isinstance(x, Nothing):
        x = {alias: _array(value) for alias, value in sample_inputs(chosen).items()}
    # Whatever is wrong with it is told here, and told well.
    yield from calls.predict(x, {}, signature, limits)
    raw = yield from calls.raw_input(x, signature, limits)
    if raw is not None:
        call, request = calls.raw_request(raw, limits), raw.value.described
        return (yield from run_load(title, request, call, levels, plan.seconds))
    inputs = as_inputs(prepared(x, chosen, None)[0], {}, chosen)
    asked = replace(model, signature=signature)
    predict = partial(access.transport().predict, asked, inputs, metadata, plan.timeout)
    return (yield from run_load(title, sent(inputs), predict, levels, plan.seconds))


def _reference(name: str, choice: int | str) -> ModelReference:
    if isinstance(choice, str):
        return ModelReference(name, label=choice)
    return ModelReference(name, choice)


def _array(value: Any) -> object:  # noqa: ANN401 - JSON
    return np.asarray(value) if isinstance(value, list) else value


def _title(model: ModelReference) -> str:
    if model.version is not None:
        return f"{model.name}, version {model.version}"
    return model.name if model.label is None else f"{model.name}, label {model.label}"
