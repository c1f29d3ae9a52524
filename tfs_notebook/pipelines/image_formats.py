"""What bytes are an image, told by how they begin."""

from __future__ import annotations

import re
from typing import Final

from tfs_notebook.pipelines.image_description import ImageFormat

__all__ = ["described", "image_format", "webp_size"]

_BEGINNINGS: Final[tuple[tuple[bytes, ImageFormat], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
)
# What is sent in the place of an image: by mistake, or because no decoder here reads it.
_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (rb"\s*<(!doctype html|html|head|body)\b", "HTML, perhaps the page of an error"),
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg\b", "SVG"),
    (rb"\s*<\?xml\b", "XML"),
    (rb"II\*\x00|MM\x00\*", "TIFF"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript"),
    (rb"%PDF", "PDF"),
    (rb"8BPS", "a Photoshop file"),
    (rb"....ftyp(heic|heix|hevc|mif1|msf1)", "HEIC"),
    (rb"....ftyp(avif|avis)", "AVIF"),
    (rb"....ftyp", "a video"),
    (rb"\x00\x00\x01\x00", "an icon"),
    (rb"PK\x03\x04", "a ZIP archive"),
    (rb"\x1f\x8b", "gzip"),
    (rb"\x93NUMPY", "a NumPy array"),
    (rb'\s*[\[{]\s*["\[{\]}0-9-]', "JSON"),
    (rb"data:image/", "a data: URL; what follows its comma is base64"),
    (rb"(iVBORw0KGgo|/9j/|R0lGODlh|R0lGODdh|UklGR)", "base64, to be decoded first"),
)
_SHOWN: Final = 16
_READ: Final = 512
_WEBP_HEAD: Final = 30


def image_format(content: bytes) -> ImageFormat | None:
    """Return the format of an encoded image; None if it is none that is decoded here."""
    for beginning, name in _BEGINNINGS:
        if content.startswith(beginning):
            return name
    return "WebP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def described(content: bytes) -> str:
    """Say what bytes are that are no image, as far as that can be seen."""
    if not content:
        return "nothing (0 bytes)"
    for pattern, name in _OTHERS:
        if re.match(pattern, content[:_READ], re.IGNORECASE | re.DOTALL):
            return name
    return f"{len(content)} bytes that begin with {content[:_SHOWN]!r}"


def webp_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height that a WebP file says it has; None if it says none."""
    head = content[:_WEBP_HEAD]
    if len(head) < _WEBP_HEAD:
        return None
    number = int.from_bytes
    match head[12:16]:
        case b"VP8X":
            return number(head[24:27], "little") + 1, number(head[27:30], "little") + 1
        case b"VP8L":
            bits = number(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            sides = number(head[26:28], "little"), number(head[28:30], "little")
            return sides[0] & 0x3FFF, sides[1] & 0x3FFF
    return None
