"""The front end for JupyterLab, built for the tests where there is node."""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from labextension.hatch_build import is_current
from tests.server_process import ROOT

SOURCE: Final = ROOT / "labextension"
BUILT: Final = ROOT / "tfs_notebook" / "labextensions"
PACKAGE: Final = BUILT / "tfs-notebook"
WEB_PAGE: Final = ROOT / "tfs_notebook" / "web_page"

_SECONDS: Final = 240
# How packages.sh ends then.
_CANNOT_BE_HAD: Final = 3


def node_environment() -> dict[str, str]:
    """The environment in which node and jlpm are found; the test is skipped without them."""
    binaries = str(Path(sys.executable).parent)
    path = os.pathsep.join((binaries, os.environ.get("PATH", "")))
    for program in ("node", "jlpm"):
        if shutil.which(program, path=path) is None:
            pytest.skip(f"no {program}: the front end for JupyterLab cannot be built or tested")
    return os.environ | {"PATH": path}


def run_script(*arguments: str) -> None:
    """Run ``jlpm`` with these arguments beside the sources; it has to end well."""
    environment = node_environment()
    jlpm = shutil.which("jlpm", path=environment["PATH"])
    assert jlpm is not None
    done = subprocess.run(
        [jlpm, *arguments],
        cwd=SOURCE,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"jlpm {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"


def with_packages() -> None:
    """See that what the sources need is there; the test is skipped where it cannot be had."""
    environment = node_environment()
    if not _have_packages(environment["PATH"]):
        pytest.skip("the npm registry does not answer: no packages to test the front end with")


@functools.cache
def _have_packages(path: str) -> bool:
    with _locked():
        done = subprocess.run(
            ["sh", SOURCE / "packages.sh"],
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode in (0, _CANNOT_BE_HAD), done.stdout + done.stderr
        if done.returncode == 0:
            run_script("generate")
    return done.returncode == 0


def built_front_end() -> Path:
    """The directory of lab extensions with the front end of these sources in it.

    The web page of the standalone server is built with it, to :data:`WEB_PAGE`.
    """
    if not is_current():
        with_packages()
        with _locked():
            if not is_current():
                run_script("build:prod")
    return BUILT


@contextmanager
def _locked() -> Iterator[None]:
    # Several test processes may want it at once.
    with (SOURCE / ".build-lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
