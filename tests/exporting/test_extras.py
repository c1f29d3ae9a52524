"""What lies beside an exported model: pipeline, labels, and the warm-up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import tfs_notebook
from tests.exporting.keras_models import Scaled, keras, mlp
from tests.exporting.served import left_in
from tests.pipelines.small_image import encoded, image_document, noise
from tests.server_process import ServerProcess
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.text import TextPipeline
from tfs_notebook.pipelines.vector_table import VectorTable
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound
from tfs_notebook.wire.messages import PredictionLog
from tfs_notebook.wire.predict import parse_predict_request
from tfs_notebook.wire.tfrecord import read_records

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore")]

LABELS = ["spam", "ham"]


def spam_model() -> Any:
    """The mean of four word vectors is what it scores."""
    words = keras.Input((4, 2), name="words")
    mean = keras.layers.GlobalAveragePooling1D()(words)
    scores = keras.layers.Softmax(name="scores")(mean)
    return keras.Model(words, {"scores": scores})


def document(**output: Any) -> dict[str, Any]:
    values = np.array([[9, 0], [0, 9]], np.float32)
    return {
        "schema_version": 1,
        "kind": "text",
        "text": {},
        "vectors": {"words": VectorTable(["prize", "lunch"], values)},
        "input": {"name": "words", "words": 4, "values": 2},
        "output": {"name": "scores", **output},
    }


def warmup_of(version: Path) -> list[Any]:
    with (version / "assets.extra" / "tf_serving_warmup_requests").open("rb") as file:
        logs = [PredictionLog.FromString(record) for record in read_records(file)]
    return [parse_predict_request(log.predict_log.request.SerializeToString()) for log in logs]


def test_a_pipeline_with_its_vectors(
    start_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    base = tmp_path / "spam"
    record = tfs_notebook.export(
        spam_model(),
        base,
        pipeline=document(),
        labels=LABELS,
        example=["prize", "see you at lunch"],
    )
    assert (record.labels, record.pipeline, record.warmup_rows) == (tuple(LABELS), "text", 2)
    extra = record.path / "assets.extra"
    assert left_in(extra) == [
        "tf_serving_warmup_requests", "tfs_notebook_pipeline.json", "words.npy", "words.txt",
    ]  # fmt: skip
    written = json.loads((extra / "tfs_notebook_pipeline.json").read_bytes())
    assert written["output"]["labels"] == LABELS
    pipeline = load_pipeline(record.path)
    assert isinstance(pipeline, TextPipeline)
    [call] = warmup_of(record.path)
    expected = pipeline.encode(["prize", "see you at lunch"])["words"]
    np.testing.assert_array_equal(call.inputs["words"][0], expected)
    # From there it goes to the next version: by its directory, or by its file.
    for number, source in enumerate((record.path, extra / "tfs_notebook_pipeline.json"), 2):
        again = tfs_notebook.export(spam_model(), base, pipeline=source)
        assert again.version == number
        assert (again.path / "assets.extra" / "words.npy").is_file()
    server = start_server("--model_name=spam", f"--model_base_path={base}")
    server.wait_for_model("spam", 3)
    answer = httpx.get(f"{server.url}/predict", params={"text": "a prize"}).json()
    assert answer["data"]["label"] == "spam"


@pytest.mark.parametrize(
    ("pipeline", "labels", "error", "text"),
    [
        ({}, LABELS, InvalidArgument, "is no valid pipeline"),
        (document(top=0), None, InvalidArgument, r"output\.top: 0 is less than"),
        (document(labels=["a", "b"]), LABELS, InvalidArgument, "has labels of its own"),
        (document(labels=["a", "b", "c"]), None, FailedPrecondition, r"float \[\?, 3\]"),
        ({"kind": {1, 2}}, None, InvalidArgument, "is data, as in JSON, and has a set"),
        ([1], None, InvalidArgument, "a pipeline is a dict, as in JSON, or its file.* a list"),
        ("/nowhere", None, NotFound, "there is no pipeline /nowhere"),
    ],
)
def test_pipelines_that_do_not_fit(
    pipeline: Any, labels: Any, error: type[Exception], text: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=text) as refused:
        tfs_notebook.export(spam_model(), tmp_path / "m", pipeline=pipeline, labels=labels)
    assert ".exporting" not in str(refused.value)
    assert left_in(tmp_path) == []


def test_a_pipeline_before_there_is_a_model(tmp_path: Path) -> None:
    texts = ["prize", "see you at lunch"]
    pipeline = tfs_notebook.pipeline(document(), labels=LABELS)
    record = tfs_notebook.export(spam_model(), tmp_path / "spam", pipeline=document())
    exported = load_pipeline(record.path)
    assert isinstance(exported, TextPipeline)
    np.testing.assert_array_equal(
        pipeline.encode(texts)["words"], exported.encode(texts)["words"]
    )
    assert pipeline.labels == tuple(LABELS)
    with pytest.raises(InvalidArgument, match="no valid pipeline"):
        tfs_notebook.pipeline({})


def test_links_beside_a_pipeline_are_not_followed(tmp_path: Path) -> None:
    record = tfs_notebook.export(
        spam_model(), tmp_path / "m", pipeline=document(), labels=LABELS
    )
    beside = tmp_path / "beside"
    shutil.copytree(record.path / "assets.extra", beside)
    (beside / "words.txt").unlink()
    (beside / "words.txt").symlink_to("/etc/hostname")
    with pytest.raises(InvalidArgument, match=r"words\.txt"):
        tfs_notebook.export(spam_model(), tmp_path / "m", pipeline=beside)


def test_a_saved_model_brings_its_pipeline(tmp_path: Path) -> None:
    base = tmp_path / "m"
    first = tfs_notebook.export(spam_model(), base, pipeline=document(), labels=LABELS)
    record = tfs_notebook.export(first.path, base, example=["prize"], labels=LABELS)
    assert (record.pipeline, record.labels) == ("text", tuple(LABELS))
    assert (record.check.with_inputs, record.warmup_rows) == ("example", 1)
    with pytest.raises(InvalidArgument, match="the labels belong there"):
        tfs_notebook.export(first.path, base, labels=["a", "b"])
    broken = tmp_path / "broken"
    shutil.copytree(first.path, broken)
    (broken / "assets.extra" / "words.npy").unlink()
    with pytest.raises(InvalidArgument, match=r"words\.npy") as refused:
        tfs_notebook.export(broken, base)
    assert ".exporting" not in str(refused.value)
    assert left_in(base) == ["1", "2"]


def test_texts_as_they_come(tmp_path: Path) -> None:
    several = [np.array(["a", "prize"]), pd.Series(["a", "prize"]), ("a", "prize")]
    for example in several:
        record = tfs_notebook.export(
            spam_model(), tmp_path / "m", pipeline=document(), labels=LABELS, example=example
        )
        assert record.warmup_rows == 2


def test_images_as_they_come(tmp_path: Path) -> None:
    given = keras.Input((2, 3, 3), name="input")
    model = keras.Model(given, {"scores": keras.layers.GlobalAveragePooling2D()(given)})
    content = encoded(noise(2, 3))
    path = tmp_path / "image.png"
    path.write_bytes(content)
    for example in (content, str(path), path, [Image.open(path)], noise(2, 3)[np.newaxis]):
        record = tfs_notebook.export(
            model, tmp_path / "m", pipeline=image_document(), example=example
        )
        [call] = warmup_of(record.path)
        np.testing.assert_array_equal(call.inputs["input"][0], noise(2, 3)[np.newaxis])
    with pytest.raises(InvalidArgument, match=r"there is no file 'cat\.png'"):
        tfs_notebook.export(model, tmp_path / "m", pipeline=image_document(), example="cat.png")


def test_a_vocabulary_as_it_is(tmp_path: Path) -> None:
    ids = keras.Input((3,), dtype="int64", name="ids")
    model = keras.Model(ids, {"scores": keras.ops.cast(ids, "float32")})

    def pipeline(vocabulary: Any) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "kind": "text",
            "ids": {"vocabulary": vocabulary, "first_id": 5},
            "input": {"name": "ids", "words": 3},
            "output": {"name": "scores"},
        }

    record = tfs_notebook.export(
        model, tmp_path / "m", pipeline=pipeline(["prize", "午餐"]), example="午餐 prize"
    )
    [call] = warmup_of(record.path)
    assert call.inputs["ids"][0].tolist() == [[6, 5, 0]]
    for wrong, text in [
        ([1], "a vocabulary is a list of words"),
        ([""], "the vocabulary: an entry"),
        (["a", "a"], "has an entry twice: 'a'"),
    ]:
        with pytest.raises(InvalidArgument, match=text):
            tfs_notebook.export(model, tmp_path / "m", pipeline=pipeline(wrong))


def test_labels_that_are_longer_than_names_of_files(tmp_path: Path) -> None:
    labels = ["垃圾" * 100, "/etc/passwd"]
    first = tfs_notebook.export(spam_model(), tmp_path / "m", pipeline=document(labels=labels))
    again = tfs_notebook.export(spam_model(), tmp_path / "m", pipeline=first.path)
    assert again.labels == tuple(labels)


@pytest.mark.parametrize("labels", [iter(LABELS), np.array(LABELS), pd.Index(LABELS)])
def test_labels_of_any_kind(labels: Any, tmp_path: Path) -> None:
    record = tfs_notebook.export(mlp(), tmp_path / "m", labels=labels)
    assert record.labels == tuple(LABELS)
    assert {type(one) for one in record.labels} == {str}


def test_two_labels_of_one_score(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])
    assert tfs_notebook.export(model, tmp_path / "m", labels=LABELS).labels == tuple(LABELS)


def test_labels_alone(tmp_path: Path) -> None:
    record = tfs_notebook.export(mlp(), tmp_path / "m", labels=["垃圾", "ham"])
    text = (record.path / "assets.extra" / "labels.txt").read_text("utf-8")
    assert text == "垃圾\nham\n"
    assert record.labels == ("垃圾", "ham")


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (["a", "b", "c"], r"there are 3 labels, and no output has as many.*\[\?, 2\]"),
        ({"stable": 1}, "labels of versions, such as stable, are the server's"),
        ("ab", "names of the classes"),
        ([1, 2], "names of the classes"),
        (["a", "a"], "a line of its own"),
        (["a", "b\n"], "a line of its own"),
        (["a", ""], "a line of its own"),
        (["a", "\ud800"], "a line of its own"),
        (5, "names of the classes"),
        ({"a", "b"}, "names of the classes"),
    ],
)
def test_labels_that_do_not_fit(labels: Any, text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=text):
        tfs_notebook.export(mlp(), tmp_path / "m", labels=labels)
    assert left_in(tmp_path) == []


def test_a_large_example_is_a_small_warm_up(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).random((1000, 4), np.float32)
    record = tfs_notebook.export(mlp(), tmp_path / "m", example=rows)
    assert (record.check.rows, record.warmup_rows) == (1000, 64)
    [call] = warmup_of(record.path)
    np.testing.assert_array_equal(call.inputs["input_0"][0], rows[:64])


def test_each_signature_that_takes_the_example_is_warmed_up(tmp_path: Path) -> None:
    module = Scaled()
    signatures = {"serving_default": module.__call__, "inverse": module.inverse}
    record = tfs_notebook.export(
        module, tmp_path / "m", signatures=signatures, example=[1.0, 2.0]
    )
    names = [call.model.signature for call in warmup_of(record.path)]
    assert names == ["serving_default", "inverse"]
