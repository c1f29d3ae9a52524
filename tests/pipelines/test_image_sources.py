"""What a person has in hand as encoded images."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pipelines.small_image import encoded, noise
from tfs_notebook.pipelines.image_sources import encoded_images
from tfs_notebook.wire.errors import InvalidArgument


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def one(source: object) -> np.ndarray:
    (content,), several = encoded_images(source)
    assert not several
    return pixels(content)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_arrays(channels: int) -> None:
    image = noise(4, 6, channels)
    assert np.array_equal(one(image), image)


def test_other_numbers() -> None:
    image = noise(4, 6, 1)
    assert np.array_equal(one(image.astype(np.int64)), image)
    assert np.array_equal(one(image.tolist()), image)
    assert np.array_equal(one(image[..., np.newaxis]), image)
    assert np.array_equal(one(image[:, ::2]), image[:, ::2])
    assert one(np.array([[0.0, 0.5, 1.0]], np.float32)).tolist() == [[0, 128, 255]]
    assert one(np.array([[False, True]])).tolist() == [[0, 255]]


def test_pictures() -> None:
    image = noise(4, 6)
    assert np.array_equal(one(Image.fromarray(image)), image)
    assert one(Image.new("CMYK", (3, 2))).shape == (2, 3, 3)
    assert one(Image.new("F", (3, 2), 1.0)).tolist() == [[255] * 3] * 2
    turned = Image.fromarray(image)
    turned.getexif()[0x0112] = 6
    assert np.array_equal(one(turned), np.rot90(image, -1))


@pytest.mark.parametrize(("dtype", "value"), [(np.float32, 0.2), (np.int32, 51)])
def test_pictures_of_numbers_are_taken_as_arrays(dtype: type, value: float) -> None:
    picture = Image.fromarray(np.full((2, 3), value, dtype))
    assert one(picture).tolist() == [[51] * 3] * 2
    with pytest.raises(InvalidArgument, match=r"pixels of .* are 0 to .* these are .* to 300"):
        encoded_images(Image.fromarray(np.full((2, 3), 300, dtype)))


def test_a_picture_that_cannot_be_converted() -> None:
    with pytest.raises(InvalidArgument, match="a picture of the mode La is not taken"):
        encoded_images(Image.new("La", (2, 3)))


def test_nobodys_home() -> None:
    with pytest.raises(InvalidArgument, match=r"the image ~nobody\.here/x\.png cannot be read"):
        encoded_images("~nobody.here/x.png")


def test_files_and_bytes_are_left_as_they_are(tmp_path: Path) -> None:
    content = encoded(noise(4, 6), "JPEG")
    path = tmp_path / "cat.jpg"
    path.write_bytes(content)
    assert encoded_images(path) == ([content], False)
    assert encoded_images(str(path)) == ([content], False)
    assert encoded_images(content) == ([content], False)
    assert encoded_images(bytearray(content)) == ([content], False)


def test_several(tmp_path: Path) -> None:
    images = np.stack([noise(5, 5), noise(5, 5, seed=1)])
    contents, several = encoded_images(images)
    assert several
    assert np.array_equal(np.stack([pixels(content) for content in contents]), images)
    path = tmp_path / "cat.png"
    path.write_bytes(contents[0])
    mixed, several = encoded_images([path, images[1], Image.fromarray(images[0]), contents[0]])
    assert (several, len(mixed)) == (True, 4)
    assert np.array_equal(pixels(mixed[1]), images[1])
    assert encoded_images([path]) == ([contents[0]], True)
    grey, several = encoded_images(noise(5, 8, 1)[np.newaxis].repeat(3, axis=0))
    assert (several, len(grey)) == (True, 3)
    assert encoded_images([]) == ([], True)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (np.zeros(3, np.uint8), r"an array of shape \[3\] is no image; images are given as"),
        (np.zeros((2, 2, 2, 2, 2), np.uint8), r"shape \[2, 2, 2, 2, 2\]"),
        (np.zeros((0, 3), np.uint8), r"shape \[0, 3\]"),
        (np.array([[0, 300]]), r"int64 are 0 to 255, and these are 0 to 300; .*astype"),
        (np.array([[-1, 3]]), r"these are -1 to 3"),
        (np.array([[0.0, 16.0]]), r"float64 are 0 to 1, and these are 0 to 16"),
        (np.array([[0.0, np.nan]]), r"float64 are 0 to 1"),
        (np.array([["a"]]), r"is no image; it holds numbers"),
        (None, r"shape \[\]"),
        (Path("missing.png"), r"missing.png cannot be read: .*No such file"),
        ("a\0b", "cannot be read"),
    ],
)
def test_what_is_no_image(source: object, said: str) -> None:
    with pytest.raises(InvalidArgument, match=said):
        encoded_images(source)


def test_a_file_that_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    path.write_text("<!doctype html><p>not found")
    with pytest.raises(InvalidArgument, match=r"page.png is no image: it is HTML"):
        encoded_images(path)
