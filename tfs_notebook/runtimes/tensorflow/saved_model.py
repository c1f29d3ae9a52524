"""A SavedModel that serves: its signatures, each resolved once, and their runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from tfs_notebook.runtimes.hanging import hanging_runs
from tfs_notebook.runtimes.tensorflow.graph_effects import GraphEffects
from tfs_notebook.runtimes.tensorflow.inline_pool import InlinePool
from tfs_notebook.runtimes.tensorflow.library import Library, load_library
from tfs_notebook.runtimes.tensorflow.session import Endpoints, Session
from tfs_notebook.runtimes.tensorflow.steady_graph import SteadyGraph
from tfs_notebook.runtimes.tensorflow.string_keepers import keeps_strings
from tfs_notebook.runtimes.tensorflow.strings import check_layout
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import NotFound
from tfs_notebook.wire.messages import MetaGraphDef, SignatureDef
from tfs_notebook.wire.signatures import Signature, signature_of

__all__ = ["TensorFlowModel", "load_saved_model"]

# Of a signature; what more there are is resolved at each run, some µs an output.
_MOST_KEPT_FETCHES: Final = 32

_first_use = Lock()
_layout_checked = False


def load_saved_model(path: Path, tags: Sequence[str], config: bytes = b"") -> TensorFlowModel:
    """Load a version directory; blocks until TensorFlow has loaded it.

    Args:
        path: the directory that holds ``saved_model.pb``.
        tags: the tags of the meta graph, usually ``["serve"]``.
        config: a serialised ``ConfigProto``.

    Raises:
        ServingError: TensorFlow's own text with its canonical code.
        NotFound: no SavedModel is there, or only a part of one.
        FailedPrecondition: the TensorFlow library cannot be used here.
    """
    library = load_library()
    _check_once(library)
    # Before the load: what comes during it may have come too late for TensorFlow.
    has_variables = (path / "variables" / "variables.index").is_file()
    session, definition = Session.load(library, path, tags, config)
    try:
        meta_graph = MetaGraphDef.FromString(definition)
        if not has_variables:
            _check_without_variables(path, meta_graph)
        session.keeps_strings = keeps_strings(meta_graph.graph_def)
        return TensorFlowModel(session, meta_graph)
    except BaseException:
        session.close()
        raise


def _check_without_variables(path: Path, meta_graph: MetaGraphDef) -> None:
    # TensorFlow takes a directory without the index for a model without variables,
    # and one that is being copied may have got its saved_model.pb first.
    if meta_graph.saver_def.filename_tensor_name:
        raise NotFound(
            f"{path} has no variables/variables.index, which its saved_model.pb needs; is "
            "it still being copied? Copy under another name and rename when it is whole"
        )


def _check_once(library: Library) -> None:
    global _layout_checked  # noqa: PLW0603 - once a process
    with _first_use:
        if not _layout_checked:
            check_layout(library)
            _layout_checked = True


@dataclass(slots=True)
class _Plan:
    """A signature's feeds and fetches in the graph; fetches by the outputs wanted."""

    feeds: Endpoints
    aliases: list[str]
    fetches: dict[tuple[str, ...], Endpoints] = field(default_factory=dict)
    pool: InlinePool = field(default_factory=InlinePool)


class TensorFlowModel:
    """A loaded SavedModel; see :class:`~tfs_notebook.runtimes.model.Model`."""

    def __init__(
        self,
        session: Session,
        meta_graph: MetaGraphDef,
    ) -> None:
        self._session = session
        self.signature_defs: Mapping[str, SignatureDef] = dict(meta_graph.signature_def)
        self.signatures = {
            name: signature_of(name, definition)
            for name, definition in self.signature_defs.items()
        }
        effects = GraphEffects(meta_graph.graph_def)
        self._with_effects = {
            name
            for name, signature in self.signatures.items()
            if effects.of(spec.tensor_name for spec in signature.outputs.values())
        }
        # What a run leaves behind may be more work for another signature's.
        self._with_steady_work = (
            set()
            if self._with_effects
            else _with_steady_work(SteadyGraph(meta_graph.graph_def), self.signatures)
        )
        self._plans: dict[str, _Plan] = {}

    def has_effects(self, signature: Signature) -> bool:
        """See ``runtimes.model.TellsEffects``."""
        return signature.name in self._with_effects

    def has_steady_work(self, signature: Signature) -> bool:
        """See ``runtimes.model.TellsWork``."""
        return signature.name in self._with_steady_work

    def run(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        """Run one signature; see :class:`~tfs_notebook.runtimes.model.Model`."""
        plan, fetches = self._resolved(signature, outputs)
        arrays = [
            ((inputs[alias][0],), inputs[alias][1])
            if alias in inputs
            else ((signature.defaults[alias],), signature.inputs[alias].dtype)
            for alias in plan.aliases
        ]
        return self._run(plan, arrays, fetches)

    def run_parts(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[Sequence[np.ndarray], int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        """Run one signature on rows in parts; see ``runtimes.model.TakesParts``."""
        plan, fetches = self._resolved(signature, outputs)
        arrays = [
            inputs[alias]
            if alias in inputs
            else ((signature.defaults[alias],), signature.inputs[alias].dtype)
            for alias in plan.aliases
        ]
        return self._run(plan, arrays, fetches)

    def _run(
        self,
        plan: _Plan,
        arrays: Sequence[tuple[Sequence[np.ndarray], int]],
        fetches: Endpoints,
    ) -> list[np.ndarray]:
        pool = plan.pool
        # TensorFlow's pool may have lost threads to runs that hang.
        inline = pool.inline or bool(hanging_runs)
        clock = pool.clock
        started = clock()
        results = self._session.run(plan.feeds, arrays, fetches, inline=inline)
        pool.record(clock() - started, clock)
        return results

    def _resolved(
        self, signature: Signature, outputs: Sequence[str]
    ) -> tuple[_Plan, Endpoints]:
        plan = self._plans.get(signature.name) or self._plan(signature)
        wanted = tuple(outputs)
        fetches = plan.fetches.get(wanted)
        if fetches is None:
            fetches = self._fetches(plan, signature, wanted)
        return plan, fetches

    def _plan(self, signature: Signature) -> _Plan:
        # Two threads may both make the first one of a signature; either will do.
        feeds = self._session.resolve([spec.tensor_name for spec in signature.inputs.values()])
        plan = self._plans[signature.name] = _Plan(feeds, list(signature.inputs))
        return plan

    def _fetches(
        self, plan: _Plan, signature: Signature, outputs: tuple[str, ...]
    ) -> Endpoints:
        fetches = self._session.resolve(
            [signature.outputs[alias].tensor_name for alias in outputs]
        )
        # Clients choose the outputs and their order, and there are many orders.
        if len(plan.fetches) < _MOST_KEPT_FETCHES:
            plan.fetches[outputs] = fetches
        return fetches

    def close(self) -> None:
        """Free the session and its memory; blocks."""
        self._session.close()


def _with_steady_work(graph: SteadyGraph, signatures: Mapping[str, Signature]) -> set[str]:
    found = set()
    for name, signature in signatures.items():
        given, wanted = signature.inputs.values(), signature.outputs.values()
        # How long a string is no shape tells.
        if all(spec.dtype != DataType.STRING for spec in (*given, *wanted)) and graph.makes(
            (spec.tensor_name for spec in wanted), (spec.tensor_name for spec in given)
        ):
            found.add(name)
    return found
