"""What an export shows of itself."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from tfs_notebook.exporting.record import Check, ExportedVersion
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.signatures import Signature, TensorSpec

NASTY = '<script>alert("1")</script>&"\x1b\ud800'


def record(name: str = "spam", labels: tuple[str, ...] = ()) -> ExportedVersion:
    given = {"x": TensorSpec("x", DataType.FLOAT, (-1, 4))}
    taken = {name: TensorSpec(name, DataType.STRING, None)}
    return ExportedVersion(
        Path("/models") / name.replace("/", "_") / "3",
        3,
        {"serving_default": Signature("serving_default", "", given, taken)},
        1_234_567,
        2.34,
        Check("example", compared=True, signatures=("serving_default",), rows=5, largest=1e-7),
        labels,
        "text" if labels else "",
        5 if labels else 0,
    )


def test_as_text() -> None:
    assert repr(record(labels=("a", "b"))) == (
        "spam version 3: /models/spam/3 (1.2 MB, 2.3 s)\n"
        "signature        inputs           outputs\n"
        "serving_default  x: float [?, 4]  spam: string unknown\n"
        "checked: serving_default answers the example (5 rows) as the model does, to within "
        "1e-07\n"
        "with a pipeline for texts, 2 labels (a, b), the example as its warm-up\n"
        "to serve it:\n"
        "    tfs_notebook.serve('/models/spam')\n"
        "    tfs-notebook --model_name=spam --model_base_path=/models/spam --rest_api_port=8501"
    )


def test_as_a_page() -> None:
    shown = record(NASTY, tuple(f"{NASTY}{index}" for index in range(7)))
    html = shown._repr_html_()
    assert "<script>" not in html
    root = ET.fromstring(html)
    text = "".join(root.itertext())
    shown_as = NASTY.replace("\x1b", "\ufffd").replace("\ud800", "\ufffd")
    assert f"{shown_as}: string unknown" in text
    assert f"{shown_as}4 …" in text
    assert [cell.text for cell in root.iter("th")] == ["signature", "inputs", "outputs"]
    assert root.find("pre") is not None
    assert not re.search(r"<(script|style|img|link)|on[a-z]+=", html)


def test_the_lines_can_be_pasted() -> None:
    spaced = record("my model")
    notebook, shell = spaced.next_steps
    assert notebook == "tfs_notebook.serve('/models/my model')"
    assert shlex.split(shell)[1:3] == [
        "--model_name=my model", "--model_base_path=/models/my model",
    ]  # fmt: skip


def test_checks_in_words() -> None:
    assert str(Check("none", note="give example= to have it run")) == (
        "it loads; give example= to have it run"
    )
    made_up = Check(
        "made up", compared=True, signatures=("a", "b"), largest=float(np.float64(0))
    )
    assert str(made_up) == "a, b answers made-up inputs as the model does"
