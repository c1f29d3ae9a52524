"""``/predict`` with images, and with texts for models of other forms than vectors.

The models give back their input as scores, so an answer with all of them is the tensor.
"""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.frontends.rest_requests import error_text
from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.pipelines.small_image import bytes_document, encoded, image_document, noise
from tests.server_process import ServerProcess, config_text
from tfs_notebook.pipelines.description import DIRECTORY
from tfs_notebook.wire.dtypes import DataType

_PNG = {"Content-Type": "image/png"}
_ALL = 18


def write_models(base: Path) -> dict[str, Path]:
    """One model of each form."""
    text = {"schema_version": 1, "kind": "text", "output": {"name": "scores"}}
    pixels = image_document(values={"range": [0, 1]})
    write_raw_scores(base / "pixels" / "1", DataType.FLOAT, (-1, 2, 3, 3), pixels)
    labelled = image_document(
        pixels={"color": "bgr"},
        output={"name": "scores", "labels": [f"value {place}" for place in range(_ALL)]},
    )
    write_raw_scores(base / "pixels" / "2", DataType.FLOAT, (-1, 2, 3, 3), labelled)
    write_raw_scores(base / "bytes" / "1", DataType.STRING, (-1,), bytes_document())
    ids = text | {
        "ids": {"vocabulary": "words.txt", "first_id": 10, "begin": 1, "unknown": 2},
        "text": {"split": "whitespace"},
        "input": {"name": "input", "words": 4},
    }
    version = write_raw_scores(base / "ids" / "1", DataType.INT64, (-1, 4), ids)
    (version / DIRECTORY / "words.txt").write_text("free\nsee\n")
    strings = text | {"strings": {}, "input": {"name": "input", "shape": "[texts, 1]"}}
    write_raw_scores(base / "strings" / "1", DataType.STRING, (-1, 1), strings)
    write_text_scores(base / "words" / "1")
    write_text_scores(base / "tensors" / "1", pipeline=False)
    return {path.name: path for path in sorted(base.iterdir())}


_BATCHES = "max_batch_size { value: 8 } batch_timeout_micros { value: 20000 }"


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "batches"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("images")
    base = directory / "models"
    base.mkdir()
    config = directory / "models.config"
    both = (
        "model_version_policy { all {} } "
        'version_labels { key: "stable" value: 1 } version_labels { key: "gray" value: 2 }'
    )
    config.write_text(config_text(write_models(base), pixels=both))
    flags = [f"--model_config_file={config}"]
    if request.param:
        parameters = directory / "batching.pbtxt"
        parameters.write_text(_BATCHES)
        flags += ["--enable_batching", f"--batching_parameters_file={parameters}"]
    with ServerProcess(directory, flags) as process:
        yield process


@pytest.fixture(scope="module")
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


def data(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    answer = response.json()
    assert list(answer) == ["data"]
    return answer["data"]


def tensor(record: dict[str, Any]) -> list[float]:
    """The scores in their order, of a record that has all of them."""
    return [one["score"] for one in sorted(record["top"], key=lambda one: one["index"])]


def b64(content: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(content).decode()}


def expected(image: np.ndarray) -> list[float]:
    values = (image.astype(np.float64) / 255).astype(np.float32)
    return [float(value) for value in values.reshape(-1)]


IMAGE = noise(2, 3)
CONTENT = encoded(IMAGE)


def close(found: list[float]) -> bool:
    return found == pytest.approx(expected(IMAGE), abs=1e-7)


def test_an_image_in_json(http: httpx.Client) -> None:
    fields = {"image": b64(CONTENT), "model": "pixels", "version": 1, "k": _ALL}
    response = http.post("/predict", json=fields)
    record = data(response)
    assert list(record) == ["predict", "label", "score", "top"]
    assert close(tensor(record))
    best = int(IMAGE.argmax())
    assert record["predict"] == best
    assert record["label"] == str(best)
    first = {"label": str(best), "index": best, "score": record["score"]}
    assert record["top"][0] == first
    assert response.headers["X-Model-Version"] == "1"


@pytest.mark.parametrize(
    "headers", [_PNG, {}, {"Content-Type": "application/x-www-form-urlencoded"}]
)
def test_an_image_as_the_body(http: httpx.Client, headers: dict[str, str]) -> None:
    query = f"model=pixels&label=stable&k={_ALL}"
    record = data(http.post(f"/predict?{query}", content=CONTENT, headers=headers))
    assert close(tensor(record))


def test_the_version_and_its_labels(http: httpx.Client) -> None:
    response = http.post("/predict?model=pixels&label=gray&k=1", content=CONTENT)
    assert response.headers["X-Model-Version"] == "2"
    (top,) = data(response)["top"]
    place = int(IMAGE[..., ::-1].argmax())
    assert top == {"label": f"value {place}", "index": place, "score": float(IMAGE.max())}


def test_a_form_with_a_file(http: httpx.Client) -> None:
    files = {"image": ("cat.png", CONTENT)}
    fields = {"model": "pixels", "version": "1", "k": str(_ALL)}
    record = data(http.post("/predict", files=files, data=fields))
    assert close(tensor(record))


def curl(*arguments: str) -> str:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("no curl")
    done = subprocess.run(
        [program, "-s", "-S", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_as_curl_sends_it(server: ServerProcess, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(CONTENT)
    url = f"{server.url}/predict"
    query = f"?model=pixels&version=1&k={_ALL}"
    form = ("-F", f"image=@{path}", "-F", "model=pixels", "-F", "version=1", "-F", f"k={_ALL}")
    for said in (
        curl(url, *form),
        curl(f"{url}{query}", "-F", f"image=@{path}"),
        curl(f"{url}{query}", "--data-binary", f"@{path}"),
        curl(f"{url}{query}", "--data-binary", f"@{path}", "-H", "Content-Type: image/png"),
        curl(f"{url}{query}", "-T", str(path), "-X", "POST"),
    ):
        assert close(tensor(json.loads(said)["data"])), said
    several = json.loads(curl(url, *form, "-F", f"image=@{path}"))["data"]
    assert [close(tensor(record)) for record in several] == [True, True]
    forgotten = json.loads(curl(url, "-F", f"image={path}", "-F", "model=pixels"))
    assert "with the @" in forgotten["error"]


@pytest.mark.parametrize("count", [1, 20, 300])
def test_several_images(http: httpx.Client, count: int) -> None:
    images = [noise(2, 3, seed=seed) for seed in range(count)]
    fields = {
        "images": [b64(encoded(image)) for image in images],
        "model": "pixels",
        "version": 1,
        "k": _ALL,
    }
    records = data(http.post("/predict", json=fields))
    assert len(records) == len(images)
    for image, record in zip(images, records, strict=True):
        assert tensor(record) == pytest.approx(expected(image), abs=1e-7)
    assert data(http.post("/predict", json=fields | {"images": []})) == []


def test_many_clients_share_runs(http: httpx.Client, request: pytest.FixtureRequest) -> None:
    def ask(seed: int) -> bool:
        image = noise(2, 3, seed=seed)
        url = f"/predict?model=pixels&version=1&k={_ALL}"
        record = data(http.post(url, content=encoded(image)))
        return bool(tensor(record) == pytest.approx(expected(image), abs=1e-7))

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(ask, range(200)))
    (told,) = http.get("/v2/models/pixels/versions/1/stats").json()["model_stats"]
    sizes = {one["batch_size"] for one in told["batch_stats"]}
    assert (max(sizes, default=1) > 1) == ("batches" in request.node.name)


def test_five_are_told_unless_the_request_says_so(http: httpx.Client) -> None:
    def count(query: str) -> int:
        answer = data(http.post(f"/predict?model=pixels{query}", content=CONTENT))
        return len(answer["top"])

    assert count("") == 5
    assert count("&k=1") == 1
    assert count("&k=1000") == _ALL


def test_labels_are_told_to_a_limit(http: httpx.Client) -> None:
    fields = {"texts": ["free"] * 10_000, "model": "ids", "k": 1000}
    # It has no names for its scores, so that nobody knows how many there are.
    message = error_text(http.post("/predict", json=fields), 429)
    assert message.startswith("1000 labels of each of 10000 are asked for; /predict tells")
    # Of two labels no more can be told.
    fields["model"] = "words"
    assert len(data(http.post("/predict", json=fields))) == 10_000


def test_bodies_that_are_compressed(http: httpx.Client) -> None:
    gzip_ = {"Content-Encoding": "gzip"}
    text = json.dumps({"text": "free", "model": "words"}).encode()
    record = data(http.post("/predict", content=gzip.compress(text), headers=gzip_))
    assert record["label"] == "spam"
    url = f"/predict?model=pixels&version=1&k={_ALL}"
    assert close(tensor(data(http.post(url, content=gzip.compress(CONTENT), headers=gzip_))))
    for wrong in (text, gzip.compress(bytes(65 << 20))):
        message = error_text(http.post("/predict", content=wrong, headers=gzip_))
        assert "the body is said to be gzip, and is none, or inflates to more" in message


def test_more_texts_than_a_batch_may_have(http: httpx.Client) -> None:
    fields = {"texts": ["free", "see"] * 10, "model": "words"}
    labels = [record["label"] for record in data(http.post("/predict", json=fields))]
    assert labels == ["spam", "pass"] * 10


def test_a_model_that_decodes_images_itself(http: httpx.Client) -> None:
    record = data(http.post("/predict?model=bytes", content=CONTENT))
    assert record["score"] == len(CONTENT)


def test_texts_as_numbers_and_as_themselves(http: httpx.Client) -> None:
    record = data(http.get("/predict?model=ids&k=4&text=see%20FREE%20now!"))
    assert tensor(record) == [1, 11, 10, 2]
    record = data(http.post("/predict", json={"model": "strings", "text": "微信"}))
    assert record == {"text": "微信", "predict": 0, "label": "0", "score": 6.0}


def test_texts_tell_several_labels_if_they_are_asked_for(http: httpx.Client) -> None:
    alone = data(http.get("/predict?model=words&text=free"))
    assert alone == {"text": "free", "predict": 0, "label": "spam", "score": 1.0}
    several = data(http.get("/predict?model=words&text=free&k=3"))
    assert several == alone | {
        "top": [
            {"label": "spam", "index": 0, "score": 1.0},
            {"label": "pass", "index": 1, "score": 0.0},
        ]
    }


def test_texts_do_not_wait_for_images(
    tmp_path: Path, start_server: Callable[..., ServerProcess]
) -> None:
    models = write_models(tmp_path / "models")
    config = tmp_path / "models.config"
    config.write_text(config_text(models))
    server = start_server(f"--model_config_file={config}", "--rest_api_num_threads=1")
    large = encoded(np.zeros((4000, 4000), np.uint8))
    body = json.dumps({"images": [b64(large)] * 10, "model": "pixels"}).encode()
    with ThreadPoolExecutor(1) as threads, httpx.Client(base_url=server.url) as http:
        images = threads.submit(httpx.post, f"{server.url}/predict", content=body, timeout=60)
        answered = 0
        while not images.done():
            assert data(http.get("/predict?model=words&text=free"))["label"] == "spam"
            answered += 1
    assert len(data(images.result())) == 10
    # Of one thread for both, some get there before the images do.
    assert answered > 20


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!doctype html><title>gone</title>", "and this is HTML, perhaps the page of an"),
        (b"", "and this is nothing (0 bytes)"),
        (b"%!PS-Adobe", "and this is PostScript"),
        (CONTENT[:50], "the image is a damaged PNG file of 50 bytes"),
        (encoded(noise(8, 8), "TIFF"), "and this is TIFF"),
    ],
)
def test_what_is_no_image(http: httpx.Client, content: bytes, said: str) -> None:
    url = "/predict?model=pixels"
    assert said in error_text(http.post(url, content=content, headers=_PNG))
    fields = {"image": b64(content), "model": "pixels"}
    assert said in error_text(http.post("/predict", json=fields))
    assert said in error_text(
        http.post("/predict", files={"image": ("a", content)}, data={"model": "pixels"})
    )


def test_a_file_of_any_type_that_is_no_image(http: httpx.Client) -> None:
    octets = {"Content-Type": "application/octet-stream"}
    url = "/predict?model=pixels"
    message = error_text(http.post(url, content=b"%PDF-1.7", headers=octets))
    assert "an image is expected (PNG, JPEG, GIF, BMP, WebP), and this is PDF" in message
    fields = json.dumps({"image": b64(CONTENT)})
    assert data(http.post(url, content=f" {fields}", headers=octets))["top"]


def test_which_of_many_is_no_image(http: httpx.Client) -> None:
    many = {"images": [*[b64(CONTENT)] * 257, b64(b"no"), b64(CONTENT)], "model": "pixels"}
    message = error_text(http.post("/predict", json=many))
    assert message.startswith("from number 257 on, image 2 of 3: an image is expected")


def test_which_of_several_is_no_image(http: httpx.Client) -> None:
    fields = {"images": [b64(CONTENT), b64(b"nothing")], "model": "pixels"}
    assert "image 2 of 2: an image is expected" in error_text(
        http.post("/predict", json=fields)
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"image": "cat.png"},
            '"image" has to be {"b64": "…"}, the file in base64, and is a s',
        ),
        ({"image": {"path": "/etc/passwd"}}, '"image" has to be {"b64": "…"}'),
        ({"image": {"b64": 3}}, 'b64 of "image" has to be a string, and is a number'),
        ({"image": {"b64": "???"}}, 'b64 of "image" is no base64'),
        ({"image": {"b64": "data:image/png;base64,AA"}}, "what follows its comma is"),
        ({"image": {"b64": "AAAA\nAAAA"}}, "it has no line breaks (base64 -w0)"),
        ({"image": {"b64": "A" * (2**20 - 1) + "=AAAA"}}, "is no base64: Excess data after"),
        ({"images": {"b64": ""}}, '"images" has to be a list of images'),
        ({"images": [1]}, '"images"[0] has to be {"b64"'),
        ({"image": {"b64": ""}, "text": "a"}, 'there is both of "text" and "image"'),
        ({"model": "pixels"}, 'neither of "text" and "texts", and no image'),
        ({"image": {"b64": ""}, "k": 0}, "\"k\" is a number from 1 to 1000, not '0'"),
        ({"image": {"b64": ""}, "k": "x"}, "\"k\" is a number from 1 to 1000, not 'x'"),
        ({"image": {"b64": ""}, "k": True}, '"k" is a number'),
    ],
)
def test_requests_that_are_wrong(http: httpx.Client, fields: dict[str, Any], said: str) -> None:
    assert said in error_text(http.post("/predict", json=fields))


def test_forms_that_are_wrong(http: httpx.Client) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for content in (b"", b"--x", b"--x\r\n\r\n\r\n--x--", b"\xff" * 100):
        assert "the form cannot be read" in error_text(
            http.post("/predict", content=content, headers=form)
        )
    message = error_text(http.post("/predict", files={"photo": ("a", CONTENT)}))
    assert "a file is sent as \"image\", not as 'photo'" in message
    message = error_text(
        http.post("/predict", files={"image": ("a", CONTENT)}, data={"x": "1"})
    )
    assert "unknown field 'x'" in message


def test_an_image_is_not_sent_with_get(http: httpx.Client) -> None:
    assert "an image is sent with POST" in error_text(http.get("/predict?image=cat.png"))
    # A name is no image, wherever it is.
    message = error_text(http.post("/predict?image=/etc/passwd", json={}))
    assert '"image" has to be {"b64"' in message


def test_the_wrong_kind(http: httpx.Client) -> None:
    message = error_text(http.get("/predict?model=pixels&text=a"))
    assert message == (
        "Version 2 of model pixels takes images, not raw text: send it the bytes of a file, or "
        '{"image": {"b64": "…"}} with POST /predict'
    )
    message = error_text(http.post("/predict?model=words", content=CONTENT))
    assert 'takes raw text, not images: send it {"text": "…"}' in message
    message = error_text(http.post("/predict?model=tensors", content=CONTENT))
    assert "Version 1 of model tensors does not take images: it has no assets.extra" in message


def test_a_model_of_the_kind_is_looked_for(http: httpx.Client) -> None:
    message = error_text(http.post("/predict", content=CONTENT))
    assert message == 'Several models take images: bytes, pixels; say which with "model"'
    message = error_text(http.get("/predict?text=free"))
    assert (
        message == 'Several models take raw text: ids, strings, words; say which with "model"'
    )


def test_too_much(http: httpx.Client) -> None:
    many = {"images": [b64(b"")] * 1001, "model": "pixels"}
    assert '"images" has 1001 items' in error_text(http.post("/predict", json=many), 429)
    small_things = b'{"texts": [' + b'"",' * 1_500_000 + b'""]}'
    message = error_text(http.post("/predict", content=small_things), 429)
    assert "bytes with 1500000 commas in it" in message
    large = b"\x89PNG\r\n\x1a\n" + bytes(64 << 20)
    message = error_text(http.post("/predict?model=pixels", content=large), 429)
    assert "Send the images in several requests" in message


def test_what_a_model_takes(http: httpx.Client) -> None:
    formats = ["PNG", "JPEG", "GIF", "BMP", "WebP"]
    told = {
        "name": "pixels",
        "version": "2",
        "kind": "image",
        "signature": "serving_default",
        "output": "scores",
        "input": {
            "form": "pixels",
            "formats": formats,
            "height": 2,
            "width": 3,
            "color": "bgr",
            "maximum_pixels": 32_000_000,
        },
        "labels": _ALL,
        "top": 5,
    }
    assert http.get("/v2/models/pixels/pipeline").json() == told
    older = http.get("/v2/models/pixels/versions/1/pipeline").json()
    assert (older["version"], older["labels"]) == ("1", None)
    decodes = http.get("/v2/models/bytes/pipeline").json()["input"]
    assert (decodes["form"], decodes["formats"]) == ("bytes", formats)
    assert http.get("/v2/models/words/pipeline").json() == {
        "name": "words",
        "version": "1",
        "kind": "text",
        "signature": "serving_default",
        "output": "scores",
        "input": {"form": "vectors", "words": 4},
        "labels": 2,
        "top": None,
    }
    assert http.get("/v2/models/ids/pipeline").json()["input"] == {"form": "ids", "words": 4}


def test_what_takes_nothing_raw(http: httpx.Client) -> None:
    message = error_text(http.get("/v2/models/tensors/pipeline"), 404)
    assert "version 1 of model 'tensors' takes tensors alone" in message
    error_text(http.get("/v2/models/none/pipeline"), 404)
    error_text(http.get("/v2/models/pixels/versions/9/pipeline"), 404)
    assert http.post("/v2/models/pixels/pipeline").status_code == 405
