"""What the tests of the Jupyter extension share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process


@pytest.fixture(scope="session", params=["child", "thread"])
def jupyter(
    request: pytest.FixtureRequest, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JupyterProcess]:
    """A Jupyter server whose model server serves ``half`` and ``slow``, either way.

    It has a page of metrics. Tests leave it as they find it.
    """
    served = {"half": str(models / "half_plus_two"), "slow": str(models / "slow")}
    directory = tmp_path_factory.mktemp("jupyter")
    monitoring = directory / "monitoring.config"
    monitoring.write_text("prometheus_config { enable: true }")
    with jupyter_process(
        directory,
        f"--TfsNotebookApp.models={served}",
        f"--TfsNotebookApp.server_flags={{'monitoring_config_file': '{monitoring}'}}",
        f"--TfsNotebookApp.in_process={request.param == 'thread'}",
    ) as process:
        process.wait_for_state("ready")
        yield process
