"""What a dashboard shows of a server, without widgets."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from tests.client.looks import counts
from tests.notebook.dashboard.sights import (
    ENGLISH,
    NOW,
    history,
    model,
    pinned,
    server,
    version,
)
from tfs_notebook.client.observing import History
from tfs_notebook.client.observing.observation import Batching, Observation
from tfs_notebook.notebook.dashboard import figures
from tfs_notebook.notebook.dashboard.link import Link
from tfs_notebook.notebook.dashboard.rows import HEADS, MOST_ROWS, rows_of
from tfs_notebook.notebook.dashboard.sight import PANES, Sight, Wish, sight_of

LINK = Link("a server", has_been_seen=True)
EVIL = "<b>&\"'"


def seen(made: History, **wish: object) -> Sight:
    return sight_of(LINK, made, Wish(**wish), ENGLISH)  # type: ignore[arg-type]


def test_a_row_for_each_version_with_what_it_does() -> None:
    spam = model("spam", version(2), version(1), labels={"stable": 1})
    made = history(spam)
    assert made.latest is not None
    first, second = rows_of(made.latest, made.recent(), made.latest.models, ENGLISH)
    assert (first.model, first.version, first.is_first) == ("spam", "2", True)
    assert (second.version, second.is_first, second.labels) == ("1", False, ("stable",))
    assert (first.state, first.look.kind) == ("serving", "good")
    told = dict(zip(HEADS, first.numbers, strict=True))
    assert (told["req/s"], told["failed/s"]) == ("2.00", "0")
    assert (told["queued"], told["memory"]) == ("3", "8 MB")
    assert (told["wait ms"], told["padding"]) == (figures.unknown, figures.unknown)


@pytest.mark.parametrize(
    ("versions", "shown"),
    [
        # A failure is told while it is the newest there is, and while nothing else is there.
        ([version(2, "END", "INTERNAL: no"), version(1)], ["2 failed", "1 serving"]),
        ([version(3), version(2, "END", "INTERNAL: no")], ["3 serving"]),
        ([version(2, "END"), version(1, "END")], ["2 ended"]),
        ([version(2, "LOADING"), version(1)], ["2 loading 5.0 s", "1 serving"]),
        ([version(1, "AVAILABLE", "warm-up failed")], ["1 serving"]),
        ([], [f"{figures.unknown} waiting"]),
    ],
)
def test_which_versions_are_told(versions: list[object], shown: list[str]) -> None:
    made = history(model("m", *versions))  # type: ignore[arg-type]
    assert made.latest is not None
    rows = rows_of(made.latest, made.recent(), made.latest.models, ENGLISH)
    assert [f"{row.version} {row.state}" for row in rows] == shown


def test_errors_pins_and_what_is_waited_for_are_told_in_words() -> None:
    made = history(
        model("waits", waiting_for="no versions in /models/waits"),
        model("held", version(1), pin=pinned(1)),
        model("bad", version(1, "END", "NOT_FOUND: gone")),
        model("gray", version(2, share=0.05)),
    )
    assert made.latest is not None
    rows = rows_of(made.latest, made.recent(), made.latest.models, ENGLISH)
    assert [row.note for row in rows] == [
        "no versions in /models/waits",
        "",
        "NOT_FOUND: gone",
        "",
    ]
    assert rows[1].state == "serving · pinned"
    assert rows[3].state == "serving · 5 %"


def test_failed_requests_stand_out() -> None:
    failing = model("m", version(1))
    made = history(replace(failing, counts=(counts([1.0] * 10, errors=5),)))
    table = seen(made).table
    assert '<td class="tfs-fails">0.50</td>' in table
    assert "tfs-fails" not in seen(history(failing)).table


def test_whatever_comes_from_outside_is_escaped() -> None:
    name = f"m{EVIL}"
    broken = version(2, "END", f"INTERNAL: {EVIL}")
    made = history(model(name, broken, version(1), labels={EVIL: 1}, base_path=f"/{EVIL}"))
    for pane in PANES:
        shown = seen(made, model=name, pane=pane)
        for html in (shown.header, shown.table, shown.versions, shown.batches, shown.log):
            assert "<b>&" not in html
            if html:
                ET.fromstring(html.replace("<br>", "<br/>"))


def test_names_filtered_and_too_many_to_show() -> None:
    made = history(*(model(f"Model {number}", version(1)) for number in range(MOST_ROWS + 20)))
    everything = seen(made)
    assert len(everything.names) == MOST_ROWS
    assert everything.more.startswith("20 more")
    assert seen(made, filter_text="mod 119").names == ("Model 119",)
    nothing = seen(made, filter_text="other")
    assert (nothing.names, bool(nothing.more)) == ((), True)


def test_the_rows_beside_names_are_as_many() -> None:
    made = history(model("a", version(2), version(1)), model("b"), model("c", version(1)))
    shown = seen(made, model="a")
    assert shown.names == ("a", "", "b", "c")
    rows = ET.fromstring(shown.table).findall("tbody/tr")
    assert ["tfs-chosen" in row.attrib["class"] for row in rows] == [True, True, False, False]


def test_only_the_open_pane_is_made() -> None:
    made = history(model("m", version(1)))
    for pane in PANES:
        shown = seen(made, model="m", pane=pane)
        assert bool(shown.versions) == (pane == "versions")
        assert bool(shown.batches) == (pane == "batches")
        assert bool(shown.log) == (pane == "log")
        assert (shown.series is not None) == (pane == "charts")
    assert seen(made, model="m", is_drawn=False).series is None


def test_versions_tell_how_they_came_to_be_so() -> None:
    held = model("m", version(2, "END", "INTERNAL: no"), version(1), pin=pinned(1))
    html = seen(history(held), model="m", pane="versions").versions
    text = " ".join(ET.fromstring(html).itertext())
    for part in ("/models/m", "pinned to", "the newest version", "INTERNAL: no", "1.5 s"):
        assert part in text
    assert figures.clock(NOW - 9) in text
    assert "20 requests" in text


def test_batches_their_sizes_and_what_holds() -> None:
    parameters = {"max_batch_size": 8, "allowed_batch_sizes": [4, 8]}
    automatic = {"rows_of_a_run": 8, "batch_timeout_micros": 1500, "p99_micros": 25000.0}
    batched = model(
        "m",
        version(1, batching=Batching(parameters, automatic=automatic)),
        batching=Batching(
            parameters, overridden={"max_batch_size": 8}, latency_target_micros=20_000
        ),
    )
    sizes = counts([1.0] * 4, sizes=[2.0, 4.0, 4.0], padding=3, waits=[500.0])
    made = history(replace(batched, counts=(sizes,)))
    html = seen(made, model="m", pane="batches").batches
    everywhere = "".join(ET.fromstring(seen(made, pane="batches").batches).itertext())
    assert "m 10 in the queue" in everywhere
    bars = ET.fromstring(html).findall("table/tr")
    assert [[cell.text for cell in bar][:2] for bar in bars] == [["2", "1"], ["3–4", "2"]]
    assert [bar[2][0].attrib["style"] for bar in bars] == ["width:50%", "width:100%"]
    text = " ".join(ET.fromstring(html).itertext())
    for part in (
        "8 (changed)", "4, 8", "20.0 ms", "up to 8 rows a run", "p99 25.0 ms",
        "0 in the queue · wait 0.50 ms · 3.33 rows a run · 30 % of them padding",
    ):  # fmt: skip
        assert part in text
    alone = seen(history(model("m", version(1))), model="m", pane="batches").batches
    assert "not put together" in alone


def test_the_log_is_newest_first_and_of_one_model_or_all() -> None:
    made = history(model("a", version(1)), model("b", version(1, "END", "INTERNAL: no")))
    text = "".join(ET.fromstring(seen(made, model="b", pane="log").log).itertext())
    assert text.index("INTERNAL: no") < text.index("waiting")
    assert "a version" not in text
    assert "a version" in "".join(ET.fromstring(seen(made, pane="log").log).itertext())
    wish = Wish(pane="log", is_server_log=True)
    written = sight_of(LINK, made, wish, ENGLISH, ["first <", "last"]).log
    assert "".join(ET.fromstring(written).itertext()) == "last\nfirst <"


def test_a_lost_server_is_told_with_its_last_values() -> None:
    made = history(model("m", version(1)))
    lost = Link("a server", lost_since=NOW, error="UNAVAILABLE <", has_been_seen=True)
    shown = sight_of(lost, made, Wish(), ENGLISH)
    assert figures.clock(NOW) in shown.banner
    assert 'role="alert"' in shown.banner
    assert "UNAVAILABLE &lt;" in shown.banner
    assert "does not answer" in shown.header
    assert shown.names == ("m",)
    never = sight_of(Link("…", NOW, "no"), History(), Wish(), ENGLISH)
    assert "No server answers" in never.banner


def test_a_model_that_goes_is_told() -> None:
    shown = seen(history(model("m", version(1))), model="gone", pane="versions")
    assert "no model gone now" in shown.title
    assert shown.model is None


def test_another_server_says_what_it_does_not_tell() -> None:
    made = History()
    made.add(
        Observation(
            "other", NOW, 1.0, (model("m", version(1)),), untold={"counts": "no page <"}
        )
    )
    assert "no page &lt;" in seen(made).banner


def test_figures() -> None:
    nan = float("nan")
    for function in (
        figures.rate,
        figures.millis,
        figures.share,
        figures.memory,
        figures.count,
    ):
        assert function(None) == function(nan) == figures.unknown
    assert [figures.rate(one) for one in (0, 0.256, 25.6, 256.4, 25_600)] == [
        "0", "0.26", "25.6", "256", "25.6 k",
    ]  # fmt: skip
    assert [figures.length(one) for one in (0.25, 5, 61, 3700, 90_000)] == [
        "250 ms", "5.0 s", "1 min 1 s", "1 h 1 min", "1 d 1 h",
    ]  # fmt: skip
    assert [figures.memory(one) for one in (5, 5e3, 5e6, 5e9)] == [
        "5 B", "5 kB", "5 MB", "5.0 GB",
    ]  # fmt: skip


def test_the_server_as_a_whole() -> None:
    made = history(model("a", version(1)), model("b", version(1)))
    text = " ".join(ET.fromstring(seen(made).header.replace("<br>", "<br/>")).itertext())
    assert "req/s 4.00" in " ".join(text.split())
    assert "5 MB" in text
    assert np.isfinite(made.series().requests_per_second[-1])
    assert server().models == ()
