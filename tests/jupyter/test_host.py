"""The supervision itself, with runs that a test makes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tfs_notebook.jupyter.host import Host, Status
from tfs_notebook.jupyter.log_lines import LogLines
from tfs_notebook.jupyter.supervision import RestartPolicy
from tfs_notebook.jupyter.upstream import Upstream


class Unstartable:
    """A run with an argument that no process can be given."""

    pid = None

    async def start(self) -> None:
        raise ValueError("embedded null byte")

    async def ended(self) -> str:
        raise AssertionError

    async def stop(self, grace: float) -> None:
        """Nothing has begun."""


def test_whatever_keeps_it_from_starting_is_told_and_ends_in_quarantine(
    tmp_path: Path,
) -> None:
    told: list[Status] = []
    quarantined = asyncio.Event()

    async def listen(status: Status) -> None:
        told.append(status)
        if status.state == "quarantined":
            quarantined.set()

    async def supervise() -> None:
        host = Host(
            Unstartable,
            Upstream(str(tmp_path / "rest.sock"), 1),
            policy=RestartPolicy(max_crashes=2, first_wait=0.0),
            listener=listen,
            lines=LogLines(),
            grace=0.0,
            start_timeout=30.0,
        )
        host.start()
        await asyncio.wait_for(quarantined.wait(), 30)
        await host.stop()

    asyncio.run(supervise())
    assert "cannot be started: embedded null byte" in told[-2].reason
    assert told[-1].state == "stopped"
