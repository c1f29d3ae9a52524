"""Weights: which of several versions or labels a request goes to."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeAlias

__all__ = ["Split", "Target", "position"]

Target: TypeAlias = int | str
"""A version, or a label."""

_BYTES: Final = 8
_POSITIONS: Final = 2.0 ** (8 * _BYTES)


def position(model: str, target: Target, key: str) -> float:
    """Where a key lies for a target, above 0 and below 1; the same in every process.

    It is the first 64 bits of BLAKE2b (RFC 7693, with a digest of 8 bytes) over model,
    target and key in UTF-8 with zero bytes between them, and half a bit, by 2**64.
    """
    said = f"{model}\0{target}\0{key}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(blake2b(said, digest_size=_BYTES).digest(), "big")
    # The largest numbers would be rounded to 1, which no weight has a place for.
    return min((number + 0.5) / _POSITIONS, math.nextafter(1.0, 0.0))


@dataclass(frozen=True, slots=True)
class Split:
    """Weights by target; what counts is how they stand to each other.

    A key goes to the target with the lowest ``-ln(position) / weight`` (weighted
    rendezvous hashing: Wang and Ravishankar 1998, with the weights of Schindelhauer and
    Schomaker 2005). So nothing has to be remembered for a key to stay where it is, the
    order of the targets does not matter, and a weight that grows against the others takes
    keys from them and moves no other.

    Attributes:
        weights: at least 0, and one above it.
    """

    weights: Mapping[Target, float]

    def ranked(self, model: str, key: str | None) -> list[Target]:
        """The targets that have a weight: first where the key goes, then where it falls to.

        Args:
            model: its name; one client is not the unlucky one of all models.
            key: what the choice sticks to; None for another choice each time.
        """
        places = [
            (-math.log(_place(model, target, key)) / weight, target)
            for target, weight in self.weights.items()
            if weight > 0
        ]
        if len(places) > 1:
            places.sort(key=_by_place)
        return [target for _, target in places]

    @property
    def without_weight(self) -> list[Target]:
        """The targets that nothing goes to."""
        return [target for target, weight in self.weights.items() if not weight]

    def share(self, target: Target) -> float:
        """The share of requests that go to a target, 0 to 1."""
        return self.weights.get(target, 0.0) / sum(self.weights.values())


def _place(model: str, target: Target, key: str | None) -> float:
    # 1 - random() is above 0, of which there is no logarithm.
    return 1.0 - random.random() if key is None else position(model, target, key)  # noqa: S311 - no secret


def _by_place(placed: tuple[float, Target]) -> float:
    return placed[0]
