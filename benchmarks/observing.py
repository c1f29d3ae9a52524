"""What metrics, logs and traces cost half_plus_two over both doors."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.beside_echo import in_turn
from benchmarks.figures import Figure
from benchmarks.h2load import Call, grpc_load
from benchmarks.load_report import LoadReport, found
from benchmarks.models import write_half_plus_two
from benchmarks.side_process import side_process
from benchmarks.targets import HALF_PLUS_TWO, Running, half_plus_two
from benchmarks.wrk import rest_load

__all__ = ["measure"]

_ROUNDS = 7
_REQUESTS = 4000
_SECONDS = 1
_IN_FLIGHT, _CONNECTIONS = 32, 16
_BODY = b'{"instances": [1.0, 2.0, 5.0]}'
_PLAIN = "none of them"
_SOME_TRACED, _ALL_TRACED = "with 1 request in 100 traced", "with every request traced"
_ONE_IN_A_HUNDRED = {
    "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
    "OTEL_TRACES_SAMPLER_ARG": "0.01",
}


def measure(folder: Path) -> Iterator[Figure]:
    """Load a server with none of them, and one with each, in turn."""
    found("h2load")
    found("wrk")
    model = folder / "half_plus_two"
    write_half_plus_two(model)
    flags = {
        _PLAIN: [],
        "with metrics": [_monitoring(folder)],
        "with every request logged": _logging(folder, model),
        "with an access log in JSON": ["--access_log", "--log_format=json"],
        _SOME_TRACED: ["--enable_tracing"],
        _ALL_TRACED: ["--enable_tracing"],
    }
    with ExitStack() as processes:
        collector = processes.enter_context(side_process("span_collector"))
        to = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.ready["url"]}
        variables = {_SOME_TRACED: {**to, **_ONE_IN_A_HUNDRED}, _ALL_TRACED: to}
        servers = {
            name: processes.enter_context(
                half_plus_two(model, *given, environment=variables.get(name))
            )
            for name, given in flags.items()
        }
        for what, load in _loads(folder).items():
            for server in servers.values():
                load(server)
            reports = in_turn(servers, load, _ROUNDS)
            for name, runs in reports.items():
                if name == _PLAIN:
                    continue
                part = statistics.median(
                    run.per_second / plain.per_second
                    for run, plain in zip(runs, reports[_PLAIN], strict=True)
                )
                yield Figure("observing", f"{what}, {name}, of the throughput", part, "")


def _loads(folder: Path) -> dict[str, Callable[[Running], LoadReport]]:
    def over_grpc(server: Running) -> LoadReport:
        def load() -> LoadReport:
            call = Call(server.grpc, HALF_PLUS_TWO)
            with grpc_load(call, requests=_REQUESTS, in_flight=_IN_FLIGHT) as running:
                return running.report()

        return server.over_grpc.verified(load)

    def over_rest(server: Running) -> LoadReport:
        url = f"http://{server.rest}/v1/models/half_plus_two:predict"

        def load() -> LoadReport:
            return rest_load(
                url, _BODY, seconds=_SECONDS, connections=_CONNECTIONS, folder=folder
            )

        return server.over_rest.verified(load, uncounted=_CONNECTIONS)

    return {
        f"gRPC, {_IN_FLIGHT} in flight": over_grpc,
        f"REST, {_CONNECTIONS} connections": over_rest,
    }


def _monitoring(folder: Path) -> str:
    file = folder / "monitoring.pbtxt"
    file.write_text("prometheus_config { enable: true }\n")
    return f"--monitoring_config_file={file}"


def _logging(folder: Path, model: Path) -> list[str]:
    file = folder / "models.pbtxt"
    file.write_text(
        "model_config_list { config { "
        f'name: "{model.name}" base_path: "{model}" model_platform: "tensorflow" '
        'logging_config { log_collector_config { filename_prefix: "log" } '
        "sampling_config { sampling_rate: 1 } } } }\n"
    )
    return [f"--model_config_file={file}", f"--request_log_dir={folder / 'logs'}"]
