"""One configuration for every entrance; its names are TF Serving's flag names.

The standalone command reads it from flags, Jupyter from its configuration
files, a notebook from keyword arguments. What TF Serving lacks has a new name
and says so in its help.
"""

from __future__ import annotations

import os

from traitlets import Bool, Enum, Float, Int, Unicode
from traitlets.config import Configurable

__all__ = ["GROUPS", "MAX_BODY_BYTES", "ServerConfig"]

MAX_BODY_BYTES = 512 * 1024 * 1024
GROUPS = ("Models", "gRPC", "REST", "Batching", "Loading", "TensorFlow", "Server")

_CPUS = os.cpu_count() or 1


class ServerConfig(Configurable):
    """What a model server is told at its start; not changed while it runs."""

    # Models
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

    # gRPC
    port = Int(8500, min=0, max=65535, help="TCP port of gRPC; 0 for none.").tag(
        config=True, group="gRPC"
    )
    grpc_socket_path = Unicode("", help="Unix socket for gRPC, as well as the port.").tag(
        config=True, group="gRPC"
    )
    grpc_token_file = Unicode(
        "",
        help="File with a token that gRPC over TCP asks for with every call, as authorization: "
        "Bearer TOKEN; without it whoever reaches the port may also change what is served, as "
        "with TF Serving. The Unix socket asks for none (not a TF Serving flag).",
    ).tag(config=True, group="gRPC")
    ssl_config_file = Unicode(
        "",
        help="Text proto SSLConfig with the PEM texts of server_key and server_cert: gRPC's "
        "TCP port speaks TLS alone. With client_verify, clients need a certificate of "
        "custom_ca. The Unix sockets stay plain, as in TF Serving; for REST see "
        "--rest_api_ssl_config_file.",
    ).tag(config=True, group="gRPC")
    ssl_config_file_poll_wait_seconds = Int(
        60,
        help="Seconds between looks whether the files of certificates and tokens have changed, "
        "of both doors; 0 or less for none. New connections get the new certificate; what "
        "cannot be used is logged, and the old one stays (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    grpc_max_threads = Int(
        4 * _CPUS, min=1, help="Threads that run gRPC requests. Default: 4 a CPU."
    ).tag(config=True, group="gRPC")
    grpc_channel_arguments = Unicode(
        "", help="Options of the gRPC server, key=value,key=value; integers are sent as such."
    ).tag(config=True, group="gRPC")
    enable_grpc_healthcheck_service = Bool(
        True, help="Serve grpc.health.v1.Health. (TF Serving has it off by default.)"
    ).tag(config=True, group="gRPC")
    enable_grpc_reflection = Bool(
        False,
        help="Serve grpc.reflection.v1alpha, so that grpcurl and its like need no protos "
        "(not a TF Serving flag).",
    ).tag(config=True, group="gRPC")
    enable_profiler = Bool(
        True,
        help="Serve tensorflow.ProfilerService: traces of what TensorFlow does, for "
        "tf.profiler.experimental.client and TensorBoard. The client writes them; no "
        "directory of the server is.",
    ).tag(config=True, group="gRPC")
    enable_serialization_as_tensor_content = Bool(
        False, help="Answer Predict with tensor_content instead of typed lists."
    ).tag(config=True, group="gRPC")

    # REST
    rest_api_port = Int(0, min=0, max=65535, help="TCP port of REST; 0 for none.").tag(
        config=True, group="REST"
    )
    rest_api_socket_path = Unicode(
        "", help="Unix socket for REST, as well as the port (not a TF Serving flag)."
    ).tag(config=True, group="REST")
    rest_api_ssl_config_file = Unicode(
        "",
        help="As --ssl_config_file, for REST: its TCP port speaks HTTPS alone, TLS 1.2 or "
        "later. It may be the same file (not a TF Serving flag).",
    ).tag(config=True, group="REST")
    rest_api_token_file = Unicode(
        "",
        help="File with a token that REST over TCP asks for with every request, health checks "
        "and the page of metrics included, as Authorization: Bearer TOKEN; that of "
        "--model_control_token_file does too. The Unix socket asks for none "
        "(not a TF Serving flag).",
    ).tag(config=True, group="REST")
    rest_api_num_threads = Int(
        4 * _CPUS, min=1, help="Threads that run REST requests. Default: 4 a CPU."
    ).tag(config=True, group="REST")
    rest_api_timeout_in_ms = Int(
        30000, min=1, help="A REST request that takes longer is answered with 504."
    ).tag(config=True, group="REST")
    rest_api_enable_cors_support = Bool(
        False, help="Send CORS headers, so that any web page may call the server."
    ).tag(config=True, group="REST")
    rest_api_max_body_bytes = Int(
        MAX_BODY_BYTES,
        min=1,
        help="A larger request body is answered with 413 (not a TF Serving flag).",
    ).tag(config=True, group="REST")
    rest_api_gzip_level = Int(
        1,
        min=0,
        max=9,
        help="How hard to compress answers of 1 KiB or more for clients that send "
        "Accept-Encoding: gzip; 0 for not at all, which saves time where client and server "
        "share a machine (not a TF Serving flag).",
    ).tag(config=True, group="REST")

    enable_web_page = Bool(
        True,
        help="Show a page with models, test console and charts to browsers, at / of the REST "
        "port. It changes models only with --model_control=explicit and its token (not a TF "
        "Serving flag).",
    ).tag(config=True, group="REST")

    monitoring_config_file = Unicode(
        "",
        help="Text proto MonitoringConfig; with prometheus_config { enable: true } the REST "
        "door has a page of metrics, at /monitoring/prometheus/metrics or its path.",
    ).tag(config=True, group="REST")

    # Batching
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

    # Loading
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
    remote_cache_dir = Unicode(
        "",
        help="Private directory for copies of models whose base path is a URL. Default: "
        "tfs_notebook in the user's cache directory (not a TF Serving flag).",
    ).tag(config=True, group="Loading")

    # TensorFlow
    platform_config_file = Unicode(
        "",
        help="Text proto PlatformConfigMap with a SavedModelBundleSourceAdapterConfig for the "
        "platform tensorflow: how models are loaded, batched and warmed up. The flags that say "
        "the same have no effect beside it, as in TF Serving, and are logged.",
    ).tag(config=True, group="TensorFlow")
    mixed_precision = Enum(
        ["", "bfloat16"],
        "",
        help="bfloat16: let oneDNN compute in it what is known to bear that, on processors "
        "that can. Empty for the model's own precision.",
    ).tag(config=True, group="TensorFlow")
    tensorflow_session_parallelism = Int(
        0, min=0, help="Threads within an op and between ops, both; 0 lets TensorFlow choose."
    ).tag(config=True, group="TensorFlow")
    tensorflow_intra_op_parallelism = Int(
        0, min=0, help="Threads within an op; 0 lets TensorFlow choose."
    ).tag(config=True, group="TensorFlow")
    tensorflow_inter_op_parallelism = Int(
        0, min=0, help="Threads between ops; 0 lets TensorFlow choose."
    ).tag(config=True, group="TensorFlow")
    tensorflow_session_config_file = Unicode(
        "", help="Text proto ConfigProto for every session."
    ).tag(config=True, group="TensorFlow")
    per_process_gpu_memory_fraction = Float(
        0.0, min=0.0, max=1.0, help="Share of a GPU's memory to take; 0 lets TensorFlow choose."
    ).tag(config=True, group="TensorFlow")

    # Server
    request_log_dir = Unicode(
        "",
        help="The one directory that requests are logged to, of models whose logging_config "
        "says so; its filename_prefix is a name in it. Made if it is not there. Empty: a "
        "logging_config is refused (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    request_log_max_bytes = Int(
        100_000_000,
        min=1,
        help="Size at which the next log file begins (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    request_log_max_seconds = Float(
        3600.0, min=0.0, help="Age at which the next log file begins (not a TF Serving flag)."
    ).tag(config=True, group="Server")
    request_log_max_files = Int(
        24,
        min=0,
        help="How many log files of one filename_prefix are kept, of those that this server "
        "has made, also before it was started again; 0 for all (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    host = Unicode(
        "127.0.0.1",
        help="Address that both ports listen on; 0.0.0.0 for all (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    allowed_hosts = Unicode(
        "",
        help="Comma-separated host names that REST requests may be sent to, besides those of "
        "this machine, while --host is a loopback address (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    log_level = Enum(
        ["debug", "info", "warning", "error"],
        "info",
        help="How much to log: debug, info, warning or error (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    log_format = Enum(
        ["text", "json"],
        "text",
        help="text, or json for a JSON object a line; with --access_log each request then has "
        "where its time went, its model, and how many bytes it was (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    access_log = Bool(
        False,
        help="Log a line a request: peer, door, what, status, milliseconds, id; more with "
        "--log_format=json (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    enable_tracing = Bool(
        False,
        help="Send OpenTelemetry spans of requests, as children of those that clients name in "
        "traceparent, by OTLP over HTTP; where to, and how many, is said by the standard "
        "variables OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG "
        "… Needs tfs_notebook[tracing] (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    request_ids = Bool(
        False,
        help="Take x-request-id from the request, or make one, and send it back "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Server")
    exit_on_stdin_eof = Bool(
        False,
        help="Stop in order when standard input ends, so that the server does not outlive "
        "whoever started it; requests under way then have a second (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    shutdown_grace_seconds = Float(
        10.0,
        min=0.0,
        help="How long SIGTERM waits for requests under way (not a TF Serving flag).",
    ).tag(config=True, group="Server")
