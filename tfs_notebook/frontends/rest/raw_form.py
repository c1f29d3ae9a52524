"""Forms with files, as ``curl -F`` and web pages send them."""

from __future__ import annotations

from typing import Final

from tornado.httputil import HTTPFile, HTTPInputError, parse_body_arguments

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["is_form", "read_form"]

_FORM: Final = "multipart/form-data"
_FILES: Final = ("image", "images")
_LISTS: Final = ("texts", "images")


def is_form(content_type: str) -> bool:
    """Whether a body is a form that may hold files."""
    return content_type.lower().startswith(_FORM)


def read_form(content_type: str, body: bytes) -> dict[str, object]:
    """Return the fields of a form: files as ``bytes``, others as ``str``, several as lists.

    Several files are ``images``, whatever they are called of the two.

    Raises:
        InvalidArgument: it cannot be read, or what should be a file is none.
    """
    arguments: dict[str, list[bytes]] = {}
    files: dict[str, list[HTTPFile]] = {}
    try:
        # Tornado takes no capitals in the type.
        parse_body_arguments(_FORM + content_type[len(_FORM) :], body, arguments, files)
    except HTTPInputError as error:
        raise InvalidArgument(
            f"the form cannot be read: {error}; with curl: -F image=@cat.jpg"
        ) from None
    fields: dict[str, object] = {}
    for name, values in arguments.items():
        if name in _FILES:
            raise InvalidArgument(
                f'"{name}" has to be a file, and is a value; with curl: -F image=@cat.jpg, '
                "with the @"
            )
        fields[name] = _one_or_all(name, [value.decode("utf-8", "replace") for value in values])
    images = [one.body for one in (*files.pop("image", []), *files.pop("images", []))]
    if files:
        name = next(iter(files))
        raise InvalidArgument(f'a file is sent as "image", not as {name[:60]!r}')
    if len(images) == 1:
        fields["image"] = images[0]
    elif images:
        fields["images"] = images
    return fields


def _one_or_all(name: str, values: list[str]) -> object:
    if name in _LISTS:
        return values
    if len(values) > 1:
        raise InvalidArgument(f'"{name[:60]}" is there twice')
    return values[0]
