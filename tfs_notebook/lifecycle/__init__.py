"""What is loaded: sources say what should be, the manager makes it so."""

from __future__ import annotations

from tfs_notebook.lifecycle.clock import Clock, SystemClock
from tfs_notebook.lifecycle.event_bus import EventBus, Subscription
from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.loader import Loader, SimpleLoader
from tfs_notebook.lifecycle.manager import AspiredVersionsManager, ManagerOptions
from tfs_notebook.lifecycle.monitor import Reached, ServableStateMonitor, StateMap
from tfs_notebook.lifecycle.poller import PeriodicPoller
from tfs_notebook.lifecycle.servable import (
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
)
from tfs_notebook.lifecycle.servable_state import ManagerState, ServableState
from tfs_notebook.lifecycle.source import (
    AspiredVersionsCallback,
    FileSystemSource,
    PollResult,
    ServableToMonitor,
    Source,
    StoragePath,
)
from tfs_notebook.lifecycle.transition_policy import (
    PolicyAction,
    PolicyStep,
    TransitionPolicy,
    availability_preserving,
    resource_preserving,
)
from tfs_notebook.lifecycle.version_policy import (
    All,
    Latest,
    Specific,
    VersionPolicy,
    choose_versions,
    parse_version,
)

__all__ = [
    "All",
    "AspiredVersionsCallback",
    "AspiredVersionsManager",
    "Clock",
    "EventBus",
    "FileSystemSource",
    "HarnessState",
    "Latest",
    "Loader",
    "ManagerOptions",
    "ManagerState",
    "PeriodicPoller",
    "PolicyAction",
    "PolicyStep",
    "PollResult",
    "Reached",
    "ServableData",
    "ServableHandle",
    "ServableId",
    "ServableRequest",
    "ServableState",
    "ServableStateMonitor",
    "ServableToMonitor",
    "SimpleLoader",
    "Source",
    "Specific",
    "StateMap",
    "StoragePath",
    "Subscription",
    "SystemClock",
    "TransitionPolicy",
    "VersionPolicy",
    "VersionSnapshot",
    "availability_preserving",
    "choose_versions",
    "parse_version",
    "resource_preserving",
]
