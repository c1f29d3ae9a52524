"""REST requests on many connections, from ``wrk``: C, and in a process of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from benchmarks.load_report import LoadReport, found

__all__ = ["rest_load"]

# wrk counts an answer with another status than 2xx or 3xx as an error, besides.
_SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = assert(io.open({body}, "rb"))
wrk.body = file:read("*a")
file:close()
function done(summary, latency, requests)
    local errors = summary.errors
    io.stderr:write(string.format(
        '{{"answered":%d,"failed":%d,"microseconds":%d,"p50":%d,"p99":%d}}',
        summary.requests,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        summary.duration, latency:percentile(50), latency:percentile(99)))
end
"""


def rest_load(
    url: str, body: bytes, *, seconds: int, connections: int, folder: Path
) -> LoadReport:
    """Post a body on every connection, again as soon as it is answered, for so long.

    wrk hangs up at the end, so up to one request a connection may have been answered
    without being counted.

    Raises:
        MissingToolError: ``wrk`` is not installed.
    """
    path, script = folder / "wrk-body", folder / "wrk.lua"
    path.write_bytes(body)
    script.write_text(_SCRIPT.format(body=json.dumps(str(path))))
    command = [found("wrk"), "--threads=1", f"--connections={connections}"]
    command += [f"--duration={seconds}s", "--timeout=30s", f"--script={script}", url]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told = json.loads(ended.stderr)
    except ValueError:
        raise RuntimeError(f"wrk failed: {ended.stdout}{ended.stderr}") from None
    if not told["answered"]:
        raise RuntimeError(f"wrk was not answered at {url}")
    return LoadReport(
        told["answered"],
        told["failed"],
        told["answered"] / (told["microseconds"] / 1e6),
        told["p50"] / 1000,
        told["p99"] / 1000,
    )
