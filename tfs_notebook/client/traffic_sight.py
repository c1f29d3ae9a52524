"""A model's traffic as a server tells it, and as a notebook shows it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from tfs_notebook.client.plots import COLOURS, Plot, new_plot
from tfs_notebook.client.text_tables import html_table, text_table
from tfs_notebook.wire.errors import FailedPrecondition, Internal

__all__ = ["Answered", "RolloutSight", "TrafficSight", "traffic_sight"]

_SPLIT_HEADS: Final = ("asked for", "goes to", "version", "share")
_ANSWERED_HEADS: Final = ("version", "requests", "errors", "p95")
_HAPPENED_HEADS: Final = ("after", "what", "weight", "why")
_ENDS: Final = {"promoted": COLOURS[2], "fallen_back": "#b3261e", "aborted": COLOURS[4]}
_ACTIVE: Final = ("running", "paused")

Table = tuple[Sequence[str], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was counted of a version.

    Attributes:
        requests: that it has answered.
        errors: those of them that failed.
        p95_ms: what 95 of 100 took at most; None for none.
    """

    requests: int
    errors: int
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class RolloutSight:
    """A rollout that is under way, or the last one.

    Attributes:
        candidate: the version that is to come.
        stable: the one that it falls back to.
        label: whose requests are meant; None for those without.
        phase: ``running``, ``paused``, ``promoted``, ``fallen_back`` or ``aborted``.
        weight: percent of the requests that the candidate answers.
        reason: why it is where it is.
        waits_for: what is missing for the next step; None if it has ended.
        happened: the time in seconds since the epoch, what, the weight from then on, and
            why; the first thing first.
    """

    candidate: int
    stable: int
    label: str | None
    phase: str
    weight: float
    reason: str
    waits_for: str | None
    happened: tuple[tuple[float, str, float, str], ...]

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.phase in _ACTIVE

    def line(self) -> str:
        """What is to be said of it first."""
        asked = "" if self.label is None else f" of {self.label!r}"
        text = (
            f"rollout{asked} from version {self.stable} to {self.candidate}: "
            f"{self.phase.replace('_', ' ')}, {self.weight:g} %"
        )
        if self.is_active:
            return f"{text}; {self.waits_for}" if self.waits_for else text
        return f"{text}; {self.reason}"

    def table(self) -> Table:
        """What happened in it."""
        began = self.happened[0][0] if self.happened else 0.0
        return _HAPPENED_HEADS, [
            [f"{when - began:.1f} s", what.replace("_", " "), f"{weight:g} %", why]
            for when, what, weight, why in self.happened
        ]


@dataclass(frozen=True, slots=True)
class TrafficSight:
    """Which versions of a model answer, and what was seen of them; shown as tables.

    Attributes:
        name: of the model.
        splits: by the label that requests name, None for none: by target the version that
            it stands for (None if that is not there) and its share.
        answered: of the requests that were routed, by version.
        copies: what became of copies, as the server tells it; None where there were none.
        rollout: under way, or the last one; None if there was none.
        document: all that the server tells, as it came.
    """

    name: str
    splits: Mapping[str | None, Mapping[str, tuple[int | None, float]]]
    answered: Mapping[int, Answered]
    copies: Mapping[str, Any] | None
    rollout: RolloutSight | None
    document: Mapping[str, Any]

    def _tables(self) -> Iterator[Table]:
        if self.splits:
            yield (
                _SPLIT_HEADS,
                [
                    [
                        "no label" if label is None else label,
                        target,
                        "not there" if version is None else str(version),
                        f"{share:.3g}",
                    ]
                    for label, targets in self.splits.items()
                    for target, (version, share) in targets.items()
                ],
            )
        if self.answered:
            yield (
                _ANSWERED_HEADS,
                [
                    [str(version), str(one.requests), str(one.errors), _millis(one.p95_ms)]
                    for version, one in self.answered.items()
                ],
            )
        if self.rollout is not None:
            yield self.rollout.table()

    def _lines(self) -> list[str]:
        lines = [f"traffic of {self.name}"]
        if not self.splits and self.copies is None and self.rollout is None:
            lines.append(
                "nothing is said: requests go to the newest version, or where they ask"
            )
        if self.copies is not None:
            lines += _copy_lines(self.copies)
        if self.rollout is not None:
            lines.append(self.rollout.line())
        return lines

    def __repr__(self) -> str:
        return "\n".join([*self._lines(), *(text_table(*one) for one in self._tables())])

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self._lines())
        return f"<div>{lines}{''.join(html_table(*one) for one in self._tables())}</div>"

    def plot(self) -> Plot:
        """The weights of the rollout over time, and how it ended.

        Raises:
            FailedPrecondition: there was no rollout; or matplotlib is not there.
        """
        rollout = self.rollout
        if rollout is None or not rollout.happened:
            raise FailedPrecondition(f"there was no rollout of model {self.name} to be plotted")
        phase = rollout.phase.replace("_", " ")
        plot = new_plot(f"{self.name}: version {rollout.candidate} {phase}")
        (axes,) = plot.axes
        began = rollout.happened[0][0]
        times = [when - began for when, *_ in rollout.happened]
        weights = [weight for _, _, weight, _ in rollout.happened]
        end = max(time.time() - began, times[-1]) if rollout.is_active else times[-1]
        axes.step([*times, end], [*weights, weights[-1]], where="post", color=COLOURS[0])
        for when, (_, what, weight, _) in zip(times, rollout.happened, strict=True):
            axes.plot(when, weight, "o", color=_ENDS.get(what, COLOURS[0]))
        axes.set_ylim(-5, 105)
        axes.set_xlabel("seconds")
        axes.set_ylabel("percent of requests")
        return plot


def _copy_lines(copies: Mapping[str, Any]) -> Iterator[str]:
    settings = copies.get("settings")
    if settings is not None:
        yield f"copies of {settings['share']:.3g} of the requests go to {settings['target']}"
    if "compared" not in copies:
        return
    took = ""
    if copies["p95_ms"] is not None:
        took = (
            f"; p95 {_millis(copies['p95_ms'])}, of the true answers "
            f"{_millis(copies['true_p95_ms'])}"
        )
    yield (
        f"copies: {copies['compared']} compared, {copies['equal']} equal, "
        f"{copies['differing']} differing ({copies['errors']} failed), "
        f"{copies['dropped']} dropped, {copies['absent']} without a version{took}"
    )
    if apart := copies["max_difference"]:
        told = ", ".join(f"{name} {distance:.4g}" for name, distance in apart.items())
        yield f"largest difference: {told}"
    for example in copies["examples"]:
        yield (
            f"{example['what']}: asked {example['asked']}; answered {example['true']}; "
            f"the copy {example['copy']}"
        )


def _millis(value: float | None) -> str:
    return "" if value is None else f"{value:.3g} ms"


def traffic_sight(answer: Any) -> TrafficSight:  # noqa: ANN401 - any JSON
    """Read what a server tells.

    Raises:
        Internal: it tells something else.
    """
    try:
        return TrafficSight(
            str(answer["name"]),
            {
                one["label"]: {
                    target["target"]: (_version(target["version"]), float(target["share"]))
                    for target in one["targets"]
                }
                for one in answer["splits"]
            },
            {
                int(one["version"]): Answered(one["requests"], one["errors"], one["p95_ms"])
                for one in answer["answered"]
            },
            answer["shadow"],
            None if answer["rollout"] is None else _rollout(answer["rollout"]),
            answer,
        )
    except (LookupError, TypeError, ValueError) as error:
        raise Internal(f"this tells nothing of traffic: {error!r}") from None


def _version(text: str | None) -> int | None:
    return None if text is None else int(text)


def _rollout(told: Mapping[str, Any]) -> RolloutSight:
    return RolloutSight(
        int(told["candidate"]),
        int(told["stable"]),
        told["label"],
        str(told["phase"]),
        float(told["weight"]),
        str(told["reason"]),
        told["waits_for"],
        tuple(
            (float(one["time"]), str(one["what"]), float(one["weight"]), str(one["reason"]))
            for one in told["happened"]
        ),
    )
