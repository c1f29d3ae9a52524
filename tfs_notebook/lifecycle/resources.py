"""How much memory there is, how much is spoken for, and what that means. Pure.

TensorFlow Serving's ``ResourceTracker`` counts many kinds of resources on many
devices. What it is used for in practice is one of them, device ``main`` and
kind ``ram_in_bytes``, and that one is counted here, as a plain number. There
is one such device, so a quantity that is bound to it and one that is not are
the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.wire.errors import Internal, InvalidArgument, ResourceExhausted, ServingError

__all__ = ["ResourceTracker", "check_estimate", "estimate_failed", "shrunk"]

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True)
class ResourceTracker:
    """RAM in bytes: what there is, and what is reserved. Immutable.

    The manager makes one from its records for each decision, so nothing that
    was reserved can be forgotten to be released.
    """

    total: int | None
    """None: no limit, nothing is ever denied."""
    used: int = 0

    @property
    def free(self) -> int | None:
        """What can still be reserved; None without a limit."""
        return None if self.total is None else max(0, self.total - self.used)

    def fits(self, needed: int) -> bool:
        """Whether this much can be reserved now."""
        return self.total is None or self.used + needed <= self.total

    def can_ever_fit(self, needed: int) -> bool:
        """Whether this much could be reserved if nothing else were."""
        return self.total is None or needed <= self.total

    def reserve(self, needed: int) -> ResourceTracker:
        """What is left after reserving this much.

        Raises:
            ResourceExhausted: if it does not fit.
        """
        if not self.fits(needed):
            raise ResourceExhausted(f"{self._lack(needed)}.")
        return ResourceTracker(self.total, self.used + needed)

    def denial(self, id_: ServableId, needed: int) -> ResourceExhausted:
        """Why a servable is not loaded: TensorFlow Serving's text, and the numbers."""
        text = f"Insufficient resources to load servable {id_}: {self._lack(needed)}"
        if not self.can_ever_fit(needed):
            return ResourceExhausted(f"{text}. It can never fit; raise the limit to load it.")
        return ResourceExhausted(f"{text}. It will be loaded when enough memory is free.")

    def _lack(self, needed: int) -> str:
        return (
            f"it needs {_size(needed)} of memory; of the limit of {_size(self.total or 0)}, "
            f"{_size(self.free or 0)} are free"
        )


def check_estimate(estimate: int | None) -> int:
    """The estimate as a quantity; what is unknown counts as nothing. Pure.

    Raises:
        InvalidArgument: if it is negative.
    """
    if estimate is None:
        return 0
    if estimate < 0:
        raise InvalidArgument(f"A resource estimate is at least 0 bytes; this is {estimate}")
    return estimate


def shrunk(reserved: int, estimate: int) -> int:
    """What a loaded servable keeps of its reservation. Pure.

    Raises:
        InvalidArgument: if the new estimate is larger than what was reserved;
            an estimate before the load is an upper bound.
    """
    if estimate > reserved:
        raise InvalidArgument(
            f"The resource estimate rose from {reserved} to {estimate} bytes with the load; "
            "an estimate before the load has to be an upper bound"
        )
    return estimate


def estimate_failed(id_: ServableId, error: ServingError) -> Internal:
    """The error of a servable whose estimate could not be had."""
    return Internal(
        f"Error while attempting to reserve resources to load servable {id_}: {error.message}"
    )


def _size(number: int) -> str:
    """``1536`` as ``1536 bytes (1.5 KiB)``."""
    value, unit = float(number), ""
    for larger in _UNITS:
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{number} bytes ({value:.1f} {unit})" if unit else f"{number} bytes"
