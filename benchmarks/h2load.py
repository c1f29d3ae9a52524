"""gRPC requests in flight, from ``h2load``: C, and in a process of its own.

To HTTP/2 a unary gRPC call is a POST whose body is the message behind five bytes.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import percentile
from benchmarks.load_report import LoadReport, found

__all__ = ["Call", "GrpcLoad", "Sample", "grpc_load"]

_PREDICT = "/tensorflow.serving.PredictionService/Predict"
_HEADERS = ("content-type: application/grpc", "te: trailers")
_PATIENCE_SECONDS = 600.0
_RATE = re.compile(r"finished in .*?, ([\d.]+) req/s")
_COUNTS = re.compile(r"(\d+) succeeded, (\d+) failed")


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent where, again and again.

    Attributes:
        address: ``host:port``.
        request: the serialised message.
        path: of the method.
    """

    address: str
    request: bytes
    path: str = _PREDICT


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: when it was sent, in seconds since the epoch, and its milliseconds."""

    sent: float
    milliseconds: float


class GrpcLoad:
    """A load that is on its way; its requests share one connection."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def is_running(self) -> bool:
        """Whether requests are still being sent."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Send no more; what was measured until now is lost."""
        self._process.terminate()
        self._process.wait()

    def report(self) -> LoadReport:
        """Wait for the end of the load, and tell how it went."""
        output, _ = self._process.communicate(timeout=_PATIENCE_SECONDS)
        rate, counts = _RATE.search(output), _COUNTS.search(output)
        if rate is None or counts is None or not int(counts[1]):
            raise RuntimeError(f"h2load did not reach the server:\n{output}")
        times = [sample.milliseconds for sample in self.samples()]
        return LoadReport(
            int(counts[1]),
            int(counts[2]),
            float(rate[1]),
            statistics.median(times),
            percentile(times, 99),
        )

    def samples(self) -> list[Sample]:
        """Every request, once the load has ended."""
        rows = (line.split() for line in self._log.read_text().splitlines())
        return [Sample(int(row[0]) / 1e6, int(row[2]) / 1000) for row in rows]


@contextmanager
def grpc_load(
    call: Call, *, in_flight: int, requests: int = 0, seconds: int = 0
) -> Iterator[GrpcLoad]:
    """Send requests, so many of them at any time.

    Args:
        call: what is sent where.
        in_flight: how many requests wait for their answers.
        requests: how many there are, all in all; or:
        seconds: how long to go on. The last ones may be answered uncounted.

    Raises:
        MissingToolError: ``h2load`` is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        message, log = Path(folder) / "message", Path(folder) / "log"
        message.write_bytes(b"\0" + len(call.request).to_bytes(4, "big") + call.request)
        command = [found("h2load"), "--clients=1", "--threads=1"]
        command.append(f"--duration={seconds}" if seconds else f"--requests={requests}")
        command += [f"--max-concurrent-streams={in_flight}", f"--data={message}"]
        command += [f"--header={header}" for header in _HEADERS]
        # Without windows of this size a large answer waits for the tool's leave.
        command += ["--window-bits=24", "--connection-window-bits=24", f"--log-file={log}"]
        command += [f"http://{call.address}{call.path}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            yield GrpcLoad(process, log)
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate()
