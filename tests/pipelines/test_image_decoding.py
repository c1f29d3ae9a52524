"""Encoded images into pixels, whatever is sent in their place."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.at_once import at_once
from tests.pipelines.small_image import encoded, noise
from tfs_notebook.pipelines import image_decoding
from tfs_notebook.pipelines.image_decoding import check_encoded, decoded, shown_on
from tfs_notebook.pipelines.image_formats import image_format
from tfs_notebook.wire.errors import InvalidArgument

LIMIT = 1_000_000
WHITE = (255, 255, 255)


def pixels(content: bytes, background: tuple[int, int, int] = WHITE) -> np.ndarray:
    with decoded(content, LIMIT) as image:
        return np.asarray(shown_on(image, background))


def found_or_refused(content: bytes) -> np.ndarray | str:
    """The pixels, or why there are none."""
    try:
        return pixels(content)
    except InvalidArgument as error:
        return error.message


def refuse(content: bytes, reason: str, limit: int = LIMIT) -> None:
    with pytest.raises(InvalidArgument, match=reason), decoded(content, limit):
        pass


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_of_size(width: int, height: int) -> bytes:
    """The head of a PNG and no more pixels than a file of some bytes has."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + data + chunk(b"IEND", b"")


def webp_of_size(width: int, height: int) -> bytes:
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00\0\0\0" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_of_size(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    head = b"GIF89a" + struct.pack("<HH", *screen) + b"\0\0\0"
    return head + b"," + struct.pack("<HHHH", 0, 0, *frame) + b"\0\x02\x02\x4c\x01\0;"


@pytest.mark.parametrize(
    ("name", "options"),
    [("PNG", {}), ("BMP", {}), ("WebP", {"lossless": True}), ("GIF", {}), ("JPEG", {})],
)
def test_each_format_is_decoded(name: str, options: dict[str, Any]) -> None:
    image = np.zeros((6, 5, 3), np.uint8)
    image[:3] = (200, 40, 40)
    content = encoded(image, name, **options)
    assert image_format(content) == name
    found = pixels(content)
    assert found.shape == image.shape
    tolerance = 0 if name != "JPEG" else 60
    assert np.abs(found.astype(int) - image).max() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_the_camera_is_honoured(orientation: int) -> None:
    image = noise(4, 6, 1)
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {
        1: image,
        2: image[:, ::-1],
        3: image[::-1, ::-1],
        4: image[::-1],
        5: image.T,
        6: np.rot90(image, -1),
        7: image[::-1, ::-1].T,
        8: np.rot90(image),
    }[orientation]
    assert np.array_equal(pixels(encoded(image, "PNG", exif=exif)), turned)
    jpeg = pixels(encoded(image, "JPEG", exif=exif, quality=100))
    assert jpeg.shape == turned.shape


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_exif_that_cannot_be_read_does_no_harm() -> None:
    image = noise(4, 6)
    content = encoded(image, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff broken")
    assert pixels(content).shape == image.shape


def test_what_is_transparent_shows_the_background() -> None:
    image = noise(4, 6, 4)
    image[..., 3] = 0
    image[0, 0] = (1, 2, 3, 255)
    found = pixels(encoded(image), (10, 20, 30))
    assert found[0, 0].tolist() == [1, 2, 3]
    assert (found.reshape(-1, 3)[1:] == (10, 20, 30)).all()


def test_half_transparent_pixels_are_mixed() -> None:
    image = np.full((1, 1, 4), (200, 100, 0, 128), np.uint8)
    (mixed,) = pixels(encoded(image), (0, 100, 200))[0].tolist()
    assert np.abs(np.array(mixed) - (100, 100, 100)).max() <= 1


def test_a_palette_with_transparency() -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    image = image.convert("L").convert("P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image = Image.frombytes("P", (3, 1), bytes([0, 1, 2]))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    found = pixels(encoded(image, "PNG", transparency=1), (9, 9, 9))
    assert found[0].tolist() == [[255, 0, 0], [9, 9, 9], [0, 0, 255]]


def test_of_sixteen_bits_the_upper_eight_are_taken() -> None:
    image = np.array([[0, 255, 256, 0x1234, 0xFFFF]], np.uint16)
    assert pixels(encoded(image)).tolist() == [[0, 0, 1, 0x12, 0xFF]]


@pytest.mark.parametrize("kind", ["RGBA", "LA", "P", "I;16"])
def test_large_images_are_shown_in_strips(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    height, width = 50, 7
    options: dict[str, Any] = {}
    if kind == "I;16":
        image = Image.fromarray(noise(height, width, 1).astype(np.uint16) << 7)
    elif kind == "P":
        image, options = Image.fromarray(noise(height, width)).quantize(16), {"transparency": 3}
    else:
        image = Image.fromarray(noise(height, width, len(kind)), kind)
    content = encoded(image, **options)
    whole = pixels(content, (9, 99, 199))
    seen: list[int] = []
    composite, from_array = Image.alpha_composite, Image.fromarray

    def seen_composite(behind: Image.Image, strip: Image.Image) -> Image.Image:
        seen.append(strip.height)
        return composite(behind, strip)

    def seen_array(values: np.ndarray) -> Image.Image:
        seen.append(len(values))
        return from_array(values)

    monkeypatch.setattr(image_decoding, "_STRIP_PIXELS", 3 * width)
    monkeypatch.setattr(Image, "alpha_composite", seen_composite)
    monkeypatch.setattr(Image, "fromarray", seen_array)
    np.testing.assert_array_equal(pixels(content, (9, 99, 199)), whole)
    assert seen == [3] * 16 + [2]


def test_black_and_white() -> None:
    image = Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1")
    assert pixels(encoded(image)).tolist() == [[0, 255]]


def test_cmyk() -> None:
    content = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=100)
    red = pixels(content)[4, 4].tolist()
    assert red[0] > 240
    assert max(red[1:]) < 15


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (5, 4), color) for color in ("red", "green", "blue")]
    for name, options in (("GIF", {}), ("WebP", {"lossless": True}), ("PNG", {})):
        content = encoded(frames[0], name, save_all=True, append_images=frames[1:], **options)
        assert pixels(content)[0, 0].tolist() == [255, 0, 0], name


@pytest.mark.parametrize(
    "content",
    [
        png_of_size(60_000, 60_000),
        png_of_size(1001, 1000),
        webp_of_size(16_000, 16_000),
        gif_of_size((65_535, 65_535), (2, 2)),
        gif_of_size((2, 2), (65_000, 20)),
        b"BM" + struct.pack("<IHHIIiiHHII", 99, 0, 0, 54, 40, 20_000, 20_000, 1, 24, 0, 0)
        + b"\0" * 40,
    ],
    ids=["png", "one pixel column too many", "webp", "gif", "frame of a gif", "bmp"],
)  # fmt: skip
def test_bombs_are_refused_before_they_are_decoded(content: bytes) -> None:
    tracemalloc.start()
    refuse(content, "× .* pixels, and 1000000 are taken at most")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_bomb_that_pillow_refuses_itself() -> None:
    refuse(gif_of_size((2, 2), (65_000, 65_000)), "the image has too many pixels")


def test_a_jpeg_that_says_it_is_huge() -> None:
    content = bytearray(encoded(noise(8, 8), "JPEG"))
    head = content.index(b"\xff\xc0")
    content[head + 5 : head + 9] = struct.pack(">HH", 60_000, 60_000)
    refuse(bytes(content), "60000 × 60000 pixels")


def test_the_limit_itself_is_taken() -> None:
    content = encoded(noise(10, 10))
    refuse(content, r"10 × 10 pixels, and 99 .*\"maximum_pixels\"", 99)
    with decoded(content, 100) as image:
        assert image.size == (10, 10)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"nothing \(0 bytes\)"),
        (b"<!DOCTYPE html><title>404</title>", "HTML"),
        (b"\n<html>", "HTML"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b'<?xml version="1.0"?><svg>', "SVG"),
        (b'<?xml version="1.0"?><Error>', "XML"),
        (b'{"error": "none"}', "JSON"),
        (b"%!PS-Adobe-3.0 EPSF", "PostScript"),
        (b"%PDF-1.7", "PDF"),
        (b"8BPS\0\1", "Photoshop"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"\0\0\0\x18ftypheic\0\0", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0", "AVIF"),
        (b"iVBORw0KGgoAAAANSUhEUg", "base64"),
        (b"data:image/png;base64,iVBORw0", "data: URL"),
        (b"\x93NUMPY\1\0", "NumPy array"),
        (b"\x01\x02 something", r"12 bytes that begin with b'\\x01\\x02 something'"),
    ],
)
def test_what_is_no_image_is_named(content: bytes, said: str) -> None:
    refuse(
        content, rf"an image is expected \(PNG, JPEG, GIF, BMP, WebP\), and this is .*{said}"
    )


@pytest.mark.parametrize("name", ["TIFF", "ICO", "PPM", "TGA", "EPS", "PCX"])
def test_formats_that_pillow_knows_and_we_do_not_take(name: str) -> None:
    refuse(encoded(noise(16, 16), name), "an image is expected")


def test_a_format_that_the_model_does_not_decode() -> None:
    content = encoded(noise(4, 4), "WebP")
    with pytest.raises(InvalidArgument, match=r"expected \(JPEG, PNG\), and this is a WebP"):
        check_encoded(content, ("JPEG", "PNG"), LIMIT)


@pytest.mark.parametrize("name", ["PNG", "JPEG", "GIF", "BMP", "WebP"])
def test_files_cut_at_any_byte(name: str) -> None:
    content = encoded(noise(5, 7), name)
    whole = pixels(content)
    refused = 0
    for length in range(len(content)):
        found = found_or_refused(content[:length])
        if isinstance(found, str):
            refused += 1
            assert "an image is expected" in found or "is a damaged" in found
        else:
            # What is missing is beside the pixels.
            assert found.shape == whole.shape, length
    assert refused > len(content) * 0.8


@given(
    content=st.binary(max_size=200),
    beginning=st.sampled_from(
        [
            b"\x89PNG\r\n\x1a\n",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"\xff\xd8\xff",
            b"\xff\xd8\xff\xe1",
            b"\xff\xd8\xff\xc0",
            b"GIF89a",
            b"BM",
            b"RIFF\0\0\0\0WEBPVP8 ",
            b"RIFF\0\0\0\0WEBPVP8L",
            b"RIFF\x20\0\0\0WEBPVP8X",
            b"",
        ]
    ),
)
def test_any_bytes_are_decoded_or_refused(beginning: bytes, content: bytes) -> None:
    found = found_or_refused(beginning + content)
    if isinstance(found, str):
        assert len(found) < 600
    else:
        assert found.ndim in (2, 3)


@given(data=st.data())
def test_damaged_files_are_decoded_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WebP"]))
    content = bytearray(encoded(noise(6, 6), name))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    found = found_or_refused(bytes(content))
    assert isinstance(found, str) or found.size <= LIMIT * 3


def test_many_threads_may_decode_at_once() -> None:
    contents = [encoded(noise(40, 50, seed=seed)) for seed in range(8)]

    def decode(_: int) -> list[np.ndarray]:
        return [pixels(content) for content in contents]

    for found in at_once(4, decode):
        for seed, image in enumerate(found):
            assert np.array_equal(image, noise(40, 50, seed=seed))


def test_many_large_images_take_turns() -> None:
    content = encoded(np.zeros((2001, 2000), np.uint8))

    def decode(_: int) -> tuple[int, int]:
        with decoded(content, 5_000_000) as image:
            return image.size

    assert at_once(8, decode) == [(2000, 2001)] * 8
    # Those that are refused give their turn back.
    cut = content[: len(content) // 2]
    for _ in range(8):
        refuse(cut, "is a damaged PNG", 5_000_000)
    assert at_once(8, decode) == [(2000, 2001)] * 8
