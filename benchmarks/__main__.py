"""``python -m benchmarks [NAME ...]``: measure, and print a JSON line a figure."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import (
    hot_update,
    image_json,
    jupyter_relay,
    jupyter_start,
    large_messages,
    lookup,
    raw_text,
    reload_memory,
    start,
    tail_latency,
)
from benchmarks.figures import Figure

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
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; 2 for a name that is none."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no such benchmark: {unknown[0]}; there are {', '.join(BENCHMARKS)}")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        for name in names or BENCHMARKS:
            for figure in BENCHMARKS[name](Path(folder)):
                print(figure.to_json(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
