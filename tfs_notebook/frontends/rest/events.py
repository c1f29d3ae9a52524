"""News of versions' states, for those who ask and wait: a long poll."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import Any, Final

from tfs_notebook.frontends.rest.query_fields import query_fields, whole_number
from tfs_notebook.frontends.rest.repository import described_event
from tfs_notebook.serving.event_log import EventLog, EventPage
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["LongPoll"]

_FIELDS: Final = ("after", "timeout")
_DEFAULT_SECONDS: Final = 25.0
_MOST_SECONDS: Final = 60.0


class LongPoll:
    """Answers when there is news, or the time is up; belongs to the thread of a loop.

    Whoever waits takes no thread.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._closed = False
        self._waiting: set[asyncio.Event] = set()

    def close(self) -> None:
        """Answer all who wait, and let nobody wait from now on."""
        self._closed = True
        for news in self._waiting:
            news.set()

    async def answer(self, query: str) -> dict[str, Any]:
        """What happened after the number in the query, as soon as anything has.

        Raises:
            InvalidArgument: a query that cannot be used.
        """
        after, seconds = _parsed(query)
        page = self._log.after(after)
        if not _has_news(page) and seconds and not self._closed:
            page = await self._next_page(after, seconds)
        described: dict[str, Any] = {
            "events": [described_event(event) for event in page.events],
            "next": page.next,
        }
        if page.truncated:
            described["truncated"] = True
        return described

    async def _next_page(self, after: int, seconds: float) -> EventPage:
        loop = asyncio.get_running_loop()
        news = asyncio.Event()

        def notify() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(news.set)

        self._waiting.add(news)
        try:
            with self._log.listen(notify):
                page = self._log.after(after)
                if not _has_news(page):
                    with suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(news.wait(), seconds)
                    page = self._log.after(after)
                return page
        finally:
            self._waiting.discard(news)


def _has_news(page: EventPage) -> bool:
    return bool(page.events) or page.truncated


def _parsed(query: str) -> tuple[int, float]:
    given = query_fields(query, _FIELDS)
    return whole_number(given, "after"), _seconds(given.get("timeout"))


def _seconds(text: str | None) -> float:
    if text is None:
        return _DEFAULT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise InvalidArgument(
            f'"timeout" is a number of seconds, 0 to {_MOST_SECONDS:g}; got {text!r}'
        )
    return min(seconds, _MOST_SECONDS)
