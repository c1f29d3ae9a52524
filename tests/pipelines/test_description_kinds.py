"""What a pipeline file of each kind and form may say, and that it is written as it is read."""

from __future__ import annotations

import json
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.pipelines.small_image import bytes_document, image_document
from tests.pipelines.small_pipeline import document
from tfs_notebook.pipelines.description import (
    FILE_NAME,
    Description,
    read_description,
    validated,
    write_description,
)
from tfs_notebook.pipelines.image_description import (
    DEFAULT_MAXIMUM_PIXELS,
    ByteForm,
    ImageDescription,
    PixelForm,
    PixelRules,
    ValueRules,
)
from tfs_notebook.pipelines.output_description import OutputDescription
from tfs_notebook.pipelines.text_description import (
    IdForm,
    StringForm,
    TableFiles,
    TextDescription,
    TextRules,
    VectorForm,
    WordRow,
)
from tfs_notebook.wire.errors import DataLoss


def schema(kind: str) -> Any:
    path = files("tfs_notebook.pipelines").joinpath(f"{kind}_pipeline.schema.json")
    return json.loads(path.read_text("utf-8"))


def test_the_schemas_are_schemas_and_alike_where_they_are_about_the_same() -> None:
    text, image = schema("text"), schema("image")
    for one in (text, image):
        Draft202012Validator.check_schema(one)
    for name in ("schema_version", "signature"):
        assert text["properties"][name] == image["properties"][name]
    said = [one["properties"]["output"] for one in (text, image)]
    for one in said:
        one.pop("description")
    assert said[0] == said[1]


def test_the_defaults_are_those_of_the_schema() -> None:
    said = schema("image")["properties"]
    pixels = {name: rule.get("default") for name, rule in said["pixels"]["properties"].items()}
    rules = PixelRules(1, 1)
    assert {field.name for field in fields(PixelRules)} == set(pixels)
    for name in ("color", "resize", "fit"):
        assert pixels[name] == getattr(rules, name)
    assert tuple(pixels["background"]) == rules.background
    assert tuple(pixels["fill"]) == rules.fill
    for field in fields(ValueRules):
        assert (said["values"]["properties"][field.name]["default"],) == field.default
    assert said["maximum_pixels"]["default"] == DEFAULT_MAXIMUM_PIXELS
    given = said["input"]["properties"]
    form = PixelForm(rules)
    assert (given["layout"]["default"], given["type"]["default"]) == (form.layout, form.type)
    assert tuple(said["bytes"]["properties"]["formats"]["default"]) == ByteForm().formats
    assert given["shape"]["default"] == ByteForm().shape
    text = schema("text")["properties"]
    ids = IdForm(WordRow(1), "")
    for name in ("first_id", "padding", "type"):
        assert text["ids"]["properties"][name]["default"] == getattr(ids, name)
    assert text["strings"]["properties"]["text"]["default"] == StringForm().text
    assert text["input"]["properties"]["shape"]["default"] == StringForm().shape


_FILES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
_NAMES = st.text(min_size=1, max_size=10)
_IDS = st.integers(0, 2**31 - 1)
_COLOURS = st.tuples(*[st.integers(0, 255)] * 3)
_ROWS = st.builds(
    WordRow,
    st.integers(3, 4096),
    st.sampled_from(["beginning", "ends", "ending"]),
    st.sampled_from(["end", "beginning"]),
)
_OUTPUTS = st.builds(
    OutputDescription,
    _NAMES,
    st.lists(_NAMES, min_size=1, max_size=4, unique=True).map(tuple),
    st.none(),
    st.sampled_from(["probabilities", "logits", "sigmoid"]),
    st.none() | st.integers(1, 1000),
) | st.builds(OutputDescription, _NAMES, st.none(), st.none() | _FILES)
_TABLES = st.builds(TableFiles, _FILES, _FILES)
_TEXT_FORMS: st.SearchStrategy[VectorForm | IdForm | StringForm] = st.one_of(
    st.builds(
        VectorForm,
        _ROWS,
        st.integers(1, 4096),
        _TABLES,
        st.none() | _TABLES,
        st.none() | st.floats(0.001, 1e6),
    ),
    st.builds(
        IdForm,
        _ROWS,
        _FILES,
        _IDS,
        st.none() | _IDS,
        _IDS,
        st.none() | _IDS,
        st.none() | _IDS,
        st.sampled_from(["int32", "int64"]),
    ),
    st.builds(
        StringForm,
        st.sampled_from(["raw", "normalized"]),
        st.sampled_from(["[texts]", "[texts, 1]"]),
    ),
)
_TEXTS = st.builds(
    TextDescription,
    _NAMES,
    st.builds(
        TextRules,
        st.integers(1, 10000),
        st.booleans(),
        st.sampled_from(["keep", "zero"]),
        st.sampled_from(["keep", "drop"]),
        st.sampled_from(["words", "characters"]),
        st.sampled_from(["words", "whitespace", "characters"]),
    ),
    _TEXT_FORMS,
    _NAMES,
    _OUTPUTS,
)
_RULES = st.builds(
    PixelRules,
    st.integers(1, 4096),
    st.integers(1, 4096),
    st.sampled_from(["rgb", "bgr"]),
    st.sampled_from(["nearest", "bilinear", "bicubic", "area"]),
    st.sampled_from(["stretch", "crop", "pad"]),
    _COLOURS,
    _COLOURS,
)


def _each(low: float) -> st.SearchStrategy[tuple[float, ...]]:
    number = st.floats(low, 1e6)
    return st.tuples(number) | st.tuples(number, number, number)


_VALUES = st.builds(ValueRules, _each(-1e6), _each(-1e6), _each(-1e6), _each(1e-6))
_IMAGES = st.builds(
    ImageDescription,
    _NAMES,
    st.builds(PixelForm, _RULES, _VALUES, st.sampled_from(["NHWC", "NCHW"]))
    | st.builds(PixelForm, _RULES, st.just(ValueRules()), st.just("NHWC"), st.just("uint8"))
    | st.just(PixelForm(PixelRules(8, 8, "grey"), layout="NHW"))
    | st.builds(
        ByteForm,
        st.lists(st.sampled_from(ByteForm().formats), min_size=1, unique=True).map(tuple),
        st.sampled_from(["[images]", "[images, 1]"]),
    ),
    _NAMES,
    _OUTPUTS,
    st.integers(1, 80_000_000),
)


@given(description=_TEXTS | _IMAGES)
def test_what_is_written_is_read_again(description: Description) -> None:
    assert validated(json.loads(json.dumps(description.document())), "it") == description
    with TemporaryDirectory() as directory:
        path = write_description(Path(directory), description)
        assert path.name == FILE_NAME
        assert read_description(path) == description


def test_what_is_not_valid_is_not_written(tmp_path: Path) -> None:
    wrong = ImageDescription(
        "serving_default", PixelForm(PixelRules(0, 8)), "x", OutputDescription("y")
    )
    with pytest.raises(DataLoss, match=r"pixels\.height: 0 is less"):
        write_description(tmp_path, wrong)
    assert not list(tmp_path.rglob(FILE_NAME))


def texts(form: str | None, said: Any = None, **given: Any) -> dict[str, Any]:
    """A pipeline for text of this form alone, or of two, or of none."""
    made = document(input={"name": "x"} | given)
    del made["vectors"]
    return made if form is None else made | {form: said}


_IDS_SAID = {"vocabulary": "words.txt"}
_GREY = {"color": "grey"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (texts(None), r"the document: one of 'vectors', 'ids' and 'strings' is needed, .*\[\]"),
        (document(ids=_IDS_SAID), r"one of .* is needed, and there are \['vectors', 'ids'\]"),
        (texts("ids", {}, words=4), r"ids: 'vocabulary' is a required property"),
        (texts("ids", _IDS_SAID), r"input: 'words' is a required property"),
        (texts("ids", _IDS_SAID, words=4, values=3), r"input\.values: 3 does not belong here"),
        (texts("ids", _IDS_SAID | {"unknown": -1}, words=4), r"ids\.unknown: -1 is less"),
        (texts("ids", _IDS_SAID | {"first_id": 2**31}, words=4), r"ids\.first_id: .*greater"),
        (texts("ids", {"vocabulary": "../words"}, words=4), r"ids\.vocabulary: '\.\./words'"),
        (texts("ids", _IDS_SAID | {"type": "int8"}, words=4), r"ids\.type: 'int8' is not one"),
        (
            texts("ids", _IDS_SAID | {"begin": 1, "end": 2}, words=2),
            r"input\.words: 2 leave no place beside begin and end",
        ),
        (texts("strings", {}, words=4), r"input\.words: 4 does not belong here"),
        (texts("strings", {"text": "bold"}), r"strings\.text: 'bold' is not one of"),
        (texts("strings", {}, shape="[2]"), r"input\.shape: '\[2\]' is not one of"),
        (document(text={"split": "lines"}), r"text\.split: 'lines' is not one of"),
        (document(output={"name": "y", "labels": ["a"], "labels_file": "b"}), r"labels_file"),
        (document(output={"name": "y", "labels_file": "a/b"}), r"output\.labels_file: 'a/b'"),
        (document(output={"name": "y", "top": 0}), r"output\.top: 0 is less"),
        (document(output={"name": "y", "scores": "cosine"}), r"output\.scores: 'cosine'"),
        (image_document(0, 3), r"pixels\.height: 0 is less"),
        (image_document(3, 5000), r"pixels\.width: 5000 is greater"),
        (image_document(pixels={"color": "cmyk"}), r"pixels\.color: 'cmyk' is not one of"),
        (image_document(pixels={"fill": [0, 0]}), r"pixels\.fill: \[0, 0\] is too short"),
        (image_document(pixels={"fill": [0, 0, 256]}), r"pixels\.fill\.2: 256 is greater"),
        (image_document(bytes={}), r"one of 'pixels' and 'bytes' is needed"),
        (image_document(text={}), r"Additional properties .*'text'"),
        (image_document(maximum_pixels=10**9), r"maximum_pixels: .* greater"),
        (image_document(values={"std": 0}), r"values\.std: 0 is less"),
        (image_document(values={"scale": 1e400}), r"values\.scale: .* greater"),
        (image_document(values={"scale": [1, 2]}), r"values\.scale: 2 numbers for 3 channels"),
        (
            image_document(pixels=_GREY, values={"mean": [1, 2, 3]}),
            r"values\.mean: 3 numbers for 1 channels",
        ),
        (image_document(values={"range": [0, 1], "scale": 2}), r"values\.scale: 2 does not be"),
        (image_document(values={"range": [0]}), r"values\.range: \[0\] is too short"),
        (
            image_document(values={}, input={"name": "x", "type": "uint8"}),
            r"values: pixels of a uint8 tensor are given as they are",
        ),
        (
            image_document(input={"name": "x", "layout": "NHW"}),
            r"input\.layout: NHW has no channels, so pixels\.color has to be grey",
        ),
        (image_document(input={"name": "x", "shape": "[images]"}), r"input\.shape: .*belong"),
        (bytes_document(values={}), r"values: \{\} does not belong here"),
        (bytes_document(input={"name": "x", "type": "uint8"}), r"input\.type: .*belong here"),
        (bytes_document() | {"bytes": {"formats": ["PSD"]}}, r"bytes\.formats\.0: 'PSD' is no"),
        (bytes_document() | {"bytes": {"formats": []}}, r"bytes\.formats"),
    ],
)
def test_what_breaks_the_schema_is_told_with_its_place(said: object, reason: str) -> None:
    with pytest.raises(DataLoss, match=rf"^it is no valid pipeline: .*{reason}"):
        validated(said, "it")


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(
    base=st.sampled_from([image_document(), bytes_document(), texts("strings", {})]),
    data=st.data(),
    value=_JSON,
)
def test_whatever_is_written_is_read_or_refused(
    base: dict[str, Any], data: st.DataObject, value: object
) -> None:
    keys = sorted({*base, "values", "maximum_pixels", "text"})
    try:
        said = validated(base | {data.draw(st.sampled_from(keys)): value}, "it")
    except DataLoss:
        return
    assert isinstance(said, (TextDescription, ImageDescription))
