"""What is shown of clients, models, metadata and classes: text, HTML, and attributes."""

from __future__ import annotations

import socket
import time
from ast import literal_eval
from contextlib import closing
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.client.other_server import other_grpc_server, other_http_server
from tests.server_process import ServerProcess, free_port
from tfs_notebook.client import Client, LabelledScores
from tfs_notebook.client.model_keys import key_literal
from tfs_notebook.client.statistics import ModelStatistics
from tfs_notebook.client.text_tables import text_table
from tfs_notebook.wire.model_spec import ModelReference


@pytest.fixture
def both(server: ServerProcess) -> Client:
    return Client(server.grpc_address, rest_address=server.url, title="<the> server")


def test_a_client(both: Client, server: ServerProcess) -> None:
    assert repr(both) == f"<tfs_notebook.Client of {server.grpc_address}: <the> server>"
    shown = both._repr_mimebundle_(include=None, exclude=None)
    text, html = shown["text/plain"], shown["text/html"]
    first, heads, *rows = text.splitlines()
    assert first == repr(both)
    assert heads.split()[:5] == ["model", "version", "state", "labels", "memory"]
    assert heads.split()[5:] == ["requests", "errors", "per", "second", "from"]
    (row,) = [row.split() for row in rows if row.startswith("half_plus_two ")]
    assert row[:4] == ["half_plus_two", "1", "AVAILABLE", "stable"]
    assert float(row[4]) > 0
    assert row[5] in ("kB", "MB")
    ET.fromstring(html)
    assert "&lt;the&gt; server" in html


def test_a_client_with_neighbours(both: Client) -> None:
    with other_http_server() as other:
        neighbours = {'connect("kernel")': both}
        with Client(other.address, neighbours=lambda: neighbours) as client:
            assert repr(client).endswith('; also connect("kernel")>')
            text = client._repr_mimebundle_()["text/plain"]
    assert 'its models are not listed; client["NAME"] takes one by its name' in text
    assert 'connect("kernel"): <the> server' in text
    assert "half_plus_two" in text


def test_a_model(both: Client) -> None:
    shown = both["several", 1]._repr_mimebundle_()
    text = shown["text/plain"]
    assert text.splitlines()[0] == repr(both["several", 1])
    heads, row = text.splitlines()[1:3]
    assert heads.split() == [
        "version", "state", "labels", "memory", "requests", "errors", "per", "second"
    ]  # fmt: skip
    assert row.split()[:2] == ["1", "AVAILABLE"]
    assert "  divide: a: int32 [?], b: int32 [?] → quotient: int32 [?]" in text
    assert text.splitlines()[-1] == '  client["several", 1].predict([1.0])'
    ET.fromstring(shown["text/html"])
    assert "classify([{" in both["examples"]._repr_mimebundle_()["text/plain"]


def test_a_model_that_is_not_there(both: Client) -> None:
    shown = both["<nobody>"]._repr_mimebundle_()
    assert "Servable not found" in shown["text/plain"]
    assert "<nobody>" not in shown["text/html"]


@pytest.mark.parametrize("name", ["it's", 'a"b', "\u5783\u573e", "a\\b"])
def test_keys_that_are_shown_are_keys(name: str) -> None:
    assert literal_eval(key_literal(ModelReference(name, 2))) == [name, 2]
    assert literal_eval(key_literal(ModelReference("a", label=name))) == ["a", name]
    assert key_literal(ModelReference("a", 2)) == '["a", 2]'
    assert key_literal(ModelReference("\u5783", label="\u573e")) == '["\u5783", "\u573e"]'


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "http://127.0.0.1:{}"])
def test_no_server(form: str) -> None:
    with Client(form.format(free_port())) as client:
        assert "answers" in client["m"]._repr_mimebundle_()["text/plain"]
        assert "its models" in client._repr_mimebundle_()["text/plain"]
    assert "(closed)" in client._repr_mimebundle_()["text/plain"]
    assert "is closed" in client["m"]._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "http://127.0.0.1:{}"])
def test_a_server_that_says_nothing_is_not_waited_for(form: str) -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as silent,
        Client(form.format(silent.getsockname()[1])) as client,
    ):
        began = time.monotonic()
        for shown in (client, client["m"]):
            shown._repr_mimebundle_()
        # Each asks for a second or two; the calls' own limit is a minute.
        assert time.monotonic() - began < 30


def test_metadata(both: Client) -> None:
    metadata = both["several"].metadata()
    ET.fromstring(metadata._repr_html_())


def test_models_are_attributes(both: Client) -> None:
    assert repr(both.half_plus_two) == repr(both["half_plus_two"])  # type: ignore[attr-defined]
    assert {"half_plus_two", "predict", "models"} & set(dir(both)) == {
        "half_plus_two",
        "models",
    }
    for name in ("half_plus_too", "_half", "__wrapped__", "if"):
        with pytest.raises(AttributeError, match=f"client..{name}"):
            getattr(both, name)
    assert not hasattr(Client("localhost:1"), "half")


def test_keys_are_completed(both: Client) -> None:
    keys = both._ipython_key_completions_()
    assert {"half_plus_two", ("half_plus_two", "stable"), ("half_plus_two", 1)} <= set(keys)
    with other_grpc_server() as other, Client(other.address) as client:
        assert client._ipython_key_completions_() == []
        assert "models" in dir(client)


def test_classes() -> None:
    answer = LabelledScores(
        np.array([["<b>", "ham"]] * 30, object), np.array([[0.25, 0.5]] * 30, np.float32)
    )
    lines = repr(answer).splitlines()
    assert lines[0].split() == ["label", "score", "label", "score"]
    assert lines[1].split() == ["0", "ham", "0.5", "<b>", "0.25"]
    assert lines[-1] == "… 30 in all"
    html = answer._repr_html_()
    ET.fromstring(html)
    assert "<b>" not in html


def test_statistics_of_a_model_nobody_has_asked() -> None:
    shown = ModelStatistics("m", (), {})
    assert repr(shown).splitlines()[0] == "m"
    ET.fromstring(shown._repr_html_())


def test_columns_of_chinese_text_are_in_line() -> None:
    assert text_table(["a", "b"], [["模型", "x"], ["m", "y"]]).splitlines() == [
        "a     b",
        "模型  x",
        "m     y",
    ]
