"""The REST door."""

from __future__ import annotations

import os

from traitlets import Bool, Int, Unicode
from traitlets.config import Configurable

__all__ = ["MAX_BODY_BYTES", "RestFlags"]

MAX_BODY_BYTES = 512 * 1024 * 1024

_CPUS = os.cpu_count() or 1


class RestFlags(Configurable):
    """The REST door."""

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
