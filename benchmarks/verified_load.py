"""Load whose answers are known to be right: a load tool does not look at them.

``h2load`` counts a gRPC error as success, for every gRPC answer has HTTP's status 200. So
while it is at work a client of the usual kind asks the same and compares the answers,
and the server's own count has to agree with the tool's.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from benchmarks.load_report import LoadReport

__all__ = ["Counts", "Target", "statistics_of"]

# Often enough to see an error, seldom enough to be no load.
_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests a server has answered, by its own count."""

    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load.

    Attributes:
        ask: sends the load's request with a client of the usual kind; the answer.
        expected: what that is to be.
        counts: reads the server's own count.
    """

    ask: Callable[[], np.ndarray]
    expected: np.ndarray
    counts: Callable[[], Counts]

    def verified(self, load: Callable[[], LoadReport], *, uncounted: int = 0) -> LoadReport:
        """Put the load on, and see that every answer was one.

        Args:
            load: uses the tool.
            uncounted: how many requests the tool may have sent without counting them.

        Raises:
            RuntimeError: an answer was wrong, or the counts do not agree.
        """
        self._compare()
        before = self.counts()
        with self._witness() as asked:
            report = load()
        after = self.counts()
        beyond = after.succeeded - before.succeeded - report.answered - asked[0]
        if report.failed or after.failed != before.failed or not 0 <= beyond <= uncounted:
            raise RuntimeError(
                f"{report.answered} answers and {report.failed} failures by the tool's count, "
                f"{asked[0]} answers to the witness; by the server's {before}, then {after}"
            )
        return report

    @contextmanager
    def _witness(self) -> Iterator[list[int]]:
        """Ask and compare until the block ends; yields the number of answers, once it has."""
        asked, errors = [0], list[BaseException]()
        enough = threading.Event()

        def compare() -> None:
            try:
                while not enough.wait(_PAUSE_SECONDS):
                    self._compare()
                    asked[0] += 1
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                errors.append(error)

        thread = threading.Thread(target=compare)
        thread.start()
        try:
            yield asked
        finally:
            enough.set()
            thread.join()
        if errors:
            raise errors[0]

    def _compare(self) -> None:
        # A batch of another size may be computed in another order.
        np.testing.assert_allclose(self.ask(), self.expected, rtol=1e-3, atol=1e-5)


def statistics_of(port: int, model: str) -> Counts:
    """A model's requests, by the statistics of the server's REST port."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        # Others may still be on their way between their answer and the count.
        time.sleep(_PAUSE_SECONDS)
        connection.request("GET", f"/v2/models/{model}/stats")
        versions = json.loads(connection.getresponse().read())["model_stats"]
    finally:
        connection.close()
    stats = [version["inference_stats"] for version in versions]
    succeeded = sum(one["success"]["count"] for one in stats)
    return Counts(succeeded, sum(one["fail"]["count"] for one in stats))
