"""The structure of JSON text that holds numbers, proven without parsing it.

What is left of such text when everything is deleted that numbers and blanks
consist of is its skeleton: brackets, commas, colons and names. A parser that
flattens lists of numbers tells the numbers and their count but not their
structure; the skeleton tells the structure. It fixes the size of every list but
for "none or one", and the count tells these two apart.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from tfs_notebook.wire.json_arrays import MAX_RANK

__all__ = ["Slots", "read_list", "read_object", "skeleton_of"]

_NUMBER_BYTES: Final = b"0123456789+-.eE \t\r\n"
_OPEN_LIST: Final = ord("[")

Slots: TypeAlias = "dict[str, tuple[int, ...] | None]"
"""The members of an object in order: the shape of a list, None for a scalar."""


def skeleton_of(text: bytes) -> bytes:
    """What is left of JSON text without numbers and blanks; names lose theirs too."""
    return text.translate(None, _NUMBER_BYTES)


def read_list(skeleton: bytes, at: int) -> tuple[tuple[int, ...], int] | None:
    """Read a regular list of numbers off a skeleton.

    Sizes are read off the first list of each level; the skeleton that follows
    from them is then compared.

    Args:
        skeleton: of text that a parser has accepted.
        at: where the list begins.

    Returns:
        The shape, in which a list of none is taken for a list of one, and where
        the list ends; or None if it is irregular or not of numbers only.
    """
    rank = 1
    while skeleton[at + rank] == _OPEN_LIST:
        rank += 1
    if rank >= MAX_RANK:
        return None
    end = skeleton.index(b"]", at)
    expected = skeleton[at + rank - 1 : end + 1]
    sizes = [len(expected) - 1]
    if expected.count(b",") != sizes[0] - 1:
        return None
    for level in range(1, rank):
        end = skeleton.find(b"]" * (level + 1), end)
        length = end + level + 1 - (at + rank - 1 - level)
        size, rest = divmod(length - 1, len(expected) + 1)
        if end < 0 or rest:
            return None
        sizes.append(size)
        expected = b"[" + b",".join([expected] * size) + b"]"
    if not skeleton.startswith(expected, at):
        return None
    return tuple(reversed(sizes)), at + len(expected)


def read_object(skeleton: bytes, at: int, keys: list[str]) -> tuple[Slots, int] | None:
    """Read an object of numbers and regular lists of numbers off a skeleton.

    Args:
        skeleton: of text that a parser has accepted.
        at: where the object begins.
        keys: the names of its members, as the parser gives them, in order.

    Returns:
        What each member is and where the object ends, or None if a member is
        something else, a name is written with escapes, or two names are equal.
    """
    if len(set(keys)) != len(keys):
        return None
    slots: Slots = {}
    for key in keys:
        label = (b',"' if slots else b'{"') + skeleton_of(key.encode()) + b'":'
        if not skeleton.startswith(label, at) or b"\\" in label:
            return None
        at += len(label)
        slots[key] = None
        if skeleton[at] == _OPEN_LIST:
            found = read_list(skeleton, at)
            if found is None:
                return None
            slots[key], at = found
    return (slots, at + 1) if skeleton.startswith(b"}", at) else None
