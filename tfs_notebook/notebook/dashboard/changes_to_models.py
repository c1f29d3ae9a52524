"""The orders there are: each with its title, and a question where it may hurt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tfs_notebook.client.control import ModelControl
from tfs_notebook.notebook.dashboard import figures
from tfs_notebook.notebook.dashboard.orders import Order
from tfs_notebook.notebook.dashboard.words import Words
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["ModelOrders"]

_LOAD_SECONDS: Final = 600.0
_MICROS_OF_A_MILLI: Final = 1000


class ModelOrders:
    """Makes orders about one model.

    Args:
        name: of the model.
        words: of the language.
    """

    def __init__(self, name: str, words: Words) -> None:
        self._name = name
        self._words = words

    def load(self, base_path: str = "") -> Order:
        """Serve it, from its own place or from a new one; or load it again."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            control.load(name, base_path=base_path or None, timeout=_LOAD_SECONDS)
            return words("it answers")

        return Order(words("load {name}", name=name), run)

    def unload(self) -> Order:
        """Serve it no longer."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            control.unload(name)
            return ""

        return Order(
            words("unload {name}", name=name),
            run,
            words("Unload {name}? Whoever asks for it gets an error then.", name=name),
        )

    def roll_back(self, version: int | None) -> Order:
        """Serve this version, or the one before."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            control.rollback(name, version, timeout=_LOAD_SECONDS)
            return ""

        to = words("the version before") if version is None else f"{words('version')} {version}"
        return Order(
            words("roll {name} back to {version}", name=name, version=to),
            run,
            words(
                "Roll {name} back to {version}? It answers from then on.", name=name, version=to
            ),
        )

    def pin(self, versions: Sequence[int]) -> Order:
        """Hold it to these versions; to those it serves if there are none."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            control.pin(name, list(versions) or None, timeout=_LOAD_SECONDS)
            return words("newer versions are left alone until it is unpinned")

        text = ", ".join(map(str, versions)) or words("what it serves")
        return Order(words("pin {name} to {versions}", name=name, versions=text), run)

    def unpin(self) -> Order:
        """Let it follow its policy again."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            control.unpin(name, timeout=_LOAD_SECONDS)
            return ""

        return Order(
            words("unpin {name}", name=name),
            run,
            words("Unpin {name}? It may change to another version at once.", name=name),
        )

    def move_label(self, label: str, version: int | None) -> Order:
        """Have a label stand for a version, or with None for nothing."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            if not label:
                raise InvalidArgument(words("which label? Type or choose one first"))
            control.set_labels(name, {label: version})
            return ""

        if version is None:
            title = words("take label {label} from {name}", label=label, name=name)
        else:
            title = words(
                "label {label} of {name} to version {version}",
                label=label,
                name=name,
                version=version,
            )
        question = words("{title}? Whoever asks by label is affected at once.", title=title)
        return Order(title, run, question)

    def change_batching(
        self, parameters: Mapping[str, object], *, reset: bool = False
    ) -> Order:
        """Have parameters hold from now on; or take back all that was said."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            if not parameters and not reset:
                raise InvalidArgument(words("nothing was changed in the fields"))
            control.set_batching(name, parameters, reset=reset)
            return ", ".join(f"{key} = {value}" for key, value in parameters.items())

        if reset:
            return Order(words("take back the batching of {name}", name=name), run)
        return Order(words("change the batching of {name}", name=name), run)

    def tune(self, target_ms: float) -> Order:
        """Have the automatic mode hold a latency; 0 ends it."""
        name, words = self._name, self._words
        micros = round(target_ms * _MICROS_OF_A_MILLI)

        def run(control: ModelControl) -> str:
            control.set_batching(name, {"latency_target_micros": micros or None})
            return ""

        if not micros:
            return Order(words("end the tuning of {name}", name=name), run)
        title = words(
            "tune {name} to a p99 of {ms} ms", name=name, ms=figures.millis(target_ms)
        )
        return Order(title, run)

    def record(self, share: float) -> Order:
        """Record this share of its requests; 0 for none."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            control.set_recording(name, share)
            return words("into {path}", path=control.recording(name)["directory"])

        if not share:
            return Order(words("stop recording {name}", name=name), run)
        title = words("record {share} of {name}", share=figures.share(share), name=name)
        return Order(
            title,
            run,
            words(
                "{title}? What people send is written to the server's disk then.", title=title
            ),
        )

    def make_warmup(self, version: int, *, distinct: bool, replace: bool) -> Order:
        """Write recorded requests beside a version."""
        name, words = self._name, self._words

        def run(control: ModelControl) -> str:
            made = control.make_warmup(name, version, distinct=distinct, replace=replace)
            return words("{n} records in {path}", n=made["records"], path=made["path"])

        title = words("warm-up file of {name} {version}", name=name, version=version)
        question = words("Replace the warm-up file that is there?") if replace else ""
        return Order(title, run, question)
