"""Models that are held to versions, whatever newer ones come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfs_notebook.lifecycle.version_policy import VersionPolicy
from tfs_notebook.serving.version_policies import check_version, read_policy, write_policy

__all__ = ["Pin", "read_pin", "write_pin"]


@dataclass(frozen=True, slots=True)
class Pin:
    """What a model is held to. Where models are loaded on request, it stays in memory too.

    Attributes:
        versions: that are served, beside those that labels stand for; ascending.
        follows: the policy that held before, and does again when the pin is taken out.
    """

    versions: tuple[int, ...]
    follows: VersionPolicy


def write_pin(pin: Pin | None) -> dict[str, Any] | None:
    """What JSON can say of it, for :func:`read_pin` and for people."""
    if pin is None:
        return None
    return {"versions": list(pin.versions), "version_policy": write_policy(pin.follows)}


def read_pin(document: object) -> Pin | None:
    """Read what :func:`write_pin` has written.

    Raises:
        KeyError: it is nothing of the kind.
        TypeError: likewise.
        InvalidArgument: likewise.
    """
    if document is None:
        return None
    if not isinstance(document, Mapping) or not isinstance(document["versions"], list):
        raise TypeError("a pin is a list of versions and a version_policy, or null")
    versions = tuple(sorted({check_version(one) for one in document["versions"]}))
    return Pin(versions, read_policy(document["version_policy"]))
