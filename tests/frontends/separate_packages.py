"""Packages of clients that cannot be in one environment with what the tests need."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["output_of_client", "separate_packages"]


def _installer(target: Path, requirements: Path) -> list[str]:
    """What installs packages into a directory, in an environment made by uv or by venv."""
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--python", sys.executable]
    else:
        pytest.skip("pip or uv is needed to install what the client needs")
    return [*command, "--only-binary=:all:", "--target", str(target), "-r", str(requirements)]


def separate_packages(config: pytest.Config, name: str, requirements: Path) -> Path:
    """A directory with some packages, installed once and kept in pytest's cache.

    The test is skipped where they cannot be installed.
    """
    assert config.cache is not None
    directory: Path = config.cache.mkdir(name)
    version = "{}.{}".format(*sys.version_info)
    installed = directory / f"installed-{version}"
    target = directory / f"packages-{version}"
    wanted = requirements.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        shutil.rmtree(target, ignore_errors=True)
        done = subprocess.run(
            _installer(target, requirements),
            capture_output=True, text=True, timeout=280, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"{name} cannot be installed: {done.stderr[-500:]}")
        installed.write_text(wanted)
    return target


def output_of_client(packages: Path, *arguments: str) -> str:
    """What a client's script writes, which sees these packages and none of ours."""
    done = subprocess.run(
        [sys.executable, "-S", *arguments],
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
