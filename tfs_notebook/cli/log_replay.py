"""``tfs-notebook log replay``: recorded requests, sent to a server once more."""

from __future__ import annotations

import argparse
import threading
import time
from collections import Counter

from tfs_notebook.cli.log_options import CommandError, print_json, print_text
from tfs_notebook.cli.replay_calls import (
    Pace,
    Server,
    as_recorded,
    at_once,
    at_rate,
    send_all,
)
from tfs_notebook.client.latencies import latencies, latency_text
from tfs_notebook.client.request_target import Target
from tfs_notebook.wire.recorded_requests import Recorded

__all__ = ["replay"]


class _Outcome:
    """What became of the requests; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: list[float] = []
        self.errors: Counter[str] = Counter()
        self.first_texts: dict[str, str] = {}

    def add(self, recorded: Recorded, server: Server, target: Target) -> None:
        answer = server.ask(recorded, target)
        with self._lock:
            self.seconds.append(answer.seconds)
            if answer.error is not None:
                code = answer.error.code.name
                self.errors[code] += 1
                self.first_texts.setdefault(code, f"{answer.error.message} ({recorded.place})")


def replay(options: argparse.Namespace) -> int:
    """Send the requests, and print how that went; blocks.

    Returns:
        the exit code: 1 if any has failed.

    Raises:
        CommandError: there is nothing to send, or nowhere to.
        InvalidArgument: ``--to`` is no address.
    """
    target = Target(options.model, options.version, options.label)
    outcome = _Outcome()
    began = time.monotonic()
    with Server(options) as server:
        skipped = send_all(
            options.files,
            lambda recorded: outcome.add(recorded, server, target),
            pace=_pace(options),
            concurrency=options.concurrency,
        )
    seconds = time.monotonic() - began
    if not outcome.seconds:
        raise CommandError("there is no request to send; see tfs-notebook log show")
    if options.json:
        print_json(_document(outcome, seconds, skipped))
    else:
        print_text(_text(outcome, seconds, skipped, options.to))
    return int(bool(outcome.errors))


def _pace(options: argparse.Namespace) -> Pace:
    if options.rate is not None:
        return at_rate(options.rate)
    return as_recorded if options.as_recorded else at_once


def _document(outcome: _Outcome, seconds: float, skipped: Counter[str]) -> dict[str, object]:
    return {
        "requests": len(outcome.seconds),
        "seconds": round(seconds, 3),
        "errors": dict(outcome.errors),
        "first_errors": outcome.first_texts,
        "latency_ms": latencies(outcome.seconds),
        "skipped": dict(skipped),
    }


def _text(outcome: _Outcome, seconds: float, skipped: Counter[str], address: str) -> str:
    number = len(outcome.seconds)
    lines = [
        f"{number} requests to {address} in {seconds:.3g} s, {number / seconds:.4g} a second",
        f"latency  {latency_text(outcome.seconds)}",
    ]
    for code, count in outcome.errors.most_common():
        lines.append(f"failed   {count} with {code}, first: {outcome.first_texts[code]}")
    lines += [f"left out {count} of {kind}" for kind, count in skipped.items()]
    return "\n".join(lines)
