"""How requests share runs, and how long a run may take."""

from __future__ import annotations

from traitlets import Bool, Float, Int, Unicode
from traitlets.config import Configurable

__all__ = ["BatchingFlags"]


class BatchingFlags(Configurable):
    """How requests share runs, and how long a run may take."""

    enable_batching = Bool(
        False, help="Let requests for the same model share a run; see the documentation."
    ).tag(config=True, group="Batching")
    batching_parameters_file = Unicode(
        "", help="Text proto BatchingParameters; what it leaves out has its default."
    ).tag(config=True, group="Batching")
    enable_per_model_batching_parameters = Bool(
        False,
        help="Take the parameters from batching_params.pbtxt beside each saved_model.pb, but "
        "for the threads; a model without that file has no batches.",
    ).tag(config=True, group="Batching")
    batching_latency_target_micros = Int(
        0,
        min=0,
        help="With --enable_batching: let each model find size and timeout of its batches so "
        "that 99 of 100 requests have their answer after this time; 0 for what the parameters "
        "say (not a TF Serving flag).",
    ).tag(config=True, group="Batching")
    max_requests_in_flight = Int(
        0,
        min=0,
        help="More predictions at once are refused with UNAVAILABLE or 503; 0 for no limit "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Batching")
    run_limit_seconds = Float(
        600.0,
        min=0.0,
        help="A run of a model that takes longer is taken to hang, and written off: its "
        "requests get DEADLINE_EXCEEDED or 504, its thread is replaced, and unloading and "
        "stopping do not wait for it; its memory is held until it ends. Keep it well above the "
        "slowest run there is, which may be a first one that compiles. 0 for no limit "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Batching")
