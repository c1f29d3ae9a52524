"""The gRPC door."""

from __future__ import annotations

import os

from traitlets import Bool, Int, Unicode
from traitlets.config import Configurable

__all__ = ["GrpcFlags"]

_CPUS = os.cpu_count() or 1


class GrpcFlags(Configurable):
    """The gRPC door."""

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
