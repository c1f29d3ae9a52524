"""Inputs and outputs in dicts and lists, as models take and give them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["Path", "leaves", "matched", "packed"]

Path: TypeAlias = "tuple[str | int, ...]"
"""Where a leaf is: keys of dicts and places in lists; empty if it is all there is."""

IsLeaf: TypeAlias = "Callable[[object], bool]"


def _never(_: object) -> bool:
    return False


def leaves(structure: object, is_leaf: IsLeaf = _never) -> Iterator[tuple[Path, object]]:
    """What is in dicts, lists and tuples; dicts in the order of their keys.

    Args:
        structure: of any depth.
        is_leaf: what is not to be looked into, a shape for instance.
    """
    if not is_leaf(structure):
        items = _items(structure)
        if items is not None:
            for key, child in items:
                for path, leaf in leaves(child, is_leaf):
                    yield (key, *path), leaf
            return
    yield (), structure


def packed(structure: object, values: Sequence[object], is_leaf: IsLeaf = _never) -> object:
    """The same dicts and lists with other leaves.

    Args:
        structure: what they are to be like.
        values: the leaves, in the order of :func:`leaves`.
        is_leaf: as there.
    """
    return _packed(structure, iter(values), is_leaf)


def _packed(structure: object, values: Iterator[object], is_leaf: IsLeaf) -> object:
    items = None if is_leaf(structure) else _items(structure)
    if items is None:
        return next(values)
    children = {key: _packed(child, values, is_leaf) for key, child in items}
    if isinstance(structure, Mapping):
        return children
    return tuple(children.values()) if isinstance(structure, tuple) else list(children.values())


def matched(structure: object, given: object, is_leaf: IsLeaf = _never) -> list[object]:
    """The parts of something that stand where a structure has its leaves.

    Raises:
        InvalidArgument: it has no part for a leaf, or more of them.
    """
    items = None if is_leaf(structure) else _items(structure)
    if items is None:
        return [given]
    if isinstance(structure, Mapping):
        if not isinstance(given, Mapping) or set(given) != set(structure):
            raise InvalidArgument(
                f"a dict of {sorted(structure)} is due, and got {_shown(given)}"
            )
        parts = [given[key] for key, _ in items]
    elif len(items) == 1 and not isinstance(given, list | tuple):
        parts = [given]
    else:
        if not isinstance(given, list | tuple) or len(given) != len(items):
            raise InvalidArgument(
                f"a list of {len(items)} inputs is due, and got {_shown(given)}"
            )
        parts = list(given)
    return [
        leaf
        for (_, child), part in zip(items, parts, strict=True)
        for leaf in matched(child, part, is_leaf)
    ]


def _items(structure: object) -> list[tuple[str | int, object]] | None:
    if isinstance(structure, Mapping):
        return [(key, structure[key]) for key in sorted(structure)]
    if isinstance(structure, list | tuple):
        return list(enumerate(structure))
    return None


def _shown(given: object) -> str:
    if isinstance(given, Mapping):
        return f"a dict of {sorted(map(str, given))}"
    if isinstance(given, list | tuple):
        return f"a {type(given).__name__} of {len(given)}"
    return f"a {type(given).__name__}"
