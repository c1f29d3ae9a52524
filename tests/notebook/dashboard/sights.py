"""Servers that nobody runs: made up, for what a dashboard says of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from tests.client.looks import counts, look
from tfs_notebook.client.observing import History, Observation
from tfs_notebook.client.observing.observation import (
    Load,
    ModelObservation,
    Pin,
    Recording,
    StateChange,
    VersionObservation,
)
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["ENGLISH", "NOW", "history", "model", "pinned", "server", "version"]

NOW: Final = 1e9
ENGLISH: Final = Words(str)


def version(
    number: int, state: str = "AVAILABLE", error: str | None = None, **known: Any
) -> VersionObservation:
    """A version that came into its state five seconds ago."""
    changes = (StateChange(NOW - 9, "START", None), StateChange(NOW - 5, state, error))
    loaded = Load(NOW - 5, 1.5, 8_000_000) if state == "AVAILABLE" else None
    found = VersionObservation(number, state, error, changes, loaded, None)
    return replace(found, **known)


def model(name: str, *versions: VersionObservation, **known: Any) -> ModelObservation:
    """A model that is asked for a little."""
    numbers = [one.version for one in versions]
    counted = tuple(counts([1500.0] * 20, version=one, queued=3) for one in numbers)
    found = ModelObservation(
        name,
        versions,
        counted,
        base_path=f"/models/{name}",
        version_policy="latest",
        labels={},
        recording=Recording(0.0, {}),
    )
    return replace(found, **known)


def server(*models: ModelObservation, received: float = 10.0) -> Observation:
    """A server with these."""
    return replace(look(received, time=NOW, resident=5_000_000), models=models)


def history(*models: ModelObservation) -> History:
    """Two looks at a server, 10 seconds apart, of which the first has seen no request."""
    made = History()
    idle = tuple(
        replace(
            one,
            counts=one.counts
            and tuple(counts([], version=count.version) for count in one.counts),
        )
        for one in models
    )
    made.add(server(*idle, received=0.0))
    made.add(server(*models))
    return made


def pinned(*numbers: int) -> Pin:
    """A pin to these versions."""
    return Pin(numbers, "latest")
