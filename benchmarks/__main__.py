"""``python -m benchmarks [NAME ...]``: measure, and print a JSON line a figure.

The figures are printed to the standard error once more at the end, as a table.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import (
    auto_tuning,
    batch_queue,
    busy_model,
    client_bulk,
    client_latency,
    dashboard,
    fairness,
    grpc_throughput,
    hot_update,
    idle,
    image_json,
    image_serving,
    in_process,
    jupyter_relay,
    jupyter_start,
    large_messages,
    lookup,
    observing,
    raw_text,
    reload_memory,
    rest_throughput,
    start,
    swap_under_load,
    tail_latency,
    traffic,
)
from benchmarks.figures import Figure
from benchmarks.load_report import MissingToolError
from benchmarks.table import table

BENCHMARKS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "start": start.measure,
    "image_json": image_json.measure,
    "jupyter_start": jupyter_start.measure,
    "jupyter_relay": jupyter_relay.measure,
    "large_messages": large_messages.measure,
    "tail_latency": tail_latency.measure,
    "lookup": lookup.measure,
    "reload_memory": reload_memory.measure,
    "raw_text": raw_text.measure,
    "hot_update": hot_update.measure,
    "grpc_throughput": grpc_throughput.measure,
    "rest_throughput": rest_throughput.measure,
    "batch_queue": batch_queue.measure,
    "in_process": in_process.measure,
    "busy_model": busy_model.measure,
    "image_serving": image_serving.measure,
    "swap_under_load": swap_under_load.measure,
    "fairness": fairness.measure,
    "observing": observing.measure,
    "auto_tuning": auto_tuning.measure,
    "idle": idle.measure,
    "client_latency": client_latency.measure,
    "client_bulk": client_bulk.measure,
    "dashboard": dashboard.measure,
    "traffic": traffic.measure,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; 2 for a name that is none."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no such benchmark: {unknown[0]}; there are {', '.join(BENCHMARKS)}")
        return 2
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names or BENCHMARKS:
            try:
                for figure in BENCHMARKS[name](Path(folder)):
                    print(figure.to_json(), flush=True)
                    figures.append(figure)
            except MissingToolError as error:
                print(json.dumps({"benchmark": name, "skipped": str(error)}), flush=True)
    print(table(figures), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
