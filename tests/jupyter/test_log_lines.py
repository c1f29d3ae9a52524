"""The bounded log."""

from __future__ import annotations

import logging

from tfs_notebook.jupyter.log_lines import LogLines, LogLinesHandler


def test_the_newest_lines_are_kept() -> None:
    lines = LogLines(limit=3)
    for number in range(10):
        lines.append(str(number))
    assert lines.last(100) == ["7", "8", "9"]
    assert lines.last(2) == ["8", "9"]
    assert lines.last(0) == []


def test_a_line_that_is_too_long_is_cut() -> None:
    lines = LogLines()
    lines.append("x" * 1_000_000)
    assert len(lines.last(1)[0]) < 5000


def test_log_records_become_lines() -> None:
    lines = LogLines()
    handler = LogLinesHandler(lines)
    record = logging.LogRecord("tfs", logging.WARNING, "", 0, "one %s\ntwo", ("x",), None)
    handler.emit(record)
    assert [line.rpartition("] ")[2] for line in lines.last(9)] == ["one x", "two"]
