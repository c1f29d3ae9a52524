"""What a dashboard lets be changed, and why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.notebook.dashboard.sights import ENGLISH, model, pinned, server, version
from tfs_notebook.client import Client
from tfs_notebook.client.observing.observation import Batching, Recording
from tfs_notebook.notebook.dashboard.abilities import ABILITIES, reasons_against
from tfs_notebook.notebook.dashboard.batching_fields import read_sizes
from tfs_notebook.notebook.dashboard.changes_to_models import ModelOrders
from tfs_notebook.notebook.dashboard.words import Words
from tfs_notebook.notebook.widgets.translation import translator


@pytest.fixture
def local() -> Iterator[Client]:
    with Client("unix:/nowhere/g.sock", rest_address="http+unix:/nowhere/r.sock") as client:
        yield client


def test_all_can_be_done_to_a_model_that_has_all(local: Client) -> None:
    able = model(
        "m",
        version(1),
        pin=pinned(1),
        batching=Batching({}),
        recording=Recording(1.0, {"OK": 5}),
    )
    assert not any(reasons_against(server(able), able, local, ENGLISH).values())


def test_why_something_cannot_be_done(local: Client) -> None:
    plain = model("m", version(1), recording=None)
    reasons = reasons_against(server(plain), plain, local, ENGLISH)
    assert {ability for ability in ABILITIES if not reasons[ability]} == {"load", "model"}
    assert "--enable_batching" in reasons["batching"]
    assert "--request_log_dir" in reasons["record"]
    unrecorded = replace(plain, recording=Recording(1.0, {}))
    reasons = reasons_against(server(plain), unrecorded, local, ENGLISH)
    assert (reasons["record"], bool(reasons["warmup"])) == ("", True)
    none = reasons_against(server(plain), None, local, ENGLISH)
    assert {ability for ability in ABILITIES if not none[ability]} == {"load"}


def test_a_server_that_lets_nothing_be_changed() -> None:
    plain = model("m", version(1))
    seen = server(plain)
    for client, reason in (
        (Client("localhost:8500"), "rest_address"),
        (Client("http://localhost:8501"), "token"),
        (Client("http://localhost:8501", token="t"), ""),
    ):
        with client:
            for ability in ("load", "model"):
                said = reasons_against(seen, plain, client, ENGLISH)[ability]
                assert reason in said if reason else said == ""
            others = reasons_against(replace(seen, kind="other"), plain, client, ENGLISH)
            assert all("TensorFlow Serving" in text for text in others.values())
            assert all(reasons_against(None, plain, client, ENGLISH).values())


def test_what_hurts_is_asked_first() -> None:
    orders = ModelOrders("m", ENGLISH)
    asked = (
        orders.unload(),
        orders.roll_back(None),
        orders.unpin(),
        orders.move_label("stable", 2),
        orders.move_label("stable", None),
        orders.record(1.0),
        orders.make_warmup(1, distinct=True, replace=True),
    )
    assert all(order.question for order in asked)
    at_once = (
        orders.load(),
        orders.pin([]),
        orders.record(0.0),
        orders.tune(20.0),
        orders.make_warmup(1, distinct=True, replace=False),
    )
    assert not any(order.question for order in at_once)


def test_sizes_as_they_are_typed() -> None:
    assert read_sizes("1, 8 32") == [1, 8, 32]
    assert read_sizes("") == []
    assert read_sizes("1, x") is None


def test_values_are_filled_in_and_what_they_hold_is_left_as_it_is() -> None:
    assert Words(translator("zh_CN"))("unload {name}", name="m") == "卸载 m"
    assert ENGLISH("unload {name}", name="{m}") == "unload {m}"
