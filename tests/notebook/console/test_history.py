"""What the console remembers, and how it is told in a line."""

from __future__ import annotations

from datetime import datetime, timezone

import numpy as np

from tfs_notebook.notebook.console.forms import FormKey
from tfs_notebook.notebook.console.history import History
from tfs_notebook.notebook.console.questions import Answer, Input, Judged, Question
from tfs_notebook.wire.model_spec import ModelReference

AT = datetime(2026, 11, 23, 8, 5, 7, tzinfo=timezone.utc)


def question(**given: object) -> Question:
    return Question(
        ModelReference("spam", label="stable"),
        FormKey("serving_default", is_raw=True),
        Input(**given),  # type: ignore[arg-type]
    )


def test_an_entry_in_a_line() -> None:
    history = History()
    answer = Answer(3, 0.0123, judged=(Judged("a", (("spam", 0.975), ("pass", 0.025))),))
    entry = history.add(AT, question(text="win\na prize"), answer)
    assert entry.text == "1  08:05:07  spam stable → 3  win a prize  → spam 97.5 % · 12 ms"
    outputs = history.add(AT, question(text="x"), Answer(None, 1.0, outputs={"y": np.ones(3)}))
    assert outputs.text.endswith("x  → y [3] · 1000 ms")
    failed = history.add(
        AT,
        question(path="a/long/way/to/pictures/of/animals/cat.jpg"),
        None,
        "there is no file\nmore",
    )
    assert failed.text.endswith("  cat.jpg  → ✕ there is no file")
    several = Answer(None, 0.0, judged=(Judged("a", ()), Judged("b", ())))
    assert "→ 2 × · " in history.add(AT, question(text="a\nb"), several).text


def test_several_texts_are_told_by_their_labels() -> None:
    scores = (("spam", 0.9),)
    answer = Answer(1, 0.0, judged=(Judged("a", scores), Judged("b", (("pass", 1.0),))))
    entry = History().add(AT, question(text="a\nb"), answer)
    assert entry.outcome == "2 × spam 1, pass 1"


def test_the_oldest_are_forgotten() -> None:
    history = History()
    for number in range(60):
        history.add(AT, question(text=str(number)), None)
    entries = history.entries()
    assert [entries[0].number, entries[-1].number, len(entries)] == [60, 11, 50]
    assert history.entry(10) is None
    kept = history.entry(11)
    assert kept is not None
    assert kept.question.given.text == "10"


def test_large_uploads_are_not_all_kept() -> None:
    history = History()
    for _ in range(5):
        history.add(AT, question(upload=bytes(20_000_000)), None)
    assert len(history.entries()) == 3
