"""Raw texts and images through the client: what comes, what comes back, what is refused."""

from __future__ import annotations

import asyncio
import io
import json
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.client.other_server import other_http_server
from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.pipelines.small_image import bytes_document, encoded, image_document
from tests.server_process import ServerProcess, config_text
from tfs_notebook.client import Client, ScoredLabel, ScoredLabels
from tfs_notebook.client.control import ModelControl
from tfs_notebook.client.raw_answers import PipelineFacts, pipeline_facts, raw_answer
from tfs_notebook.client.raw_parts import RawParts
from tfs_notebook.client.raw_values import image_shape, raw_value
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import (
    Internal,
    InvalidArgument,
    NotFound,
    Unimplemented,
)
from tfs_notebook.wire.model_spec import ModelReference

PIXELS = np.array([[0, 51, 102], [153, 204, 255]], np.uint8)
LABELS = [f"value {place}" for place in range(6)]
BOTH = (
    "model_version_policy { all {} } "
    'version_labels { key: "stable" value: 1 } version_labels { key: "gray" value: 2 }'
)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Models of each kind: of texts, of images that are their own scores, of numbers."""
    directory = tmp_path_factory.mktemp("raw")
    base = directory / "models"
    write_text_scores(base / "words" / "1")
    # The second version has it the other way round.
    write_text_scores(base / "words" / "2", ((0.0, 4.0), (4.0, 0.0), (1.0, 2.0)))
    write_text_scores(base / "tensors" / "1", pipeline=False)
    pixels = image_document(
        pixels={"color": "grey"},
        values={"range": [0, 1]},
        output={"name": "scores", "labels": LABELS},
    )
    write_raw_scores(base / "pixels" / "1", DataType.FLOAT, (-1, 2, 3, 1), pixels)
    write_raw_scores(base / "bytes" / "1", DataType.STRING, (-1,), bytes_document())
    strings = {
        "schema_version": 1,
        "kind": "text",
        "output": {"name": "scores"},
        "strings": {},
        "input": {"name": "input"},
    }
    write_raw_scores(base / "strings" / "1", DataType.STRING, (-1,), strings)
    config = directory / "models.config"
    config.write_text(
        config_text({one.name: one for one in sorted(base.iterdir())}, words=BOTH)
    )
    with ServerProcess(directory, [f"--model_config_file={config}"]) as process:
        yield process


@pytest.fixture(params=["grpc", "http"])
def client(raw: ServerProcess, request: pytest.FixtureRequest) -> Iterator[Client]:
    """Both ways to it; one that speaks gRPC knows the REST address, too."""
    address = raw.grpc_address if request.param == "grpc" else raw.url
    with Client(address, rest_address=raw.url) as client:
        yield client


def one(answer: Any) -> ScoredLabel:
    assert isinstance(answer, ScoredLabel)
    return answer


def several(answer: Any) -> ScoredLabels:
    assert isinstance(answer, ScoredLabels)
    return answer


def test_a_text(client: Client) -> None:
    answer = one(client["words", 1].predict("free free free"))
    assert (answer.label, answer.index, answer.text) == ("spam", 0, "free free free")
    assert answer.score == 3.0
    assert answer.top == (("spam", answer.score),)
    assert one(client["words"].predict("free")).label == "pass"
    assert one(client["words", "stable"].predict("free")).label == "spam"
    assert one(client["words", "stable"].predict("free")).version == 1
    assert several(client["words"].predict(["free", "see"]))[:1].version == 2
    assert one(client["words", 1].predict("")).text == ""
    assert one(client["words", 1].predict("微信 \ud800")).label == "spam"


def test_several_texts(client: Client) -> None:
    texts = ["free", "see", "微信"]
    for given in (texts, tuple(texts), np.array(texts), np.array(texts, object)):
        answer = several(client["words", 1].predict(given, k=np.int64(2)))
        assert answer.labels == ["spam", "pass", "spam"]
        assert answer.scores.dtype == np.float32
        assert [label for label, _ in answer[1].top] == ["pass", "spam"]
        assert [judged.text for judged in answer] == texts
    assert len(several(client["words", 1].predict(["free"]))) == 1
    assert several(client["words", 1].predict([])).labels == []
    assert answer[1:].labels == ["pass", "spam"]
    assert answer[-1] == answer[2]


def test_columns_keep_their_index(client: Client) -> None:
    column = pd.Series(["free", "see"], index=[7, 9], name="message")
    for given in (column, column.to_frame(), column.astype("string")):
        answer: Any = client["words", 1].predict(given)
        assert answer.columns.tolist() == ["label", "score"]
        assert answer["label"].to_dict() == {7: "spam", 9: "pass"}
    answer = client["words", 1].predict(column, k=2)
    assert answer.columns.tolist() == ["label", "score", "label_2", "score_2"]
    assert answer["label_2"].tolist() == ["pass", "spam"]
    assert len(client["words", 1].predict(column[:0])) == 0
    with pytest.raises(InvalidArgument, match=r"words: column 'message' .* row 1 \(index 8\)"):
        client["words"].predict(pd.Series(["free", None], index=[7, 8], name="message"))


def test_many_texts_go_in_parts(client: Client) -> None:
    texts = ["see" if place % 3 else "free" for place in range(25_000)]
    answer = several(client["words", 1].predict(texts))
    assert answer.labels == ["pass" if place % 3 else "spam" for place in range(25_000)]
    # More than a request of five mebibytes may hold.
    long = ["see " * 300_000, "free", *["see " * 200_000] * 4]
    assert several(client["words", 1].predict(long)).labels == ["pass", "spam", *["pass"] * 4]
    assert len(several(client["words", 1].predict(texts[:10], chunk_rows=3))) == 10
    assert len(several(client["words", 1].predict(texts[:700], chunk_rows=None))) == 700


def test_awaited(raw: ServerProcess) -> None:
    async def ask(client: Client) -> Any:
        one, many = client["words", 1], client["pixels"]
        return await asyncio.gather(one.predict_async("free"), many.predict_async([PIXELS]))

    with Client(raw.url) as client:
        text, images = asyncio.run(ask(client))
    assert (text.label, images.labels) == ("spam", ["value 5"])


def test_an_image_in_all_its_forms(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(PIXELS)
    (tmp_path / "three.png").write_bytes(data)
    monkeypatch.chdir(tmp_path)
    picture = Image.open(io.BytesIO(data))
    forms = ["three.png", tmp_path / "three.png", data, bytearray(data), picture, PIXELS]
    forms += [PIXELS[..., None], PIXELS / 255, PIXELS.tolist()]
    for form in forms:
        answer = one(client["pixels"].predict(form, k=2))
        assert [label for label, _ in answer.top] == ["value 5", "value 4"]
        assert [score for _, score in answer.top] == pytest.approx([1.0, 0.8])
        assert answer.text is None
    for form in forms[:-1]:
        assert one(client["pixels"].predict(form)).index == 5
        assert several(client["pixels"].predict([form, form])).labels == ["value 5"] * 2
    assert several(client["pixels"].predict(["three.png", data])).labels == ["value 5"] * 2
    frame: Any = client["pixels"].predict(pd.Series(["three.png"] * 2, index=["a", "b"]))
    assert frame["label"].to_dict() == {"a": "value 5", "b": "value 5"}
    assert one(client["bytes"].predict("three.png")).score == len(data)


def test_many_images_go_in_parts(client: Client) -> None:
    images = [np.roll(PIXELS, place) for place in range(300)]
    answer = several(client["pixels"].predict(images))
    assert answer.labels == [f"value {(place + 5) % 6}" for place in range(300)]


def test_numbers_go_the_usual_way(client: Client) -> None:
    batch = (PIXELS / 255).astype(np.float32)[None, ..., None]
    for given in (batch, batch.tolist(), {"input": batch}):
        answer: Any = client["pixels"].predict(given)
        if isinstance(answer, dict):
            answer = answer["scores"]
        np.testing.assert_allclose(answer, batch.reshape(1, 6))
    # Bytes are pixels, whose range is the pipeline's matter.
    assert several(client["pixels"].predict(PIXELS[None, ..., None])).labels == ["value 5"]
    words = np.zeros((2, 4, 3), np.float32)
    assert isinstance(client["words"].predict(words), np.ndarray)
    # By name it is what the model itself takes.
    scores = client["strings"].predict(input=["four"])
    np.testing.assert_array_equal(scores, [[4.0]])
    assert one(client["strings"].predict("four")).score == 4


@pytest.mark.parametrize(
    ("model", "given", "text"),
    [
        ("tensors", "free", r"\(version 1\) was given a text, and has no pipeline that makes"),
        ("tensors", ["a", "b"], "was given 2 texts.*takes .*words: float .*pipeline=…"),
        ("tensors", b"free", "was given an image, and has no pipeline"),
        ("words", b"free", r"takes text, and was given an image; .* with .decode\(\)"),
        ("words", [Path("a.png"), "b"], "takes text, and was given 2 images"),
        ("pixels", "win a prize", "there is no file 'win a prize'. The model takes images: .*"),
        ("pixels", [PIXELS, "nowhere.png"], r"there is no file|image"),
        ("pixels", ["a.png"] * 2, "image 1 of 2: there is no file 'a.png'"),
        ("pixels", Path("a.png"), "the image a.png cannot be read"),
        ("pixels", "x" * 5000, "there is no file 'xxx.*x…'. The model"),
        ("pixels", b"no image", "PNG"),
        ("pixels", np.full((2, 3), 300), "are 0 to 255, and these are 300"),
    ],
)
def test_what_does_not_fit(client: Client, model: str, given: Any, text: str) -> None:
    with pytest.raises(InvalidArgument, match=f"(?s){text}"):
        client[model].predict(given)


def test_k_is_for_raw_input(client: Client) -> None:
    for given in (np.zeros(3), {"words": np.zeros((1, 4, 3))}):
        with pytest.raises(InvalidArgument, match="k= is for a text"):
            client["words"].predict(given, k=2)
    with pytest.raises(InvalidArgument, match='"k" is a number from 1 to 1000'):
        client["words"].predict("free", k=0)
    with pytest.raises(NotFound, match="has no model 'nobody'"):
        client["nobody"].predict("free")


def test_without_a_rest_address(raw: ServerProcess) -> None:
    with Client(raw.grpc_address) as client:
        with pytest.raises(
            Unimplemented, match=r"a text\. .* connect\(address, rest_address=….*words: float"
        ):
            client["words"].predict("free")
        # What takes strings takes them as ever.
        np.testing.assert_array_equal(client["strings"].predict(["four"]), [[4.0]])


def test_tensorflow_serving_has_no_pipelines() -> None:
    with other_http_server() as other, Client(other.address) as client:
        for _ in range(2):
            with pytest.raises(InvalidArgument, match="has no pipeline"):
                client["half_plus_two"].predict("free")
        with pytest.raises(InvalidArgument, match="has no pipeline"):
            client["half_plus_two"].bench("free", concurrency=[1], seconds=0.1)
        with pytest.raises(InvalidArgument, match="has no pipeline"):
            client["half_plus_two"].snippet("curl", "free")
        answer = client["half_plus_two"].predict([[1.0, 2.0]])
        np.testing.assert_array_equal(answer, [[2.5, 3.0]])


def test_a_pipeline_is_asked_for_once(raw: ServerProcess) -> None:
    with Client(raw.url) as client:
        client["words"].predict("free")
        known = dict(client.access.pipelines)
        client["words"].predict(["free"])
        client["words", 1].predict(["free"])
    assert list(known) == [ModelReference("words", 2)]
    assert client.access.pipelines[ModelReference("words", 2)] is known.popitem()[1]
    assert ModelReference("words", 1) in client.access.pipelines


def test_a_version_that_replaces_another(tmp_path: Path) -> None:
    base = tmp_path / "changing"
    write_text_scores(base / "1", pipeline=False)
    flags = ["--model_name=changing", f"--model_base_path={base}"]
    flags.append("--file_system_poll_wait_seconds=1")
    with ServerProcess(tmp_path, flags) as server, Client(server.url) as client:
        with pytest.raises(InvalidArgument, match="no pipeline"):
            client["changing"].predict("free")
        write_text_scores(tmp_path / "2").rename(base / "2")
        server.wait_for_model("changing", 2)
        assert one(client["changing"].predict("free")).label == "spam"
        write_text_scores(tmp_path / "3", pipeline=False).rename(base / "3")
        server.wait_for_model("changing", 3)
        with pytest.raises(InvalidArgument, match=r"version 3.*no pipeline"):
            client["changing"].predict("free")


def test_two_versions_are_compared(client: Client) -> None:
    texts = ["free", "see", "微信 微信"]
    compared = client["words"].compare(texts, "stable", "gray", runs=2)
    frame = compared.frame
    assert frame["label", "stable"].tolist() == ["spam", "pass", "spam"]
    assert frame["label", "gray"].tolist() == ["pass", "spam", "pass"]
    assert frame["score", "stable"].dtype == np.float32
    assert not frame["agrees", ""].any()
    label = compared.outputs["label"]
    assert (label.rows, label.scored, label.same_label) == (3, 3, 0)
    # Of the same label, whichever of them is the likeliest.
    assert compared.outputs["score_spam"].largest == pytest.approx(
        np.abs(frame["score_spam", "stable"] - frame["score_spam", "gray"]).max()
    )
    assert client["words"].compare("free", 1, 2, runs=1).frame["label", 1].tolist() == ["spam"]
    column = pd.Series(texts, index=["a", "b", "c"])
    compared = client["words"].compare(column, 1, "gray", runs=1)
    assert compared.frame.index.tolist() == ["a", "b", "c"]
    assert "label" in repr(compared)
    with pytest.raises(InvalidArgument, match="takes text, and was given an image"):
        client["words"].compare(b"free", 1, 2)


def test_load_of_raw_input(client: Client) -> None:
    for given, request in (("free", "a text"), (["free", "see"], "2 texts")):
        record = client["words", 1].bench(given, concurrency=[2], seconds=0.1)
        assert record.request == request
        assert record.levels[0].latencies
        assert not record.levels[0].errors
    record = client["pixels"].bench(PIXELS, concurrency=[1], seconds=0.1)
    assert record.request == "an image"
    assert not record.levels[0].errors
    with pytest.raises(InvalidArgument, match="do not make one request"):
        client["words"].bench([], concurrency=[1], seconds=0.1)


def test_the_version_that_answered_is_told(client: Client) -> None:
    assert one(client["words"].predict("free")).version == 2
    assert one(client["words", "stable"].predict("free")).version == 1
    answer = several(client["words"].predict(["free", "see"]))
    assert (answer.version, answer[1].version, answer[1:].version) == (2, 2, 2)


class _Moving:
    """A path; who opens it has first had something done."""

    def __init__(self, path: Path, before: Callable[[], None]) -> None:
        self._path, self._before = path, before

    def __fspath__(self) -> str:
        self._before()
        return str(self._path)


def test_a_version_that_takes_over_in_the_midst_is_told(
    start_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    pixels = image_document(pixels={"color": "grey"}, output={"name": "scores"})
    for number in (1, 2):
        write_raw_scores(tmp_path / "m" / str(number), DataType.FLOAT, (-1, 2, 3, 1), pixels)
    (tmp_path / "models.config").write_text(config_text({"m": tmp_path / "m"}, m=BOTH))
    server = start_server(
        f"--model_config_file={tmp_path}/models.config",
        f"--rest_api_socket_path={tmp_path}/r.sock",
    )
    control = ModelControl(f"http+unix:{tmp_path}/r.sock")
    (tmp_path / "a.png").write_bytes(encoded(PIXELS))

    def move() -> None:
        control.set_labels("m", {"stable": 2})

    images = [tmp_path / "a.png"] * 9 + [_Moving(tmp_path / "a.png", move)]
    # The last is opened while those before it may still be on their way, and these may
    # overtake each other.
    with Client(server.url) as client, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = several(client["m", "stable"].predict(images, chunk_rows=1))
    control.close()
    told = "version 1 has answered for the first [1-9] rows, and version 2 for the next"
    assert any(re.search(told, str(one.message)) for one in caught), caught
    assert (len(answer), answer.version) == (10, 2)


def test_a_handle_says_what_raw_input_it_takes(client: Client) -> None:
    text = client["words", 1]._repr_mimebundle_()["text/plain"]
    call = text.splitlines()[-1]
    assert call.startswith('  client["words", 1].predict("some text")  # or a list')
    assert one(eval(call, {"client": client})).version == 1
    assert 'client["words", 1].predict([[[1.0] * 3] * 4])' in text
    call = client["pixels"]._repr_mimebundle_()["text/plain"].splitlines()[-1]
    assert "# or a path" in call
    assert one(eval(call, {"client": client, "np": np})).index == 0
    assert "some text" not in client["tensors"]._repr_mimebundle_()["text/plain"]
    with pytest.raises(InvalidArgument, match=r"(?s)and this as well .*\.predict\(\"some text"):
        client["words"].predict(["a", 3])


def test_what_is_shown(raw: ServerProcess) -> None:
    with Client(raw.url) as client:
        answer = client["words", 1].predict(["see <b>you</b>", "free " * 40])
        single = one(client["pixels"].predict(PIXELS, k=3))
    assert repr(answer).splitlines() == [
        "   text                                              label  score",
        "0  see <b>you</b>                                    pass   1.0000  ██████████",
        "1  free free free free free free free free free fr…  spam   4",
    ]
    html = several(answer)._repr_html_()
    assert "see &lt;b&gt;you&lt;/b&gt;" in html
    assert repr(single).splitlines() == [
        "label    score",
        "value 5  1.0000  ██████████",
        "value 4  0.8000  ████████",
        "value 3  0.6000  ██████",
    ]
    assert "██████" in single._repr_html_()
    long = ScoredLabels(
        raw_answer({"data": [{"label": "a", "score": None, "predict": 0}] * 30})
    )
    assert repr(long).splitlines()[-1] == "… 30 in all"
    assert np.isnan(long.scores).all()


def test_answers_that_are_none() -> None:
    documents: list[Any] = [None, [], {}, {"data": [{}]}, {"data": 3}]
    for document in documents:
        with pytest.raises(Internal):
            raw_answer(document)
    with pytest.raises(Internal):
        pipeline_facts({"kind": "text"})


def test_parts_are_what_a_request_holds() -> None:
    given = raw_value(["x" * 1_500_000, "y" * 600_000, "z"])
    assert given is not None
    parts = RawParts(given, PipelineFacts("text", ""), ModelReference("m", label="l"), 3)
    assert not parts.fit_in_one()
    assert parts.cut(slice(0, 3)) == slice(0, 1)
    assert parts.cut(slice(1, 3)) == slice(1, 3)
    document = json.loads(parts.body(slice(1, 3)))
    assert document == {"texts": ["y" * 600_000, "z"], "model": "m", "label": "l", "k": 3}


def test_parts_are_smaller_where_many_labels_are_told() -> None:
    given = raw_value(["x"] * 600)
    assert given is not None
    for told, top in ((1, 1000), (1000, None)):
        parts = RawParts(given, PipelineFacts("text", "", top=told), ModelReference("m"), top)
        assert not parts.fit_in_one()
        assert parts.most == 100
    assert pipeline_facts({"kind": "text", "signature": "", "input": {}, "top": 7}).top == 7


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (np.zeros((2, 3)), (2, 3)),
        ([[1, 2, 3]], (1, 3)),
        ([np.zeros((2, 3))], (1, 2, 3)),
        ([1.0, 2.0], None),
        (np.zeros(3), None),
        ([["a", "b"]], None),
        (np.zeros((2, 2), object), None),
        ([], None),
        (pd.DataFrame({"a": [1], "b": [2]}), None),
        ([[]], None),
    ],
)
def test_what_may_be_an_image(value: Any, shape: tuple[int, ...] | None) -> None:
    found = image_shape(value)
    assert (found and found.sizes) == shape
    assert raw_value(value) is None or not len(value)
