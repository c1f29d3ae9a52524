"""What a server did in some seconds, in words: the answer of ``ProfilerService.Monitor``."""

from __future__ import annotations

from collections.abc import Sequence

from tfs_notebook.serving.statistics import SignatureStatistics

__all__ = ["activity_text"]


def activity_text(
    before: Sequence[SignatureStatistics],
    after: Sequence[SignatureStatistics],
    seconds: float,
    *,
    verbose: bool,
) -> str:
    """A line for each signature that has been asked for, more if it is to be verbose.

    Args:
        before: the statistics when the time began.
        after: those when it had passed.
        seconds: how long it was.
        verbose: whether to tell of all the time before, too.
    """
    known = {_key(one): one for one in before}
    lines = [f"The last {seconds:.1f} s:"]
    for one in after:
        lines.append(_line(known.get(_key(one)), one, seconds))
        if verbose:
            lines += _totals(one)
    if not after:
        lines.append("no request since the start")
    return "\n".join(lines) + "\n"


def _key(one: SignatureStatistics) -> tuple[str, int, str]:
    return one.model, one.version, one.signature


def _line(
    before: SignatureStatistics | None, after: SignatureStatistics, seconds: float
) -> str:
    requests, errors, taken = after.requests, after.errors, after.seconds
    if before is not None:
        requests -= before.requests
        errors -= before.errors
        taken -= before.seconds
    good = requests - errors
    mean = f", mean {taken / good * 1e3:.3f} ms" if good else ""
    return (
        f"{after.model} version {after.version} {after.signature}: {requests} requests "
        f"({requests / seconds:.1f} a second), {errors} failed{mean}, "
        f"{after.in_flight} under way, {after.queued} of them waiting for a batch"
    )


def _totals(one: SignatureStatistics) -> list[str]:
    median, slow = (one.latency_micros.quantile(share) / 1e3 for share in (0.5, 0.99))
    whole = (
        f"  since it was loaded: {one.requests} requests, {one.errors} failed, of 100 requests "
        f"50 within {median:.3f} ms and 99 within {slow:.3f} ms, {one.hung} runs that hang"
    )
    lines = [whole]
    if batches := one.batches:
        lines.append(
            f"  batches: {batches.runs} runs of {batches.sizes.mean:.1f} rows on average, "
            f"{batches.padding_share:.1%} of them padding"
        )
    return lines
