"""``tfs-notebook log show``: what is in log files."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

from tfs_notebook.cli.log_options import print_json, print_text, tell
from tfs_notebook.wire.recorded_requests import Recorded, read_logs

__all__ = ["show_logs"]

_HEADINGS: Final = (
    "model", "version", "signature", "kind", "records", "bytes", "first", "last"
)  # fmt: skip
_NUMBERS: Final = frozenset({1, 4, 5})


@dataclass(slots=True)
class _Group:
    """The records of one signature of one version.

    Attributes:
        records: how many.
        bytes: in them.
        first: when, since 1970; 0 if that is not recorded.
        last: likewise.
    """

    records: int = 0
    bytes: int = 0
    first: int = 0
    last: int = 0

    def add(self, recorded: Recorded) -> None:
        seconds = recorded.log.log_metadata.timestamp_secs
        self.records += 1
        self.bytes += recorded.size
        if seconds:
            self.first = min(self.first or seconds, seconds)
            self.last = max(self.last, seconds)


_Key = tuple[str, int | None, str, str]


def show_logs(options: argparse.Namespace) -> int:
    """Count the records, and print the counts; blocks on the files.

    Returns:
        the exit code.
    """
    groups = _grouped(read_logs(options.files, tell=tell))
    if options.json:
        print_json(_document(groups))
    else:
        print_text(_table(groups))
    return 0


def _grouped(records: Iterable[Recorded]) -> dict[_Key, _Group]:
    groups: dict[_Key, _Group] = {}
    for recorded in records:
        spec = recorded.spec
        version = spec.version.value if spec.WhichOneof("version_choice") == "version" else None
        kind = recorded.field.removesuffix("_log") or "nothing"
        key = (spec.name, version, spec.signature_name, kind)
        groups.setdefault(key, _Group()).add(recorded)
    return dict(
        sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or 0, item[0][2:]))
    )


def _document(groups: dict[_Key, _Group]) -> dict[str, object]:
    return {
        "records": sum(group.records for group in groups.values()),
        "bytes": sum(group.bytes for group in groups.values()),
        "groups": [
            {
                "model": name,
                "version": version,
                "signature": signature,
                "kind": kind,
                "records": group.records,
                "bytes": group.bytes,
                "first": _time(group.first) or None,
                "last": _time(group.last) or None,
            }
            for (name, version, signature, kind), group in groups.items()
        ],
    }


def _table(groups: dict[_Key, _Group]) -> str:
    rows = [
        (
            name,
            "" if version is None else str(version),
            signature,
            kind,
            str(group.records),
            str(group.bytes),
            _time(group.first),
            _time(group.last),
        )
        for (name, version, signature, kind), group in groups.items()
    ]
    total = _Group()
    for group in groups.values():
        total.records += group.records
        total.bytes += group.bytes
    lines = _columns([_HEADINGS, *rows])
    return "\n".join([*lines, f"{total.records} records, {total.bytes} bytes"])


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if index in _NUMBERS else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _time(seconds: int) -> str:
    if not seconds:
        return ""
    try:
        when = datetime.fromtimestamp(seconds, timezone.utc)
    except (OSError, OverflowError, ValueError):
        # Others have written milliseconds there.
        return str(seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
