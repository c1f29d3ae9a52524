"""Weights and copies as JSON: as people, files and the journal say them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from tfs_notebook.serving.routing.document_fields import check_fields, names_of, number, whole
from tfs_notebook.serving.routing.settings import ShadowSettings
from tfs_notebook.serving.routing.split import Split, Target
from tfs_notebook.serving.version_policies import check_version
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.shown_values import shown

__all__ = [
    "LARGEST",
    "read_label",
    "read_shadow",
    "read_shadow_options",
    "read_split",
    "read_target",
    "write_shadow",
    "write_split",
]

LARGEST: Final = 1e9
"""The largest number of anything that is said."""

_MOST_TARGETS: Final = 16
_MOST_EXAMPLES: Final = 20
_LONGEST_LABEL: Final = 255


def read_target(value: object) -> Target:
    """A version or a label; digits are a version.

    Raises:
        InvalidArgument: it is neither.
    """
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return check_version(int(value[:_LONGEST_LABEL]))
    if isinstance(value, str):
        return read_label(value)
    return check_version(value)


def read_label(value: object) -> str:
    """A label of a version.

    Raises:
        InvalidArgument: it is none.
    """
    if isinstance(value, str) and value.isprintable() and 0 < len(value) <= _LONGEST_LABEL:
        return value
    raise InvalidArgument(
        f"a label has 1 to {_LONGEST_LABEL} printable characters; got {shown(value)}"
    )


def read_split(value: object) -> Split:
    """Weights by version or label.

    Raises:
        InvalidArgument: they are none; the text says what would be.
    """
    if not isinstance(value, Mapping) or not value or len(value) > _MOST_TARGETS:
        raise InvalidArgument(
            f'weights are numbers by version or label, such as {{"stable": 95, "gray": 5}}, of '
            f"1 to {_MOST_TARGETS} of them; got {shown(value)}"
        )
    weights: dict[Target, float] = {}
    for name, weight in value.items():
        target = read_target(name)
        if target in weights:
            raise InvalidArgument(f"{target} is there twice")
        weights[target] = number(weight, f"the weight of {target}", 0, LARGEST)
    if not any(weights.values()):
        raise InvalidArgument("all weights are 0; one of them has to be above that")
    return Split(weights)


def write_split(split: Split) -> dict[str, float]:
    """Write weights so that :func:`read_split` reads them."""
    return {str(target): weight for target, weight in split.weights.items()}


def read_shadow(value: object) -> ShadowSettings:
    """Copies as they are asked for; the target alone says that all are copied.

    Raises:
        InvalidArgument: that cannot be made out.
    """
    if not isinstance(value, Mapping):
        return ShadowSettings(read_target(value))
    if "target" not in value:
        raise InvalidArgument(
            'say for which version or label: {"shadow": {"target": 2, "share": 0.1}}'
        )
    return read_shadow_options(value, read_target(value["target"]))


def read_shadow_options(value: Mapping[str, Any], target: Target) -> ShadowSettings:
    """How copies are made for a target.

    Raises:
        InvalidArgument: that cannot be made out.
    """
    check_fields(value, names_of(ShadowSettings), '"shadow"')
    settings = ShadowSettings(target)
    share = number(value.get("share", settings.share), '"share"', 0, 1)
    if not share:
        raise InvalidArgument('"share" is above 0 and at most 1; null takes the copies away')
    return ShadowSettings(
        target,
        share,
        number(value.get("rtol", settings.rtol), '"rtol"', 0, LARGEST),
        number(value.get("atol", settings.atol), '"atol"', 0, LARGEST),
        whole(value.get("examples", settings.examples), '"examples"', _MOST_EXAMPLES),
    )


def write_shadow(shadow: ShadowSettings | None) -> dict[str, Any] | None:
    """Write them so that :func:`read_shadow` reads them."""
    return None if shadow is None else asdict(shadow)
