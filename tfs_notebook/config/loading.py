"""How versions are found, tried, loaded and warmed up."""

from __future__ import annotations

from traitlets import Bool, Float, Int, Unicode
from traitlets.config import Configurable

__all__ = ["LoadingFlags"]


class LoadingFlags(Configurable):
    """How versions are found, tried, loaded and warmed up."""

    file_system_poll_wait_seconds = Int(
        1, help="Seconds between looks for new versions; 0 looks once, negative never."
    ).tag(config=True, group="Loading")
    servable_versions_always_present = Bool(
        False,
        help="Go on serving a model's versions when all their directories have vanished "
        "(not a TF Serving flag, but an option of its ServerCore).",
    ).tag(config=True, group="Loading")
    enable_reload_servables_with_error = Bool(
        False,
        help="Load a version that failed anew at every look for versions, and not only when "
        "its directory has gone and come back (not a TF Serving flag, but an option of its "
        "ServerCore).",
    ).tag(config=True, group="Loading")
    num_load_threads = Int(
        0, min=0, help="How many models are loaded at once; 0 means 4 a CPU."
    ).tag(config=True, group="Loading")
    num_unload_threads = Int(
        0, min=0, help="How many models are unloaded at once; 0 for no limit."
    ).tag(config=True, group="Loading")
    max_num_load_retries = Int(
        5, min=0, help="How often a load that failed is tried again."
    ).tag(config=True, group="Loading")
    load_retry_interval_micros = Int(
        60_000_000, help="Microseconds between such tries; negative for none."
    ).tag(config=True, group="Loading")
    total_model_memory_limit_bytes = Int(
        0,
        min=0,
        help="What all models may take together, by the size of their files times 1.2; a model "
        "that does not fit waits and says so. 0 for no limit (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    lazy_loading = Bool(
        False,
        help="Load a model when its first request comes, and evict the one that was not used "
        "for longest when there is no room for another (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    max_loaded_models = Int(
        0,
        min=0,
        help="With --lazy_loading: how many versions may be in memory at once; 0 for as many "
        "as --total_model_memory_limit_bytes has room for (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    pinned_models = Unicode(
        "",
        help="With --lazy_loading: comma-separated models to load at once and never to evict "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    lazy_load_timeout_seconds = Float(
        60.0,
        min=0.0,
        help="With --lazy_loading: how long a request waits for its model "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    enable_model_warmup = Bool(
        True,
        help="Run the requests in assets.extra/tf_serving_warmup_requests before a version is "
        "available; one that fails fails the load. False: no warm-up of either kind.",
    ).tag(config=True, group="Loading")
    num_request_iterations_for_warmup = Int(
        0, help="How often each of those requests is run; 0 or less for once."
    ).tag(config=True, group="Loading")
    num_model_warmup_threads = Int(
        1,
        min=1,
        help="Threads that run those requests, a version (not a TF Serving flag, but a field "
        "of its ModelWarmupOptions).",
    ).tag(config=True, group="Loading")
    enable_automatic_warmup = Bool(
        True,
        help="Run a version without that file with zeros and empty strings of the shapes that "
        "its signatures say, with batching in the allowed sizes; what fails is logged. "
        "Signatures whose graph changes variables, tables, queues or files are left out. Not "
        "with --lazy_loading, where a request waits (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    automatic_warmup_seconds = Float(
        10.0,
        min=0.0,
        help="The version is available after this long even if a run of the automatic warm-up "
        "goes on; small models take milliseconds (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    validate_in_subprocess = Bool(
        False,
        help="Load, warm up and run each version in a scratch process first: one that crashes "
        "or hangs there is not loaded, and what serves goes on. Takes the time of a load more, "
        "and some two seconds (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    validation_timeout_seconds = Float(
        300.0,
        min=0.0,
        help="With --validate_in_subprocess: how long that may take; 0 for no limit "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    validation_memory_limit_bytes = Int(
        0,
        min=0,
        help="With --validate_in_subprocess: how much memory the scratch process may take, of "
        "which TensorFlow itself takes some 400 MB; 0 for no limit (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    refuse_unsafe_ops = Bool(
        True,
        help="Do not load a SavedModel that can run ops which touch files, other processes, "
        "the network or this process; its own variables and assets are no such files. See "
        "docs/security.md (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    allowed_unsafe_ops = Unicode(
        "",
        help="Comma-separated ops that models may have all the same, ReadFile, say; the error "
        "of a model that is refused names them (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
    remote_cache_dir = Unicode(
        "",
        help="Private directory for copies of models whose base path is a URL. Default: "
        "tfs_notebook in the user's cache directory (not a TF Serving flag).",
    ).tag(config=True, group="Loading")
