"""What is told of a model's traffic, and what is asked to be changed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tfs_notebook.serving.routing.decision import Counted, Evidence
from tfs_notebook.serving.routing.figures import ShadowRead
from tfs_notebook.serving.routing.settings import NO_LABEL, ShadowSettings, TrafficSettings
from tfs_notebook.serving.routing.split import Split, Target

__all__ = ["TrafficChanges", "TrafficStatus"]


@dataclass(frozen=True, slots=True)
class TrafficChanges:
    """What to change of a model's traffic.

    Attributes:
        splits: by label, an empty one for requests without; None takes weights away.
        shadow: copies; None leaves them as they are.
        ends_shadow: take the copies away.
        reset: take back first all that was said, a rollout that has ended included.
    """

    splits: Mapping[str, Split | None]
    shadow: ShadowSettings | None = None
    ends_shadow: bool = False
    reset: bool = False


@dataclass(frozen=True, slots=True)
class TrafficStatus:
    """What holds for a model's traffic, and what was counted.

    Attributes:
        name: of the model.
        traffic: what was said.
        versions: that each target stands for now; None for one that is not there.
        counted: of the requests that were routed, by version.
        shadow: what became of copies; None if there were none.
        evidence: of the rollout's step; None if none is under way.
        waits_for: what is missing for the next step.
    """

    name: str
    traffic: TrafficSettings
    versions: Mapping[Target, int | None]
    counted: Mapping[int, Counted]
    shadow: ShadowRead | None
    evidence: Evidence | None
    waits_for: str | None

    @property
    def shares(self) -> Mapping[int, float]:
        """Of the requests without version and label, by version; empty without weights."""
        split = self.traffic.splits.get(NO_LABEL)
        shares: dict[int, float] = {}
        if split is not None:
            for target in split.weights:
                if (version := self.versions.get(target)) is not None:
                    shares[version] = shares.get(version, 0.0) + split.share(target)
        return shares
