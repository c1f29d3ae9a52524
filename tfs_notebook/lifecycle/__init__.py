"""What is loaded: sources say what should be, the manager makes it so.

A library of its own, with what TensorFlow Serving's ``core`` and ``sources``
offer to those who embed them. The model server is one of its users and needs a
part of it. For others there are, for instance: handles of one type and handles
on everything (``AspiredVersionsManager.handle_of``, ``available_handles``), a
number of load threads that changes after the start (``set_num_load_threads``),
hooks before a load, for its order and for its repetition (``ManagerOptions``),
a monitor that keeps a log and waits for states (``ServableStateMonitor``), and
a source that never unloads the last version, or wants one at once
(``FileSystemSource``).
"""

from __future__ import annotations

from tfs_notebook.lifecycle.cache_options import CachedServable, CacheOptions, LoadWait
from tfs_notebook.lifecycle.caching_manager import CachingManager
from tfs_notebook.lifecycle.clock import Clock, SystemClock
from tfs_notebook.lifecycle.event_bus import EventBus, Subscription
from tfs_notebook.lifecycle.file_estimate import estimate_from_files
from tfs_notebook.lifecycle.file_system import FileEntry, FileSystem, FileTree, LocalFileSystem
from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.loader import Loader, SimpleLoader
from tfs_notebook.lifecycle.local_copies import CopyLimits, LocalCopies
from tfs_notebook.lifecycle.manager import AspiredVersionsManager
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.monitor import Reached, ServableStateMonitor, StateMap
from tfs_notebook.lifecycle.plugins import (
    Platform,
    PluginRegistry,
    PluginSource,
    platforms,
    sources,
)
from tfs_notebook.lifecycle.poller import PeriodicPoller
from tfs_notebook.lifecycle.remote_loader import RemoteLoader
from tfs_notebook.lifecycle.resources import ResourceTracker
from tfs_notebook.lifecycle.servable import (
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
    ServedEntry,
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
from tfs_notebook.lifecycle.source_adapter import (
    ErrorInjectingSourceAdapter,
    OutputPort,
    SourceAdapter,
    UnarySourceAdapter,
)
from tfs_notebook.lifecycle.source_router import (
    DynamicSourceRouter,
    SourceRouter,
    StaticSourceRouter,
)
from tfs_notebook.lifecycle.static_source import StaticSource
from tfs_notebook.lifecycle.transition_policy import (
    PolicyAction,
    PolicyStep,
    TransitionPolicy,
    availability_preserving,
    resource_preserving,
)
from tfs_notebook.lifecycle.url_file_system import UrlFileSystem, is_url, local_path
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
    "CacheOptions",
    "CachedServable",
    "CachingManager",
    "Clock",
    "CopyLimits",
    "DynamicSourceRouter",
    "ErrorInjectingSourceAdapter",
    "EventBus",
    "FileEntry",
    "FileSystem",
    "FileSystemSource",
    "FileTree",
    "HarnessState",
    "Latest",
    "LoadWait",
    "Loader",
    "LocalCopies",
    "LocalFileSystem",
    "ManagerOptions",
    "ManagerState",
    "OutputPort",
    "PeriodicPoller",
    "Platform",
    "PluginRegistry",
    "PluginSource",
    "PolicyAction",
    "PolicyStep",
    "PollResult",
    "Reached",
    "RemoteLoader",
    "ResourceTracker",
    "ServableData",
    "ServableHandle",
    "ServableId",
    "ServableRequest",
    "ServableState",
    "ServableStateMonitor",
    "ServableToMonitor",
    "ServedEntry",
    "SimpleLoader",
    "Source",
    "SourceAdapter",
    "SourceRouter",
    "Specific",
    "StateMap",
    "StaticSource",
    "StaticSourceRouter",
    "StoragePath",
    "Subscription",
    "SystemClock",
    "TransitionPolicy",
    "UnarySourceAdapter",
    "UrlFileSystem",
    "VersionPolicy",
    "VersionSnapshot",
    "availability_preserving",
    "choose_versions",
    "estimate_from_files",
    "is_url",
    "local_path",
    "parse_version",
    "platforms",
    "resource_preserving",
    "sources",
]
