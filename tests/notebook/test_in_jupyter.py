"""The first five cells in a kernel of a real Jupyter server, and its relay as an address."""

from __future__ import annotations

from pathlib import Path

import pytest

import tfs_notebook
from tests.jupyter.jupyter_process import TOKEN, jupyter_process
from tests.notebook.five_cells import five_cells
from tests.notebook.kernel import Cells
from tests.polling import poll_until
from tfs_notebook.client.observing import observe

pytestmark = pytest.mark.timeout(180)


@pytest.mark.parametrize("in_process", [False, pytest.param(True, marks=pytest.mark.long)])
def test_in_a_jupyter_server(tmp_path: Path, half_plus_two: Path, in_process: bool) -> None:
    with jupyter_process(tmp_path, f"--TfsNotebookApp.in_process={in_process}") as jupyter:
        # At once: the kernel has to wait for the model server.
        poll_until(jupyter.status, "Jupyter answers")
        kernel = jupyter.http.post("api/kernels", json={}).raise_for_status().json()["id"]
        file = jupyter.runtime / f"kernel-{kernel}.json"
        poll_until(file.exists, "the kernel has a connection file")
        cells = Cells.of(file)
        title = five_cells(cells, half_plus_two.parent)
        assert title == f"Jupyter's model server (process {jupyter.connection()['server_pid']})"

        cells.ok(f"%tfs serve {half_plus_two.parent} --name half")
        log = cells.ok("%tfs logs -n 500")
        assert log.startswith(title)
        assert "half" in log
        with tfs_notebook.connect(
            str(jupyter.http.base_url.join("tfs/")), token=TOKEN
        ) as client:
            assert client["half"].predict([1.0]).tolist() == [2.5]  # type: ignore[union-attr]
            assert client.models() == ["half"]
            control = client.control()
            control.set_recording("half", 1)
            control.pin("half", timeout=60)
            client["half"].predict([1.0])
            seen = observe(client)
            assert (seen.kind, dict(seen.untold)) == ("tfs_notebook", {})
            [half] = seen.models
            assert half.pin is not None
            assert half.recording is not None
            assert half.recording.sampling_rate == 1
            directory = control.recording("half")["directory"]
            assert Path(directory).parent == Path(jupyter.connection()["rest_socket"]).parent
            control.unpin("half", timeout=60)
            control.close()
        cells.close()
        jupyter.http.delete(f"api/kernels/{kernel}").raise_for_status()
        assert jupyter.predict(1.0) == [2.5]
