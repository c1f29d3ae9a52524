"""What is left of a dashboard when its kernel restarts, and when its server goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.client.tensorflow_serving import tensorflow_serving
from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process, runs
from tests.notebook.dashboard.front_end import FrontEnd
from tests.notebook.kernel import Cells, Kernel
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.client import Client

pytestmark = pytest.mark.timeout(240)

OPEN = "import threading, tfs_notebook\nd = tfs_notebook.dashboard(language='en'{})\nd"


@pytest.fixture
def server(
    start_server: Callable[..., ServerProcess], half_plus_two: Path, tmp_path: Path
) -> ServerProcess:
    """One with a page of metrics."""
    (tmp_path / "monitoring").write_text("prometheus_config { enable: true }")
    return start_server(
        f"--model_base_path={half_plus_two.parent}",
        "--model_name=half",
        f"--monitoring_config_file={tmp_path / 'monitoring'}",
    )


def connections(process: psutil.Process, port: int) -> int:
    """How many a process has to a port of this machine."""
    return sum(
        bool(one.raddr) and one.raddr.port == port for one in process.net_connections("tcp")
    )


def test_a_kernel_that_restarts_leaves_nothing_of_it(
    kernel: Kernel, server: ServerProcess, places: Path
) -> None:
    kernel.run(OPEN.format(f", server={server.url!r}"))
    front_end = FrontEnd(kernel)
    front_end.views(1)
    front_end.wait_for("_header", "answers")
    before = kernel.process
    assert connections(before, server.rest_port) > 0
    mark = places / "asked nicely"
    kernel.ok(f"import atexit, pathlib; atexit.register(pathlib.Path({str(mark)!r}).touch)")
    kernel.restart()
    # Else it did not end by itself, and was killed after some seconds.
    assert mark.exists()
    assert not before.is_running()
    threads = "import threading; [t.name for t in threading.enumerate() if 'tfs' in t.name]"
    assert kernel.ok(threads) == "[]"
    own = psutil.Process(server.process.pid)
    poll_until(
        lambda: all(one.status != "ESTABLISHED" for one in own.net_connections("tcp")),
        "the server has no connection",
    )
    kernel.run(OPEN.format(f", server={server.url!r}"))
    front_end.views(1)
    front_end.wait_for("_header", "answers")


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[JupyterProcess]:
    with jupyter_process(tmp_path) as jupyter:
        jupyter.wait_for_state("ready")
        yield jupyter


def test_jupyters_model_server_is_found_again_by_itself(
    jupyter: JupyterProcess, half_plus_two: Path
) -> None:
    kernel = jupyter.http.post("api/kernels", json={}).raise_for_status().json()["id"]
    file = jupyter.runtime / f"kernel-{kernel}.json"
    poll_until(file.exists, "the kernel has a connection file")
    cells = Cells.of(file)
    cells.ok(f"%load_ext tfs_notebook\n%tfs serve {half_plus_two.parent} --name half")
    assert cells.run(OPEN.format("")).status == "ok"
    front_end = FrontEnd(cells)
    front_end.views(1)
    front_end.wait_for("_table._numbers", ">half<")
    first = psutil.Process(jupyter.connection()["server_pid"])
    first.kill()
    # Its last values stay meanwhile, and say since when they are.
    told = front_end.wait_for("_banner", "does not answer since")
    assert "these are its last values" in told
    assert "half" in front_end.value("_table._numbers")
    front_end.wait_for("_banner", "does not answer", gone=True)
    front_end.wait_for("_table._numbers", ">half<")
    second = jupyter.connection()["server_pid"]
    assert second != first.pid
    assert not runs(first)
    front_end.wait_for("_header", str(second))
    cells.close()
    jupyter.http.delete(f"api/kernels/{kernel}").raise_for_status()


def test_a_tensorflow_serving_with_a_page_of_metrics(
    kernel: Kernel, server: ServerProcess
) -> None:
    with (
        tensorflow_serving(server) as (address, _),
        Client(server.grpc_address) as asks,
    ):
        kernel.run(OPEN.format(f", server={address!r}, models=['half'], interval=0.1"))
        front_end = FrontEnd(kernel)
        front_end.views(1)
        front_end.wait_for("_banner", "neither of its process")
        assert front_end.told("d._chooser._models.value") == "half"

        def asked() -> bool:
            asks["half"].predict([1.0, 2.0])
            recent = "[r.requests_per_second for r in d._watch.history.recent().values()]"
            return any(front_end.told(recent))

        poll_until(asked, "requests are counted")
        rates = "float(d._watch.history.series('half').requests_per_second[-1])"
        assert front_end.told(rates) > 0
        # What it does not tell is a dash, not a nought.
        rows = (
            "[row.numbers for row in rows_of(now, d._watch.history.recent(), now.models, str)]"
        )
        kernel.ok(
            "from tfs_notebook.notebook.dashboard.rows import rows_of\n"
            "now = d._watch.history.latest"
        )
        [numbers] = front_end.told(rows)
        queued, memory = numbers[5], numbers[9]
        assert (queued, memory) == ("–", "–")
        assert "memory" not in front_end.value("_header")
        kernel.ok("d.close()")
