"""A model that ends the process whenever it is loaded: quarantined, and nobody else suffers."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process
from tests.polling import poll_until

# As a defect in native code would: no exception, no exit handler.
PLUGIN = """
import os
from tfs_notebook.lifecycle import Platform, SimpleLoader

class Crashing(Platform):
    def make_loader(self, id_, path):
        return SimpleLoader(os.abort, origin=path)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A directory with a platform whose models crash, as pip would have installed it."""
    site = tmp_path / "site"
    info = site / "crashing-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "crashing.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: crashing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[tfs_notebook.platforms]\ncrashing = crashing:Crashing\n"
    )
    return site


def state_of(jupyter: JupyterProcess, name: str) -> tuple[str, str]:
    index = jupyter.http.post("tfs/v2/repository/index", json={})
    if index.status_code != httpx.codes.OK:
        return "", ""
    found = [entry for entry in index.json() if entry["name"] == name]
    return (found[0]["state"], found[0]["reason"]) if found else ("", "")


def test_it_is_given_up_after_the_second_crash(
    models: Path, package: Path, tmp_path: Path
) -> None:
    base = tmp_path / "bad"
    (base / "1").mkdir(parents=True)
    served = f"--TfsNotebookApp.models={ {'half': str(models / 'half_plus_two')} }"
    with jupyter_process(tmp_path, served, packages=[package]) as jupyter:
        jupyter.wait_for_state("ready")
        parameters = {"base_path": str(base), "platform": "crashing", "labels": {}}
        answer = jupyter.http.post(
            "tfs/v2/repository/models/bad/load", json={"parameters": parameters}
        )
        assert answer.status_code in (502, 503), answer.text
        poll_until(
            lambda: (
                "while it was loaded" in state_of(jupyter, "bad")[1]
                and state_of(jupyter, "bad")[0] == "UNAVAILABLE"
            ),
            "the version is in quarantine",
            seconds=60,
            details=lambda: f"{state_of(jupyter, 'bad')}\n{jupyter.details()}",
        )
        status = jupyter.wait_for_state("ready")
        assert status["restarts"] >= 1
        restarts = status["restarts"]
        assert jupyter.predict(1.0) == [2.5]
        # It stays so: no loop.
        pid = status["pid"]
        assert jupyter.predict(1.0) == [2.5]
        again = jupyter.status()
        assert (again["pid"], again["restarts"]) == (pid, restarts)
