"""The table of what is served, as text and as HTML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from tfs_notebook.client import VersionStatus
from tfs_notebook.client.control import ServedModel
from tfs_notebook.client.model_list import model_table, with_statistics
from tfs_notebook.client.statistics import model_statistics
from tfs_notebook.notebook.status_table import StatusTable

TABLE = StatusTable(
    "a <server>",
    (
        ServedModel(
            "half",
            "/models/half",
            (VersionStatus(2, "LOADING"), VersionStatus(1, "AVAILABLE")),
            {"stable": 1, "b": 1},
            "",
        ),
        ServedModel(
            "<script>alert(1)</script>",
            '/a"&b',
            (VersionStatus(1, "END", 9, "no <op>"),),
            {},
            "",
        ),
        ServedModel("late", "/late", (), {"new": 3}, "no versions yet"),
        ServedModel("later", "/later", (), {}, ""),
    ),
)


def test_text() -> None:
    title, heads, *lines = repr(TABLE).splitlines()
    assert title == "a <server>"
    assert lines[1].split() == ["half", "1", "AVAILABLE", "b,", "stable", "/models/half"]
    starts = [heads.index(head) for head in ("model", "version", "state", "labels", "from")]
    ends = [*starts[1:], None]
    cells = [
        tuple(line[start:end].strip() for start, end in zip(starts, ends, strict=True))
        for line in lines
    ]
    assert cells == TABLE.rows
    assert [row[2] for row in TABLE.rows] == [
        "LOADING",
        "AVAILABLE",
        "END (FAILED_PRECONDITION: no <op>)",
        "waiting: no versions yet",
        "waiting",
    ]


def test_html_is_escaped_and_well_formed() -> None:
    html = TABLE._repr_html_()
    assert "<script>" not in html
    assert "color" not in html
    root = ET.fromstring(html)
    assert root.findtext("p") == "a <server>"
    cells = [[cell.text or "" for cell in row] for row in root.iter("tr")]
    assert cells[0] == ["model", "version", "state", "labels", "from"]
    assert [tuple(row) for row in cells[1:]] == TABLE.rows


def test_no_models() -> None:
    empty = StatusTable("nothing & nobody", ())
    assert repr(empty) == "nothing & nobody"
    assert empty._repr_html_() == "<p>nothing &amp; nobody</p>"


def test_memory_and_traffic_of_what_answers() -> None:
    version = {
        "version": "1",
        "inference_count": 3,
        "execution_count": 3,
        "inference_stats": {"success": {"count": 3, "ns": 3}, "fail": {"count": 1, "ns": 1}},
        "estimated_memory_bytes": 1_234_567,
    }
    statistics = model_statistics(
        "half", {"model_stats": [version, version | {"version": "2"}]}
    )
    models = with_statistics(TABLE.models, {"half": statistics})
    heads, rows = model_table(models)
    assert heads[4:] == ("memory", "requests", "errors", "per second", "from")
    # Version 2 is being loaded: what was counted of one before it is not its own.
    assert rows[0][4:] == ("", "", "", "", "/models/half")
    assert rows[1][4:] == ("1.23 MB", "4", "1", "", "/models/half")
    assert rows[2][4:8] == ("", "", "", "")
    ET.fromstring(StatusTable("t", tuple(models))._repr_html_())
