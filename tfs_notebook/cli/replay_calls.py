"""Recorded requests, sent to a server again at some pace."""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tqdm import tqdm

from tfs_notebook.cli.log_options import CommandError, tell
from tfs_notebook.client.address import parse_address
from tfs_notebook.client.grpc_transport import GrpcTransport
from tfs_notebook.client.request_target import Target, addressed
from tfs_notebook.wire.errors import ServingError
from tfs_notebook.wire.recorded_requests import Recorded, read_logs

__all__ = ["Answer", "Pace", "Server", "as_recorded", "at_once", "at_rate", "send_all"]

Pace = Callable[[Iterable[Recorded]], Iterator[tuple[float, Recorded]]]
"""When to begin each request: seconds after the first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request.

    Attributes:
        seconds: until it was answered.
        response: serialised; empty if it failed.
        error: why it failed.
    """

    seconds: float
    response: bytes = b""
    error: ServingError | None = None


class Server:
    """The server to ask, over gRPC; a context manager, for any threads.

    Args:
        options: ``to``, ``token_file`` and ``timeout`` of the command line.

    Raises:
        CommandError: they cannot be used.
        InvalidArgument: it is no address.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        address = parse_address(options.to)
        if address.protocol != "grpc":
            raise CommandError(f"--to: requests are replayed over gRPC, not to {options.to}")
        token = None
        if options.token_file:
            try:
                token = Path(options.token_file).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"--token-file: {error}") from None
        self._timeout: float = options.timeout
        self._transport = GrpcTransport(address, token)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._transport.close()

    def ask(self, recorded: Recorded, target: Target) -> Answer:
        """Send a recorded request that can be sent; blocks until it is answered."""
        data = addressed(recorded, target)
        began = time.perf_counter()
        try:
            response = self._transport.call(recorded.method or "", data, self._timeout)
        except ServingError as error:
            return Answer(time.perf_counter() - began, error=error)
        return Answer(time.perf_counter() - began, response)


def at_once(records: Iterable[Recorded]) -> Iterator[tuple[float, Recorded]]:
    """A :data:`Pace`: each as soon as another one is answered."""
    return ((0.0, recorded) for recorded in records)


def at_rate(rate: float) -> Pace:
    """So many a second, as long as they are answered as fast."""

    def pace(records: Iterable[Recorded]) -> Iterator[tuple[float, Recorded]]:
        return ((number / rate, recorded) for number, recorded in enumerate(records))

    return pace


def as_recorded(records: Iterable[Recorded]) -> Iterator[tuple[float, Recorded]]:
    """A :data:`Pace`: as they came, where those of one second are spread over it."""

    def second(recorded: Recorded) -> int:
        seconds: int = recorded.log.log_metadata.timestamp_secs
        return seconds

    first: int | None = None
    for when, group in itertools.groupby(records, second):
        together = list(group)
        first = when if first is None else first
        for number, recorded in enumerate(together):
            yield max(0, when - first) + number / len(together), recorded


def send_all(
    files: Sequence[str],
    work: Callable[[Recorded], object],
    *,
    pace: Pace = at_once,
    concurrency: int = 1,
) -> Counter[str]:
    """Do some work for each record that can be sent again; blocks.

    Says on stderr how far it is, if that is a terminal.

    Args:
        files: with the records.
        work: called on several threads at once.
        pace: when it begins.
        concurrency: how many threads; one that is late begins at once.

    Returns:
        how many records of which kinds cannot be sent again.

    Raises:
        InvalidArgument: a file cannot be read.
    """
    skipped: Counter[str] = Counter()
    taking, stop = threading.Lock(), threading.Event()
    began = time.monotonic()
    size = sum(os.path.getsize(file) for file in files if os.path.isfile(file))  # noqa: PTH113, PTH202
    with tqdm(
        total=size, unit="B", unit_scale=True, disable=None, file=sys.stderr, leave=False
    ) as bar:

        def sendable() -> Iterator[Recorded]:
            for recorded in read_logs(files, tell=tell):
                bar.update(recorded.size)
                if recorded.method is None:
                    skipped[recorded.field or "nothing"] += 1
                else:
                    yield recorded

        due = pace(sendable())

        def worker() -> None:
            while not stop.is_set():
                with taking:
                    item = next(due, None)
                if item is None:
                    return
                seconds, recorded = item
                stop.wait(max(0.0, began + seconds - time.monotonic()))
                if not stop.is_set():
                    work(recorded)

        with ThreadPoolExecutor(concurrency) as pool:
            try:
                for ended in [pool.submit(worker) for _ in range(concurrency)]:
                    ended.result()
            finally:
                stop.set()
    return skipped
