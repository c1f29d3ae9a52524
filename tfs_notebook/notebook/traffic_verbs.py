"""``%tfs traffic`` and ``%tfs rollout``: what they take, and what they do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tfs_notebook.wire.errors import InvalidArgument

if TYPE_CHECKING:
    from tfs_notebook.client.model_traffic import ModelTraffic
    from tfs_notebook.client.traffic_sight import TrafficSight

__all__ = ["rollout", "rollout_arguments", "traffic", "traffic_arguments"]

_ORDERS = ("pause", "resume", "promote", "abort")


def traffic_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``traffic``."""
    parser.add_argument("name", metavar="NAME", help="of the model")
    parser.add_argument(
        "weights",
        metavar="TARGET=WEIGHT",
        nargs="*",
        type=_weight,
        help="versions or labels; without any it is shown who answers",
    )
    parser.add_argument("--label", help="of requests with this label; by default without")
    parser.add_argument("--shadow", metavar="TARGET", help="copies for a version or label")
    parser.add_argument("--share", type=float, help="of the requests that are copied (1)")
    parser.add_argument("--rtol", type=float, help="relative tolerance (1e-5)")
    parser.add_argument("--atol", type=float, help="absolute tolerance (1e-6)")
    parser.add_argument("--examples", type=int, help="differences that are kept (5)")
    parser.add_argument("--no-shadow", action="store_true", help="no copies any more")
    parser.add_argument("--clear", action="store_true", help="take back whatever was said")


def rollout_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``rollout``."""
    parser.add_argument("name", metavar="NAME", help="of the model")
    parser.add_argument(
        "what",
        metavar="VERSION|pause|resume|promote|abort",
        nargs="?",
        help="the version that is to come, or what the rollout is to do; by default show it",
    )
    parser.add_argument("--stable", metavar="VERSION", help="by default the one before")
    parser.add_argument("--label", help="whose requests are meant; by default those without")
    parser.add_argument(
        "--steps", metavar="0,5,25,100", type=_steps, help="percent of the requests"
    )
    parser.add_argument(
        "--min-requests", type=int, metavar="N", help="for each step at least (100)"
    )
    parser.add_argument(
        "--min-seconds", type=float, metavar="S", help="for each step at least (60)"
    )
    parser.add_argument(
        "--max-error-rate", type=float, metavar="SHARE", help="above the stable one's (0.01)"
    )
    parser.add_argument(
        "--max-latency-ratio", type=float, metavar="X", help="of the 95th percentiles (2)"
    )
    parser.add_argument(
        "--max-differing-share", type=float, metavar="SHARE", help="of the copies (0.01)"
    )
    parser.add_argument("--rtol", type=float, help="relative tolerance (1e-5)")
    parser.add_argument("--atol", type=float, help="absolute tolerance (1e-6)")
    parser.add_argument("--no-shadow", action="store_true", help="compare no copies")


def _weight(text: str) -> tuple[str, float]:
    target, equals, weight = text.rpartition("=")
    try:
        if target and equals:
            return target, float(weight)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"expected TARGET=WEIGHT, such as stable=95; got {text!r}")


def _steps(text: str) -> list[float]:
    try:
        return [float(one) for one in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"steps are percents, such as 0,5,25,100; got {text!r}"
        ) from None


def _traffic_of(name: str) -> ModelTraffic:
    from tfs_notebook.notebook.session import SESSION  # noqa: PLC0415 - %load_ext is quick so

    return SESSION.client(SESSION.server_of(name))[name].traffic


def traffic(arguments: argparse.Namespace, _timeout: float) -> TrafficSight:
    """What ``traffic`` does; blocks."""
    of_model = _traffic_of(arguments.name)
    if arguments.clear:
        of_model.clear()
    if arguments.weights:
        of_model.split(dict(arguments.weights), label=arguments.label)
    options = _given(arguments, "share", "rtol", "atol", "examples")
    if arguments.no_shadow:
        of_model.shadow(None)
    elif arguments.shadow is not None:
        of_model.shadow(arguments.shadow, **options)
    elif options:
        raise InvalidArgument(
            f"--{next(iter(options))} is about copies; say for which version with --shadow 2"
        )
    return of_model.look()


def rollout(arguments: argparse.Namespace, _timeout: float) -> TrafficSight:
    """What ``rollout`` does; blocks until it has begun."""
    of_model = _traffic_of(arguments.name)
    what: str | None = arguments.what
    if what is None:
        return of_model.look()
    if what in _ORDERS:
        sight: TrafficSight = getattr(of_model, what)()
        return sight
    bounds = _given(arguments, "max_error_rate", "max_latency_ratio", "max_differing_share")
    return of_model.rollout(
        what,
        bounds=bounds or None,
        shadow=False if arguments.no_shadow else _given(arguments, "rtol", "atol") or True,
        **_given(arguments, "stable", "label", "steps", "min_requests", "min_seconds"),
    )


def _given(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    values = {name: getattr(arguments, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}
