"""Scripts, plain IPython, and what an import costs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import tfs_notebook
from tests.notebook.kernel import environment_in
from tests.python_process import output_of, run_python
from tests.server_process import ServerProcess
from tfs_notebook.jupyter.socket_directory import SocketDirectory
from tfs_notebook.wire.errors import Unavailable

HALF = 'print(tfs_notebook.connect()["half"].predict([1.0]).tolist())'


@pytest.fixture
def environment(places: Path) -> dict[str, str]:
    return environment_in(places, {"JPY_PARENT_PID": ""})


def test_plain_ipython(environment: dict[str, str], half_plus_two: Path, places: Path) -> None:
    cells = "\n".join(
        (
            "%load_ext tfs_notebook",
            f"%tfs serve {half_plus_two.parent} --name half",
            f"import tfs_notebook; {HALF}",
            "%tfs serve /nowhere",
        )
    )
    done = run_python("-m", "IPython", "--no-banner", "-c", cells, environment=environment)
    assert "[2.5]" in done.stdout, done.stderr
    assert "UsageError: there is no /nowhere" in done.stderr
    assert not list((places / "t").glob("tfs-*"))


def test_a_script_with_a_server_of_its_own(
    environment: dict[str, str], half_plus_two: Path, places: Path
) -> None:
    code = f"import tfs_notebook; tfs_notebook.serve({str(half_plus_two)!r}, 'half'); {HALF}"
    done = run_python("-c", code, environment=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[2.5]\n", "")
    assert not list((places / "t").glob("tfs-*"))


def test_a_script_finds_jupyters_server(
    jupyters: ServerProcess, environment: dict[str, str], half_plus_two: Path
) -> None:
    code = (
        "import os, tfs_notebook; os.environ['JPY_PARENT_PID'] = os.environ['PARENT']; "
        f"tfs_notebook.serve({str(half_plus_two)!r}, 'half')"
    )
    output_of("-c", code, environment=environment | {"PARENT": str(os.getpid())})
    assert output_of("-c", f"import tfs_notebook; {HALF}", environment=environment) == "[2.5]\n"
    # A kernel that something else has started does not take what is not its own.
    done = run_python(
        "-c", f"import tfs_notebook; {HALF}", environment=environment | {"JPY_PARENT_PID": "1"}
    )
    assert "FailedPrecondition: there is no model server here yet" in done.stderr


def test_what_the_package_offers() -> None:
    for name in tfs_notebook.__all__:
        assert name in dir(tfs_notebook)
        assert getattr(tfs_notebook, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        tfs_notebook.nothing  # noqa: B018


def test_connect_with_a_token_needs_an_address() -> None:
    with pytest.raises(Exception, match="a token is for an address"):
        tfs_notebook.connect(token="secret")
    client = tfs_notebook.connect("http://localhost:1/tfs/", token="secret")
    assert "secret" not in repr(client)
    client.close()


def test_no_place_for_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    module = sys.modules[SocketDirectory.__module__]
    monkeypatch.setattr(module, "places", lambda: [deep])
    with pytest.raises(Unavailable, match="TMPDIR to a short path"):
        SocketDirectory()
    assert not list(deep.iterdir())
