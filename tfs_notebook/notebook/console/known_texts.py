"""Texts of this package that reach the console in English, in the reader's language. Pure.

Errors and titles are made where nobody knows who reads them. What a server says in its own
words is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["known_text"]

_FIELD: Final = re.compile(r"{(\w+)}")
_NESTED: Final = "rest"
"""A field whose text is looked up as well."""


def known_text(text: str, translate: Translate) -> str | None:
    """The text in the reader's language with the same data in it; None if it is not ours.

    Args:
        text: of an error, or the title of a server.
        translate: into the reader's language.
    """
    return _found(text, _whole_texts, translate)


def _found(
    text: str, texts: Callable[[Translate], tuple[str, ...]], translate: Translate
) -> str | None:
    for pattern, told in zip(_patterns(texts), texts(translate), strict=True):
        found = pattern.fullmatch(text)
        if found is not None:
            return _filled(told, found.groupdict(), translate)
    return None


def _filled(told: str, data: dict[str, str], translate: Translate) -> str:
    rest = data.get(_NESTED)
    if rest is not None:
        data[_NESTED] = _found(rest, _parts, translate) or rest
    # Not str.format: there are examples of JSON among the texts.
    return _FIELD.sub(lambda field: data[field[1]], told)


@lru_cache
def _patterns(texts: Callable[[Translate], tuple[str, ...]]) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(one) for one in texts(str))


def _pattern(text: str) -> re.Pattern[str]:
    parts: list[str] = []
    seen: set[str] = set()
    for place, part in enumerate(_FIELD.split(text)):
        if place % 2 == 0:
            parts.append(re.escape(part))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.*?)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)


def _whole_texts(translate: Translate) -> tuple[str, ...]:
    return _of_servers(translate) + _of_inputs(translate)


def _of_servers(translate: Translate) -> tuple[str, ...]:
    return (
        translate("Jupyter's model server (process {pid})"),
        translate("this kernel's own model server (process {pid})"),
        translate("the model server of another Jupyter (process {pid})"),
        translate(
            "there is no model server here yet. Start one with %tfs serve PATH, or "
            'tfs_notebook.serve(PATH); or name one: tfs_notebook.connect("localhost:8500")'
        ),
        translate("there is no model server yet"),
        translate(
            "no model server answers HTTP at {address}. Is it running, and is this its REST "
            "address?"
        ),
        translate(
            "no model server answers gRPC at {address}: {reason}. Is it running, and is this "
            "its gRPC address?"
        ),
        translate("no answer from {address} within {seconds} s ({reason})"),
        translate("no answer from {address} within {seconds} s"),
        translate("{address} broke off: {reason}. Has the server ended?"),
        translate("the client of {address} is closed; make a new one"),
        translate("the client of {address} is closed"),
        translate("{model} does not offer any more what was asked of it then"),
        translate("{method} of {model}, signature {signature}, over {rest}"),
    )


def _of_inputs(translate: Translate) -> tuple[str, ...]:
    return (
        translate("there is no text yet: type or paste one, then send it"),
        translate(
            "these are {count} texts; the console takes {most}. More of them: predict(texts) "
            "in a cell"
        ),
        translate("there is no image yet: choose a file, or type its path"),
        translate("there is no input yet: type JSON, as [1.0, 2.0], or the name of a variable"),
        translate(
            'there is no variable {name} in this notebook; a text goes in quotes: "{name}"'
        ),
        translate(
            "{text} is neither a variable, nor JSON, nor a Python literal; it goes like x, or "
            '[1.0, 2.0], or {"a": [1], "b": [2]}, or "a text"'
        ),
        translate("the inputs are {names}, and got {got}"),
        translate(
            "one value without a name is for a signature with one input; the inputs are {names}"
        ),
        translate("input {name} is {type}; {rest}"),
        translate(
            'examples come as a list of dicts, [{"age": 30, "height": 1.8, "name": "x"}], as a '
            "DataFrame, or as serialised tf.Example; {rest}"
        ),
        translate(
            "example {index}: feature {name} is to be numbers, or text or bytes, or a list of "
            "one of them: {rest}"
        ),
        translate(
            "there is no file {path}. The model takes images: a path, the bytes of a file, a "
            "picture of Pillow or an array. Is that a text? It takes none"
        ),
        translate("{path} is no image: it is {what}"),
        translate("the image {path} cannot be read: {reason}"),
    )


def _parts(translate: Translate) -> tuple[str, ...]:
    return (
        translate(
            "got {got}, and {value} would become {other}; convert it yourself if that is meant"
        ),
        translate("got None, which is no value"),
        translate("got {got}"),
        translate("{what} is no array: what is in it is not equally long"),
        translate("{what} is no array: {reason}"),
        translate("REST, in parts if it is large"),
    )
