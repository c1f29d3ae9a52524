"""Images into tensors, compared with what NumPy alone makes of them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.pipelines.small_image import (
    bytes_document,
    encoded,
    image_document,
    loaded_image,
    noise,
)
from tfs_notebook.pipelines.image import ImagePipeline
from tfs_notebook.pipelines.image_description import ImageDescription
from tfs_notebook.pipelines.output_description import OutputDescription
from tfs_notebook.pipelines.scores import ScoreReader
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument
from tfs_notebook.wire.signatures import Signature, TensorSpec


def made(document: dict[str, Any], *images: np.ndarray) -> np.ndarray:
    """The tensor that a pipeline makes of images."""
    description = ImageDescription.read(document)
    pipeline = ImagePipeline(description, ScoreReader(OutputDescription("scores"), None))
    return pipeline.encode([encoded(image) for image in images])["input"]


def test_pixels_are_given_as_they_are() -> None:
    images = noise(2, 3), noise(2, 3, seed=1)
    tensor = made(image_document(), *images)
    assert tensor.dtype == np.float32
    assert np.array_equal(tensor, np.stack(images))
    assert made(image_document()).shape == (0, 2, 3, 3)


_NUMBERS = st.floats(-1000, 1000, width=32)
_EACH = _NUMBERS | st.lists(_NUMBERS, min_size=3, max_size=3)
_STD = st.floats(0.01, 1000)


@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            "scale": _EACH,
            "offset": _EACH,
            "mean": _EACH,
            "std": _STD | st.lists(_STD, min_size=3, max_size=3),
        },
    ),
    color=st.sampled_from(["rgb", "bgr"]),
    layout=st.sampled_from(["NHWC", "NCHW"]),
    seed=st.integers(0, 100),
)
def test_values_are_those_of_the_formula(
    values: dict[str, Any], color: str, layout: str, seed: int
) -> None:
    image = noise(4, 5, seed=seed)
    document = image_document(
        4, 5, pixels={"color": color}, values=values, input={"name": "input", "layout": layout}
    )
    expected = image.astype(np.float64)[..., :: -1 if color == "bgr" else 1]
    part = {name: np.array(value) for name, value in values.items()}
    expected = expected * part.get("scale", 1) + part.get("offset", 0) - part.get("mean", 0)
    expected = (expected / part.get("std", 1)).astype(np.float32)
    if layout == "NCHW":
        expected = expected.transpose(2, 0, 1)
    assert np.array_equal(made(document, image)[0], expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"range": [0, 1]}, [0.0, 0.2, 1.0]),
        ({"range": [-1, 1]}, [-1.0, -0.6, 1.0]),
        ({"range": [0, 1], "mean": 0.2, "std": 0.4}, [-0.5, 0.0, 2.0]),
    ],
)
def test_a_range(values: dict[str, Any], expected: list[float]) -> None:
    image = np.array([[0, 51, 255]], np.uint8)
    document = image_document(
        1, 3, pixels={"color": "grey"}, values=values, input={"name": "input", "layout": "NHW"}
    )
    assert made(document, image)[0, 0].tolist() == pytest.approx(expected, abs=1e-6)


def test_a_tensor_of_bytes() -> None:
    image = noise(2, 3)
    tensor = made(image_document(input={"name": "input", "type": "uint8"}), image)
    assert tensor.dtype == np.uint8
    assert np.array_equal(tensor[0], image)


def test_grey() -> None:
    image = noise(4, 4)
    tensor = made(image_document(4, 4, pixels={"color": "grey"}), image)
    assert tensor.shape == (1, 4, 4, 1)
    expected = image @ np.array([0.299, 0.587, 0.114])
    assert np.abs(tensor[0, ..., 0] - expected).max() <= 1
    colours = made(image_document(4, 4), noise(4, 4, 1))
    assert (colours == colours[..., :1]).all()


def naive_nearest(size: int, had: int) -> list[set[int]]:
    """For each place the source's places it may be from: two where they are as near."""
    found = []
    for place in range(size):
        exact = (Fraction(2 * place + 1, 2) * had) / size
        below = exact.numerator // exact.denominator
        found.append({below, below - 1} if exact == below else {below})
    return found


@given(
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    had=st.tuples(st.integers(1, 12), st.integers(1, 12)),
)
def test_nearest_takes_the_pixel_below_the_middle(
    height: int, width: int, had: tuple[int, int]
) -> None:
    image = noise(*had, 1)
    tensor = made(
        image_document(height, width, pixels={"color": "grey", "resize": "nearest"}), image
    )[0, ..., 0]
    rows, columns = naive_nearest(height, had[0]), naive_nearest(width, had[1])
    for y, x in np.ndindex(height, width):
        nearest = {
            int(image[row, column])
            for row in rows[y]
            for column in columns[x]
            if row >= 0 and column >= 0
        }
        assert tensor[y, x] in nearest


@given(factor=st.integers(1, 5), height=st.integers(1, 6), width=st.integers(1, 6))
def test_area_is_the_mean_of_what_a_pixel_covers(factor: int, height: int, width: int) -> None:
    image = noise(height * factor, width * factor, 1)
    tensor = made(
        image_document(height, width, pixels={"color": "grey", "resize": "area"}), image
    )[0, ..., 0]
    means = image.reshape(height, factor, width, factor).mean(axis=(1, 3))
    # Rows and columns are rounded one after the other.
    assert np.abs(tensor - means).max() <= 1


@pytest.mark.parametrize("resize", ["nearest", "bilinear", "bicubic", "area"])
@pytest.mark.parametrize("size", [(1, 1), (3, 7), (64, 64)])
def test_one_colour_stays_what_it_is(resize: str, size: tuple[int, int]) -> None:
    image = np.full((9, 5, 3), (10, 200, 30), np.uint8)
    tensor = made(image_document(*size, pixels={"resize": resize}), image)
    assert (tensor == (10, 200, 30)).all()


def test_the_ways_to_resize_differ() -> None:
    image = noise(20, 20)
    tensors = [
        made(image_document(7, 7, pixels={"resize": resize}), image).tobytes()
        for resize in ("nearest", "bilinear", "bicubic", "area")
    ]
    assert len(set(tensors)) == 4


@given(side=st.integers(1, 9), more=st.integers(0, 9))
def test_crop_takes_the_middle(side: int, more: int) -> None:
    image = noise(side, side + 2 * more)
    (tensor,) = made(image_document(side, side, pixels={"fit": "crop"}), image)
    assert np.array_equal(tensor, image[:, more : more + side])
    (tensor,) = made(
        image_document(side, side, pixels={"fit": "crop"}), image.transpose(1, 0, 2)
    )
    assert np.array_equal(tensor, image.transpose(1, 0, 2)[more : more + side])


@given(side=st.integers(1, 9), more=st.integers(0, 9))
def test_pad_shows_all_of_it_in_the_middle(side: int, more: int) -> None:
    image = noise(side, side + 2 * more)
    document = image_document(
        side + 2 * more, side + 2 * more, pixels={"fit": "pad", "fill": [1, 2, 3]}
    )
    (tensor,) = made(document, image)
    assert np.array_equal(tensor[more : more + side], image)
    beside = np.delete(tensor, range(more, more + side), axis=0)
    assert (beside == (1, 2, 3)).all()


@given(
    had=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    fit=st.sampled_from(["stretch", "crop", "pad"]),
)
def test_any_size_fits(had: tuple[int, int], size: tuple[int, int], fit: str) -> None:
    image = np.full((*had, 3), 7, np.uint8)
    (tensor,) = made(image_document(*size, pixels={"fit": fit, "fill": [7, 7, 7]}), image)
    assert (tensor == 7).all()


def test_a_very_long_image() -> None:
    image = np.full((1, 20_000, 3), 9, np.uint8)
    for fit in ("stretch", "crop", "pad"):
        document = image_document(8, 8, pixels={"fit": fit, "fill": [9, 9, 9]})
        assert (made(document, image) == 9).all()


def test_encoded_images_for_models_that_decode_them(tmp_path: Path) -> None:
    said = {"formats": ["PNG"]}
    document = bytes_document() | {"bytes": said}
    contents = [encoded(noise(3, 3)), encoded(noise(9, 9))]
    flat = loaded_image(tmp_path, document).encode(contents)["input"]
    assert flat.tolist() == contents
    column = loaded_image(
        tmp_path, document | {"input": {"name": "input", "shape": "[images, 1]"}}
    )
    assert column.encode(contents)["input"].tolist() == [[one] for one in contents]
    assert column.encode([])["input"].shape == (0, 1)
    with pytest.raises(InvalidArgument, match=r"expected \(PNG\), and this is a JPEG"):
        column.encode([encoded(noise(3, 3), "JPEG")])


def test_which_of_several_images_is_wrong(tmp_path: Path) -> None:
    for document in (image_document(), bytes_document()):
        pipeline = loaded_image(tmp_path, document)
        with pytest.raises(InvalidArgument, match=r"^image 2 of 3: an image is expected"):
            pipeline.encode([encoded(noise(2, 2)), b"<html>", b""])
        with pytest.raises(InvalidArgument, match=r"^an image is expected"):
            pipeline.encode([b"<html>"])


def test_few_large_images_are_in_one_run(tmp_path: Path) -> None:
    assert loaded_image(tmp_path, image_document(8, 8)).most_a_run == 256
    assert loaded_image(tmp_path, image_document(1024, 1024)).most_a_run == 5
    assert loaded_image(tmp_path, image_document(4096, 4096)).most_a_run == 1
    assert loaded_image(tmp_path, bytes_document()).most_a_run == 256


def signature(dtype: DataType, shape: tuple[int, ...] | None) -> dict[str, Signature]:
    given = TensorSpec("input", dtype, shape)
    taken = TensorSpec("scores", DataType.FLOAT, (-1, 10))
    one = Signature("serving_default", "", {"input": given}, {"scores": taken})
    return {"serving_default": one}


_UINT8 = {"name": "input", "type": "uint8"}
_COLUMN = {"name": "input", "shape": "[images, 1]"}
_NCHW = {"name": "input", "layout": "NCHW"}


@pytest.mark.parametrize(
    ("document", "dtype", "shape", "wrong"),
    [
        (image_document(), DataType.FLOAT, (-1, 2, 3, 3), (-1, 3, 2, 3)),
        (image_document(), DataType.FLOAT, (-1, -1, -1, 3), (-1, 3, 2, 3)),
        (image_document(input=_NCHW), DataType.FLOAT, (-1, 3, 2, 3), (-1, 2, 3, 3)),
        (image_document(input=_UINT8), DataType.UINT8, (-1, 2, 3, 3), (-1, 2, 3)),
        (bytes_document(), DataType.STRING, (-1,), (-1, 1)),
        (bytes_document(input=_COLUMN), DataType.STRING, (-1, 1), (-1,)),
    ],
)
def test_the_model_has_to_take_the_tensor(
    document: dict[str, Any], dtype: DataType, shape: tuple[int, ...], wrong: tuple[int, ...]
) -> None:
    with TemporaryDirectory() as directory:
        pipeline = loaded_image(Path(directory), document)
    right = signature(dtype, shape)
    assert pipeline.check(right) is right["serving_default"]
    pipeline.check(signature(dtype, None))
    for other in (signature(dtype, wrong), signature(DataType.INT32, shape)):
        with pytest.raises(FailedPrecondition, match=r"pipeline's input is .*; the model has"):
            pipeline.check(other)


def test_pictures_of_any_mode(tmp_path: Path) -> None:
    pipeline = loaded_image(tmp_path, image_document(4, 4, pixels={"background": [0, 0, 0]}))
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        content = encoded(Image.new(mode, (4, 4), 0))
        assert not pipeline.encode([content])["input"].any(), mode
