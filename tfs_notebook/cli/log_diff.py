"""``tfs-notebook log diff``: recorded requests, answered by two versions."""

from __future__ import annotations

import argparse
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tfs_notebook.cli.log_options import CommandError, print_json, print_text
from tfs_notebook.cli.replay_calls import Answer, Server, send_all
from tfs_notebook.client.latencies import latencies, latency_text
from tfs_notebook.client.output_comparison import Comparison, compare_outputs, outputs_of
from tfs_notebook.client.request_target import Target
from tfs_notebook.wire.recorded_requests import Recorded

__all__ = ["diff"]

_Ask: TypeAlias = Callable[[Recorded], "Answer | None"]
_MOST_KEPT: Final = 1000


@dataclass(slots=True)
class _Side:
    """One of the two that are compared.

    Attributes:
        name: what it is.
        ask: has it answer; None if it has no answer.
        seconds: its latencies.
        errors: how many of its calls failed, by code.
    """

    name: str
    ask: _Ask
    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Output:
    """What is known of one output.

    Attributes:
        compared: in how many records.
        agreed: in how many of them it agreed.
        largest: of all differences.
        relative: likewise.
    """

    compared: int = 0
    agreed: int = 0
    largest: float = 0.0
    relative: float = 0.0

    def add(self, one: Comparison) -> None:
        self.compared += 1
        self.agreed += not one.reason
        self.largest = max(self.largest, one.largest)
        self.relative = max(self.relative, one.relative)


class _Difference:
    """Compares the answers to records, one after the other; for any thread."""

    def __init__(self, sides: tuple[_Side, _Side], *, rtol: float, atol: float) -> None:
        self.sides = sides
        self._rtol, self._atol = rtol, atol
        self._lock = threading.Lock()
        self.agreed = self.differed = self.failed = self.unanswered = 0
        self.outputs: dict[str, _Output] = {}
        self.found: list[tuple[str, int, str]] = []

    @property
    def compared(self) -> int:
        return self.agreed + self.differed + self.failed

    def add(self, recorded: Recorded) -> None:
        answers = [side.ask(recorded) for side in self.sides]
        first, second = answers
        if first is None or second is None:
            with self._lock:
                self.unanswered += 1
            return
        reasons, compared = self._reasons(recorded.method or "", first, second)
        both_failed = first.error is not None and second.error is not None
        with self._lock:
            for side, answer in zip(self.sides, (first, second), strict=True):
                if answer.error is not None:
                    side.errors[answer.error.code.name] += 1
                elif answer.seconds:
                    side.seconds.append(answer.seconds)
            for name, one in compared.items():
                self.outputs.setdefault(name, _Output()).add(one)
            self.failed += both_failed
            self.differed += bool(reasons) and not both_failed
            self.agreed += not reasons
            if reasons and len(self.found) < _MOST_KEPT:
                self.found.append((recorded.file, recorded.number, "; ".join(reasons)))

    def _reasons(
        self, method: str, first: Answer, second: Answer
    ) -> tuple[list[str], dict[str, Comparison]]:
        errors = [
            f"{side.name} fails with {answer.error.status_text}"
            for side, answer in zip(self.sides, (first, second), strict=True)
            if answer.error is not None
        ]
        if errors:
            return errors, {}
        compared = compare_outputs(
            outputs_of(method, first.response),
            outputs_of(method, second.response),
            rtol=self._rtol,
            atol=self._atol,
        )
        return [
            f"{name} {one.reason}" for name, one in compared.items() if one.reason
        ], compared


def diff(options: argparse.Namespace) -> int:
    """Have both answer, and print in what they differ; blocks.

    Returns:
        the exit code: 1 if they differ anywhere, or do not answer.

    Raises:
        CommandError: there is nothing to compare, or nowhere to ask.
        InvalidArgument: ``--to`` is no address.
    """
    if options.against is None and (options.version is not None or options.label is not None):
        raise CommandError("--version and --label go with --against recorded")
    with Server(options) as server:
        difference = _Difference(_sides(options, server), rtol=options.rtol, atol=options.atol)
        skipped = send_all(options.files, difference.add, concurrency=options.concurrency)
    if not difference.compared:
        raise CommandError("there is nothing to compare; see tfs-notebook log show")
    difference.found.sort()
    if options.json:
        print_json(_document(difference, skipped, options.show))
    else:
        print_text(_text(difference, skipped, options.show))
    return int(difference.agreed < difference.compared)


def _sides(options: argparse.Namespace, server: Server) -> tuple[_Side, _Side]:
    def side(target: Target) -> _Side:
        return _Side(str(target), lambda recorded: server.ask(recorded, target))

    model = options.model
    if options.against:
        now = side(Target(model, options.version, options.label))
        return _Side("what is recorded", _recorded), now
    if options.labels:
        first, second = (Target(model, label=label) for label in options.labels)
    else:
        first, second = (Target(model, version) for version in options.versions)
    return side(first), side(second)


def _recorded(recorded: Recorded) -> Answer | None:
    response = recorded.response
    return None if response is None else Answer(0.0, response)


def _document(difference: _Difference, skipped: Counter[str], shown: int) -> dict[str, object]:
    return {
        "compared": difference.compared,
        "agreed": difference.agreed,
        "differed": difference.differed,
        "failed": difference.failed,
        "without_response": difference.unanswered,
        "skipped": dict(skipped),
        "sides": [
            {
                "name": side.name,
                "errors": dict(side.errors),
                "latency_ms": latencies(side.seconds),
            }
            for side in difference.sides
        ],
        "outputs": {
            name: {
                "compared": output.compared,
                "agreed": output.agreed,
                "largest_difference": output.largest,
                "largest_relative_difference": output.relative,
            }
            for name, output in sorted(difference.outputs.items())
        },
        "first_differences": [
            {"file": file, "record": number, "difference": text}
            for file, number, text in difference.found[:shown]
        ],
    }


def _text(difference: _Difference, skipped: Counter[str], shown: int) -> str:
    first, second = difference.sides
    numbers = (
        f"{difference.compared} requests compared, {difference.agreed} agree, "
        f"{difference.differed} differ, {difference.failed} failed in both"
    )
    lines = [f"{first.name} and {second.name}: {numbers}"]
    for name, output in sorted(difference.outputs.items()):
        lines.append(
            f"  {name}: agrees in {output.agreed} of {output.compared}, largest difference "
            f"{output.largest:.6g}, relative {output.relative:.6g}"
        )
    for side in difference.sides:
        if side.seconds:
            lines.append(f"  {side.name}: {latency_text(side.seconds)}")
        lines += [f"  {side.name}: {count} {code}" for code, count in side.errors.items()]
    if difference.unanswered:
        lines.append(f"  left out: {difference.unanswered} without a recorded response")
    lines += [f"  left out: {count} of {kind}" for kind, count in skipped.items()]
    lines += [f"{file}[{number}]: {text}" for file, number, text in difference.found[:shown]]
    return "\n".join(lines)
