"""What a version was asked in a stretch of time, in numbers that take little room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from operator import add, attrgetter, sub
from typing import Final

from tfs_notebook.serving.signature_counter import SignatureStatistics

__all__ = ["TrafficCounts"]

_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80


@dataclass(frozen=True, slots=True)
class TrafficCounts:
    """Of one or more signatures, from the beginning or between two moments.

    All numbers are whole, so that what is added up is what was taken apart.

    Attributes:
        latency: how many requests there are in each bucket of ``MICROSECONDS``; without
            the empty ones at the end.
        requests: that have ended.
        errors: those of them that failed.
        micros: what all of them took, in microseconds.
        runs: of batches.
        rows: of requests, in all of these runs.
        padding: rows added to them.
        waits: requests that have waited for a batch.
        wait_micros: what they waited, all together.
        in_flight: requests under way, at the end of the stretch.
        queued: those of them that wait for a batch.
    """

    latency: tuple[int, ...] = ()
    requests: int = 0
    errors: int = 0
    micros: int = 0
    runs: int = 0
    rows: int = 0
    padding: int = 0
    waits: int = 0
    wait_micros: int = 0
    in_flight: int = 0
    queued: int = 0

    @classmethod
    def of(cls, one: SignatureStatistics) -> TrafficCounts:
        """What was counted of a signature since its beginning."""
        batches = one.batches
        return cls(
            latency=_shortened(one.latency_micros.counts),
            requests=one.requests,
            errors=one.errors,
            micros=int(one.latency_micros.total),
            runs=batches.runs if batches else 0,
            rows=batches.rows if batches else 0,
            padding=batches.padding if batches else 0,
            waits=batches.queue_micros.number if batches else 0,
            wait_micros=int(batches.queue_micros.total) if batches else 0,
            in_flight=one.in_flight,
            queued=one.queued,
        )

    def __bool__(self) -> bool:
        """Whether there was anything."""
        return any(_numbers(self)) or bool(self.latency)

    def __add__(self, other: TrafficCounts) -> TrafficCounts:
        """Both together."""
        latency = _padded(self.latency, other.latency)
        numbers = map(add, _numbers(self), _numbers(other))
        return TrafficCounts(_shortened(tuple(map(add, *latency))), *numbers)

    def since(self, earlier: TrafficCounts) -> TrafficCounts:
        """What has come since then; what is under way is that of now."""
        latency = _padded(self.latency, earlier.latency)
        *grown, _in_flight, _queued = map(sub, _numbers(self), _numbers(earlier))
        numbers = (*grown, self.in_flight, self.queued)
        buckets = _shortened(tuple(map(sub, *latency)))
        return TrafficCounts(buckets, *numbers)

    def packed(self) -> bytes:
        """In some 30 bytes, while a tuple of them would take 500."""
        # Most buckets are empty, and most numbers small: seven bits to a byte, and of the
        # buckets the place and the number of those that are not.
        counted = [pair for pair in enumerate(self.latency) if pair[1]]
        numbers = (*_numbers(self), *(number for pair in counted for number in pair))
        return bytes(_bytes_of(numbers))

    @classmethod
    def unpacked(cls, packed: bytes) -> TrafficCounts:
        """What was packed."""
        numbers = list(_numbers_in(packed))
        kept = numbers[: len(_NAMES)]
        pairs = numbers[len(_NAMES) :]
        counted = dict(zip(pairs[::2], pairs[1::2], strict=True))
        latency = tuple(counted.get(place, 0) for place in range(max(counted, default=-1) + 1))
        return cls(latency, *kept)


_NAMES: Final = tuple(field.name for field in fields(TrafficCounts) if field.name != "latency")
_get_numbers: Final = attrgetter(*_NAMES)


def _numbers(counts: TrafficCounts) -> tuple[int, ...]:
    numbers: tuple[int, ...] = _get_numbers(counts)
    return numbers


def _shortened(counts: tuple[int, ...]) -> tuple[int, ...]:
    length = len(counts)
    while length and not counts[length - 1]:
        length -= 1
    return counts[:length]


def _padded(
    one: tuple[int, ...], other: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    length = max(len(one), len(other))
    return one + (0,) * (length - len(one)), other + (0,) * (length - len(other))


def _bytes_of(numbers: Iterable[int]) -> Iterator[int]:
    for number in numbers:
        left = number
        while left > _SEVEN_BITS:
            yield left & _SEVEN_BITS | _MORE
            left >>= 7
        yield left


def _numbers_in(packed: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _MORE:
            yield number
            number = shift = 0
