"""What is said of a model's traffic, and kept: weights, copies, a rollout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from tfs_notebook.serving.routing.rollout import FULL, Phase, Rollout
from tfs_notebook.serving.routing.split import Split, Target

__all__ = ["NO_LABEL", "NO_TRAFFIC", "ShadowSettings", "TrafficSettings"]

NO_LABEL: Final = ""
"""Whose requests name neither version nor label."""


@dataclass(frozen=True, slots=True)
class ShadowSettings:
    """Copies for a second version.

    Attributes:
        target: the version, or a label of it.
        share: of the requests, above 0 and at most 1.
        rtol: how far numbers may be apart, relative to the true answer's.
        atol: and beside that, absolutely.
        examples: how many differences are kept to be looked at; 0 keeps nothing of anybody's
            input.
    """

    target: Target
    share: float = 1.0
    rtol: float = 1e-5
    atol: float = 1e-6
    examples: int = 5


@dataclass(frozen=True, slots=True)
class TrafficSettings:
    """All that is said of a model's traffic.

    Attributes:
        splits: weights by the label that requests name, :data:`NO_LABEL` for none. They are
            not served by what the label stands for while there are any.
        shadow: copies for a second version.
        rollout: the one that is under way, or the last one.
    """

    splits: Mapping[str, Split] = field(default_factory=dict)
    shadow: ShadowSettings | None = None
    rollout: Rollout | None = None

    def with_split(self, label: str, split: Split | None) -> TrafficSettings:
        """The same with other weights; None takes them away."""
        splits = {name: one for name, one in self.splits.items() if name != label}
        if split is not None:
            splits[label] = split
        return replace(self, splits=splits)

    def with_rollout(
        self, rollout: Rollout, shadow: ShadowSettings | None = None
    ) -> TrafficSettings:
        """What a rollout makes of it: its weights, and no copies once it has ended.

        A rollout of a label leaves no weights behind: what the label stands for says it.

        Args:
            rollout: as it is now.
            shadow: what it begins with; by default what there is.
        """
        plan, weight = rollout.plan, rollout.weight
        label = plan.label or NO_LABEL
        split: Split | None = Split({plan.stable: FULL - weight, plan.candidate: weight})
        if plan.label is not None and not rollout.phase.is_active:
            split = None
        if not rollout.phase.is_active:
            shadow = None
        elif shadow is None:
            shadow = self.shadow
        return replace(self.with_split(label, split), shadow=shadow, rollout=rollout)

    @property
    def is_rolling_out(self) -> bool:
        """Whether a rollout is under way."""
        return self.rollout is not None and self.rollout.phase.is_active

    @property
    def is_promoted(self) -> bool:
        """Whether the last rollout ended well."""
        return self.rollout is not None and self.rollout.phase is Phase.PROMOTED

    @property
    def routes(self) -> bool:
        """Whether requests go elsewhere for it, or are copied."""
        return bool(self.splits) or self.shadow is not None


NO_TRAFFIC: Final = TrafficSettings()
"""Nothing is said."""
