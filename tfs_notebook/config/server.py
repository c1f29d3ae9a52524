"""The process, its clients and its logs."""

from __future__ import annotations

from traitlets import Bool, Enum, Float, Int, Unicode
from traitlets.config import Configurable

__all__ = ["ServerFlags"]


class ServerFlags(Configurable):
    """The process, its clients and its logs."""

    ssl_config_file_poll_wait_seconds = Int(
        60,
        help="Seconds between looks whether the files of certificates and tokens have changed, "
        "of both doors; 0 or less for none. New connections get the new certificate; what "
        "cannot be used is logged, and the old one stays (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    max_requests_per_client = Int(
        0,
        min=0,
        help="More requests of one client at once are refused with RESOURCE_EXHAUSTED or 429; "
        "a client is an address. Unix sockets, health and metrics have no limit. 0 for none "
        "(not a TF Serving flag).",
    ).tag(config=True, group="Server")
    client_requests_per_second = Float(
        0.0,
        min=0.0,
        help="What a client asks beyond this, in the long run, is refused likewise; 0 for no "
        "limit (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    client_request_burst = Int(
        0,
        min=0,
        help="With --client_requests_per_second: how many a client may ask at once after a "
        "pause; 0 for those of a second (not a TF Serving flag).",
    ).tag(config=True, group="Server")
    trusted_proxies = Unicode(
        "",
        help="Comma-separated addresses and networks of proxies whose X-Forwarded-For says who "
        "the client is (not a TF Serving flag).",
    ).tag(config=True, group="Server")
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
