"""How a manager works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfs_notebook.lifecycle.decisions import Limits
from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.lifecycle.transition_policy import TransitionPolicy, availability_preserving
from tfs_notebook.wire.errors import ServingError

__all__ = ["LoadRules", "ManagerOptions", "limits_of", "load_rules_of"]


def _always(_: ServingError) -> bool:
    return True


@dataclass(frozen=True)
class ManagerOptions:
    """How a manager works; the names follow TensorFlow Serving's flags."""

    transition_policy: TransitionPolicy = availability_preserving
    num_load_threads: int = 1
    """Loads that run at once. 0: one for each name, so that no name waits for another."""
    num_unload_threads: int = 1
    """Unloads that run at once. 0: one for each name."""
    max_num_load_retries: int = 5
    """Attempts after the first."""
    load_retry_interval: float = 60.0
    """Seconds between two attempts, in which other loads go on; negative: none."""
    should_retry: Callable[[ServingError], bool] = _always
    """Whether an error may pass; if not, the load has failed for good."""
    pre_load_hook: Callable[[ServableId], None] | None = None
    """Called before each attempt, on the loading thread; raising fails the attempt."""
    total_model_memory_limit_bytes: int | None = None
    """RAM that all servables together may need by their loaders' estimates; None:
    no limit, and nothing is estimated. What does not fit waits until it does, and
    says so at ``START``; what can never fit has failed for good."""
    load_order: Callable[[ServableId], Any] | None = None
    """A sort key: of what waits to be loaded the lowest is next (TensorFlow
    Serving's ``custom_sort_actions``; unloads never wait for loads). None: first
    come, first served."""
    reload_servables_with_error: bool = False
    """Whether a version that failed is loaded anew whenever it is aspired again,
    and not only after it was out of the list."""


def limits_of(options: ManagerOptions) -> Limits:
    """What of them the decisions need."""
    limits = Limits(
        max(0, options.num_load_threads),
        max(0, options.num_unload_threads),
        options.total_model_memory_limit_bytes,
    )
    if options.load_order is not None:
        limits = limits._replace(load_order=options.load_order)
    return limits


@dataclass(frozen=True)
class LoadRules:
    """What the execution needs of the manager's options."""

    policy: TransitionPolicy
    max_retries: int
    retry_interval: float
    should_retry: Callable[[ServingError], bool]
    pre_load_hook: Callable[[ServableId], None] | None
    reload_errors: bool


def load_rules_of(options: ManagerOptions) -> LoadRules:
    """What of them the execution needs."""
    return LoadRules(
        policy=options.transition_policy,
        max_retries=max(0, options.max_num_load_retries),
        retry_interval=max(0.0, options.load_retry_interval),
        should_retry=options.should_retry,
        pre_load_hook=options.pre_load_hook,
        reload_errors=options.reload_servables_with_error,
    )
