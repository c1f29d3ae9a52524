"""``/predict``: raw text over REST, as curl and a browser send it."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.frontends.rest_requests import error_text
from tests.models.text_scores import WEIGHTS, write_text_scores
from tests.pipelines.small_pipeline import write_pipeline
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

# The first test that asks for the trained model waits for its training.
pytestmark = pytest.mark.timeout(300)

Fields = dict[str, Any]


@pytest.fixture(scope="module")
def texts(
    spam: Path, half_plus_two: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A server with the spam classifier, both versions, and a model without a pipeline."""
    directory = tmp_path_factory.mktemp("texts")
    config = directory / "models.config"
    both = (
        "model_version_policy { all {} } "
        'version_labels { key: "stable" value: 1 } version_labels { key: "gray" value: 2 }'
    )
    models = {"spam": spam, "numbers": half_plus_two.parent}
    config.write_text(config_text(models, spam=both))
    with (
        ServerProcess(directory, [f"--model_config_file={config}"]) as process,
        httpx.Client(base_url=process.url, timeout=60) as client,
    ):
        yield client


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A base path with one version of the small text model."""
    write_text_scores(tmp_path / "small" / "1")
    return tmp_path / "small"


def judged(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert list(answer) == ["data"]
    return answer["data"]


@pytest.mark.parametrize(
    ("text", "index", "label"),
    [
        ("加我微信xxxxx有福利", 0, "spam"),
        ("WIN a FREE prize now!!! Text YES to 80888", 0, "spam"),
        ("明天下午三点开会", 1, "pass"),
        ("See you at lunch?", 1, "pass"),
    ],
)
def test_spam_and_not(texts: httpx.Client, text: str, index: int, label: str) -> None:
    answer = judged(texts.get("/predict", params={"text": text, "model": "spam"}))
    assert list(answer) == ["text", "predict", "label", "score"]
    score = answer.pop("score")
    assert answer == {"text": text, "predict": index, "label": label}
    assert 0.5 <= score <= 1.0


@pytest.mark.parametrize(
    "text", ["", " ", "🎉🎉", "zxqwv vwqxz", "\x00\x07", "词" * 10_000, "٣"]
)
def test_what_the_model_cannot_know_is_judged_as_well(texts: httpx.Client, text: str) -> None:
    answer = judged(texts.post("/predict", json={"text": text}))
    assert answer["text"] == text
    assert answer["label"] == ("spam", "pass")[answer["predict"]]
    assert 0.5 <= answer["score"] <= 1.0


def test_many_texts(texts: httpx.Client) -> None:
    many = ["加我微信xxxxx有福利", "See you at lunch?", ""] * 200
    answers = judged(texts.post("/predict", json={"texts": many, "model": "spam"}))
    assert [answer["text"] for answer in answers] == many
    assert [answer["label"] for answer in answers[:2]] == ["spam", "pass"]
    # The same text is judged alike in every batch.
    scores: dict[str, set[float]] = {}
    for answer in answers:
        scores.setdefault(answer["text"], set()).add(round(answer["score"], 5))
    assert all(len(values) == 1 for values in scores.values())
    assert judged(texts.post("/predict", json={"texts": []})) == []
    assert len(judged(texts.post("/predict", json={"texts": ["one"]}))) == 1


def test_the_version_and_the_label_that_is_asked_for(texts: httpx.Client) -> None:
    def version(**fields: str) -> str:
        response = texts.get("/predict", params={"text": "hello"} | fields)
        judged(response)
        found: str = response.headers["X-Model-Version"]
        return found

    assert version() == "2"
    assert version(version="1") == "1"
    assert version(label="stable") == "1"
    assert version(label="gray", model="spam") == "2"
    response = texts.post("/predict?version=1", json={"text": "hello"})
    assert response.headers["X-Model-Version"] == "1"
    response = texts.post("/predict", json={"text": "hello", "version": 1})
    assert response.headers["X-Model-Version"] == "1"


def test_the_words_that_a_text_was_cut_into(texts: httpx.Client) -> None:
    asked = {
        "texts": ["加我微信xxxxx有福利", "zxqwvy lunch", ""],
        "model": "spam",
        "words": True,
    }
    answers = judged(texts.post("/predict", json=asked))
    cut = [[word["word"] for word in answer["words"]] for answer in answers]
    assert cut[0][0] == "加"
    assert "".join(cut[0]) == "加我微信xxxxx有福利"
    assert cut[1:] == [["zxqwvy", "lunch"], []]
    lunch = answers[1]["words"][1]
    assert lunch["known"] == "word"
    assert isinstance(lunch["place"], int)
    alone = judged(texts.get("/predict", params={"text": "lunch", "words": "true"}))
    assert [word["word"] for word in alone["words"]] == ["lunch"]
    assert "words" not in judged(texts.get("/predict", params={"text": "a", "words": "false"}))


def test_the_time_it_took_is_told_step_by_step(texts: httpx.Client) -> None:
    response = texts.get("/predict", params={"text": "lunch", "model": "spam"})
    steps = dict(one.split(";dur=") for one in response.headers["Server-Timing"].split(", "))
    took = {name: float(text) for name, text in steps.items()}
    assert list(took) == ["queue", "prepare", "run", "total"]
    assert min(took.values()) >= 0
    assert took["total"] == pytest.approx(sum(took.values()) - took["total"], abs=0.01)
    many = texts.post("/predict", json={"texts": ["a"] * 300, "model": "spam"})
    assert "total;dur=" in many.headers["Server-Timing"]


def test_words_that_nobody_reads_are_not_told(texts: httpx.Client) -> None:
    many = texts.post("/predict", json={"texts": ["a"] * 101, "model": "spam", "words": True})
    message = error_text(many, 429)
    assert "the words of 101 texts are asked for; /predict tells those of 100" in message
    wrong = texts.get("/predict", params={"text": "a", "words": "yes"})
    assert "\"words\" is true or false, not 'yes'" in error_text(wrong)


def test_without_a_name_the_only_model_that_takes_text_answers(texts: httpx.Client) -> None:
    # Of the two models one has no pipeline.
    assert judged(texts.get("/predict", params={"text": "hello"}))["label"] == "pass"
    message = error_text(texts.get("/predict", params={"text": "a", "model": "numbers"}))
    assert "Version 1 of model numbers does not take raw text" in message
    assert "assets.extra/tfs_notebook_pipeline.json" in message


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", 'neither of "text" and "texts"'),
        ("text=a&text=b", '"text" is there twice'),
        (
            "txt=a",
            "'txt'; there are image, images, k, label, model, text, texts, version, words",
        ),
        ("text=a&version=x", "\"version\" has to be a version number, and is 'x'"),
        ("text=a&version=1&label=stable", "exclude each other"),
        ("text=a&label=none", "Unrecognized servable version label: none"),
        ("&".join(["text=a"] * 40), "the query cannot be read"),
    ],
)
def test_queries_that_are_wrong(texts: httpx.Client, query: str, said: str) -> None:
    assert said in error_text(texts.get(f"/predict?{query}"))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is no JSON"),
        (b"text=hello", "the body is no JSON"),
        (b"[" * 100_000, "the body is no JSON"),
        (b'["a"]', "the body has to be a JSON object, and is a list"),
        (b'{"texts": "a"}', '"texts" has to be a list of strings, and is a string'),
        (b'{"texts": ["a", 1]}', '"texts"[1] has to be a string, and is a number'),
        (b'{"text": null}', '"text" has to be a string, and is null'),
        (b'{"text": "a", "texts": []}', 'both of "text" and "texts"'),
        (b'{"text": "a", "model": {}}', '"model" has to be a string, and is an object'),
        (b'{"text": "a", "version": -1}', "has to be a version number"),
        (b'{"text": "a", "version": true}', "has to be a version number"),
        (b'{"instances": ["a"]}', "unknown field 'instances'"),
    ],
)
def test_bodies_that_are_wrong(texts: httpx.Client, body: bytes, said: str) -> None:
    assert said in error_text(texts.post("/predict", content=body))


def test_what_is_not_there(texts: httpx.Client) -> None:
    get = texts.get
    assert "Latest(x)" in error_text(get("/predict", params={"text": "a", "model": "x"}), 404)
    assert "(spam, 9)" in error_text(get("/predict", params={"text": "a", "version": "9"}), 404)
    assert "Malformed request: DELETE" in error_text(texts.delete("/predict"))
    assert get("/predict/more").status_code == 404


def test_too_much(texts: httpx.Client) -> None:
    many = error_text(texts.post("/predict", json={"texts": [""] * 10_001}), 429)
    assert '"texts" has 10001 items' in many
    large = error_text(texts.post("/predict", json={"text": "x" * (4 << 20)}), 429)
    assert "Send the texts in several requests" in large


def test_half_a_character_is_replaced(texts: httpx.Client) -> None:
    body = json.dumps({"text": "cut off \ud83d"}).encode()
    assert judged(texts.post("/predict", content=body))["text"] == "cut off \ufffd"
    assert judged(texts.get("/predict?text=a%FFb"))["text"] == "a\ufffdb"


def test_a_url_that_is_not_percent_encoded(texts: httpx.Client) -> None:
    # As a shell sends what was typed.
    host, port = texts.base_url.host, texts.base_url.port or 80
    with socket.create_connection((host, port), timeout=30) as connection:
        request = f"GET /predict?text=加我微信xxxxx有福利 HTTP/1.1\r\nHost: {host}:{port}\r\n"
        connection.sendall(f"{request}Connection: close\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    data = json.loads(answer.partition(b"\r\n\r\n")[2])["data"]
    assert (data["text"], data["label"]) == ("加我微信xxxxx有福利", "spam")


def test_several_models_that_take_text_have_to_be_told_apart(
    base: Path, tmp_path: Path, start_server: Callable[..., ServerProcess]
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"one": base, "other": base}))
    server = start_server(f"--model_config_file={config}")
    url = f"{server.url}/predict"
    message = error_text(httpx.get(url, params={"text": "free"}))
    assert message == 'Several models take raw text: one, other; say which with "model"'
    assert judged(httpx.get(url, params={"text": "free", "model": "one"}))["label"] == "spam"


def test_no_model_that_takes_text(
    half_plus_two: Path, tmp_path: Path, start_server: Callable[..., ServerProcess]
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"a": half_plus_two.parent, "b": half_plus_two.parent}))
    server = start_server(f"--model_config_file={config}")
    message = error_text(httpx.get(f"{server.url}/predict", params={"text": "free"}), 404)
    assert "No model that is loaded takes raw text" in message


def test_a_web_page_may_ask_only_where_it_is_let_in(
    base: Path, texts: httpx.Client, start_server: Callable[..., ServerProcess]
) -> None:
    page = {"Origin": "http://elsewhere.example"}
    assert "elsewhere" in error_text(
        texts.get("/predict", params={"text": "a"}, headers=page), 403
    )
    flags = ["--model_name=m", f"--model_base_path={base}"]
    opened = start_server(*flags, "--rest_api_enable_cors_support")
    url = f"{opened.url}/predict"
    assert httpx.options(url, headers=page).status_code == 200
    response = httpx.get(url, params={"text": "free"}, headers=page)
    assert judged(response)["label"] == "spam"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_pipeline_goes_with_its_version(
    base: Path, start_server: Callable[..., ServerProcess]
) -> None:
    server = start_server("--model_name=m", f"--model_base_path={base}")
    url = f"{server.url}/predict"
    one = judged(httpx.get(url, params={"text": "free"}))
    assert (one["label"], one["score"]) == ("spam", 1.0)
    assert httpx.get(f"{server.url}/v2/models/m").json()["raw_input"] == "text"
    # The next version has the same words with other names for its scores.
    written = write_text_scores(base.parent / "2", [row[::-1] for row in WEIGHTS])
    write_pipeline(written, output={"name": "scores", "labels": ["ham", "junk"]})
    written.rename(base / "2")
    server.wait_for_model("m", 2)
    two = judged(httpx.get(url, params={"text": "free"}))
    assert (two["predict"], two["label"]) == (1, "junk")
    shutil.rmtree(base / "2")
    poll_until(
        lambda: judged(httpx.get(url, params={"text": "free"}))["label"] == "spam",
        "the version before has come back",
    )


def test_a_version_whose_pipeline_is_wrong_does_not_take_over(
    base: Path, start_server: Callable[..., ServerProcess]
) -> None:
    server = start_server(
        "--model_name=m", f"--model_base_path={base}", "--max_num_load_retries=0"
    )
    wrong: list[tuple[Fields, str]] = [
        ({"kind": "sound"}, "is no valid pipeline: kind"),
        ({"signature": "other"}, "The pipeline is for the signature 'other'"),
        ({"output": {"name": "scores", "labels": ["a", "b", "c"]}}, "The pipeline's output is"),
    ]
    for version, (change, said) in enumerate(wrong, 2):
        written = write_text_scores(base.parent / str(version))
        write_pipeline(written, **change)
        written.rename(base / str(version))
        server.wait_for_log(said)
        poll_until(
            lambda v=version: server.states("m").get(v) == "END",  # type: ignore[misc]
            "it has been given up",
        )
        response = httpx.get(f"{server.url}/predict", params={"text": "free"})
        assert judged(response)["label"] == "spam"
        assert response.headers["X-Model-Version"] == "1"
