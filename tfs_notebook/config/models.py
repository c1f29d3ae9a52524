"""Which models there are, and who may change them."""

from __future__ import annotations

from traitlets import Bool, Enum, Float, Int, Unicode
from traitlets.config import Configurable

__all__ = ["ModelFlags"]


class ModelFlags(Configurable):
    """Which models there are, and who may change them."""

    model_name = Unicode(
        "default", help="Name of the model, when there is one and no --model_config_file."
    ).tag(config=True, group="Models")
    model_base_path = Unicode(
        "",
        help="Directory of that model; its version directories (1, 2, …) lie in it. A "
        "saved_model.pb right inside is served as version 1.",
    ).tag(config=True, group="Models")
    model_config_file = Unicode(
        "",
        help="Text proto ModelServerConfig with several models; takes the place of "
        "--model_name and --model_base_path.",
    ).tag(config=True, group="Models")
    model_config_file_poll_wait_seconds = Int(
        0,
        help="Seconds between looks whether that file has changed; 0 or less for none. A "
        "changed file is the whole list: other models, loaded since, are unloaded.",
    ).tag(config=True, group="Models")
    reload_timeout_seconds = Float(
        120.0,
        min=0.0,
        help="How long a reload of the configuration waits for its models; they go on "
        "loading after that (not a TF Serving flag).",
    ).tag(config=True, group="Models")
    allow_version_labels_for_unavailable_models = Bool(
        False, help="Let a new label name a version that is not available yet."
    ).tag(config=True, group="Models")
    start_timeout_seconds = Float(
        300.0,
        min=0.0,
        help="The ports open after this long even if a model is still loading "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Models")
    saved_model_tags = Unicode(
        "serve", help="Comma-separated tags of the meta graph to load."
    ).tag(config=True, group="Models")
    enable_signature_method_name_check = Bool(
        False, help="Refuse signatures whose method_name is not predict, classify or regress."
    ).tag(config=True, group="Models")
    fail_if_no_model = Bool(
        False,
        help="Exit with the reasons if no model could be loaded, instead of waiting for one "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Models")
    models_root = Unicode(
        "",
        help="Directory from which models are loaded by their bare names while the server "
        "runs (not a TF Serving flag).",
    ).tag(config=True, group="Models")
    model_control = Enum(
        ["none", "explicit"],
        "none",
        help="Whether models may be loaded, unloaded, labelled and rolled back at "
        "/v2/repository over TCP too, with the token of --model_control_token_file: none or "
        "explicit. On the REST socket they always may; of gRPC see --grpc_token_file. With "
        "explicit, a start without any model is fine (not a TF Serving flag).",
    ).tag(config=True, group="Models")
    model_control_token_file = Unicode(
        "",
        help="File with the token that --model_control=explicit asks for over TCP, as "
        "Authorization: Bearer TOKEN (not a TF Serving flag).",
    ).tag(config=True, group="Models")
    journal_path = Unicode(
        "",
        help="Private file that keeps every change of the models, with their versions and "
        "labels. After a restart it goes before the models the other flags name "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Models")
    traffic_config_file = Unicode(
        "",
        help="JSON that says by which weights versions of models answer, which get copies of "
        "requests, and which are rolled out; see docs/traffic.md. A --journal_path that has "
        "kept changes goes before it (not a TF Serving flag).",
    ).tag(config=True, group="Models")
    allowed_function_modules = Unicode(
        "",
        help="Comma-separated Python modules whose functions version directories may name in "
        "tfs_notebook_function.json; they are imported when one does, and no others "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Models")
