"""The Dockerfile: linted, and of one mind with the project it is built from."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.deploy.deployed import DOCKER, instructions, last_stage, said, seconds, stage
from tests.server_process import ROOT
from tfs_notebook.config import ServerConfig

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def hadolint(dockerfile: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("hadolint")
    return subprocess.run(
        [program, "--no-color", "-"],
        input=dockerfile,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_linter_finds_nothing() -> None:
    done = hadolint((DOCKER / "Dockerfile").read_text())
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linter_looks() -> None:
    assert "DL3007" in hadolint("FROM python:latest\n").stdout


def test_all_stages_have_one_base_that_is_pinned() -> None:
    stages = [text.split(" AS ") for name, text in instructions() if name == "FROM"]
    base, *others = [stage[0] for stage in stages]
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", base)
    assert set(others) <= {stage[1] for stage in stages if len(stage) > 1}


def test_its_python_is_one_of_ours() -> None:
    (version,) = {
        *re.findall(r"python:(3\.\d+)-slim", said_of("FROM")),
        *re.findall(r"lib/python(3\.\d+)/", said_of("RUN")),
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def said_of(instruction: str) -> str:
    return "\n".join(text for name, text in instructions() if name == instruction)


def test_it_runs_as_a_user_that_is_not_root() -> None:
    user, _, group = said("USER").partition(":")
    assert int(user) > 0
    assert int(group) > 0
    # Nothing after it is root's again.
    assert [name for name, _ in last_stage()].index("USER") > max(
        n for n, (name, _) in enumerate(last_stage()) if name in ("RUN", "COPY")
    )


def test_variables_and_ports_are_those_of_tensorflow_serving() -> None:
    assert said("ENV").split() == ["MODEL_BASE_PATH=/models", "MODEL_NAME=model"]
    assert said("EXPOSE").split() == ["8500", "8501"]
    assert json.loads(said("ENTRYPOINT")) == ["/usr/bin/tf_serving_entrypoint.sh"]


def test_neither_caches_nor_compilers_get_into_it() -> None:
    for text in (text for name, text in last_stage() if name == "RUN"):
        assert "apt-get" not in text
        assert "pip " not in text or "--no-cache-dir" in text


def test_the_health_check_asks_a_script_that_is_there() -> None:
    options, _, command = said("HEALTHCHECK").partition("CMD ")
    program, state = json.loads(command)
    assert (DOCKER / Path(program).name).is_file()
    assert state in ("live", "ready")
    start = re.search(r"--start-period=(\w+)", options)
    assert start is not None
    assert seconds(start[1]) > ServerConfig().start_timeout_seconds


def test_what_is_copied_exists_and_is_sent_to_the_engine() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    sent = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored
    for text in (text for name, text in instructions() if name == "COPY"):
        words = [word for word in text.split() if not word.startswith("--")]
        for source in words[:-1] if "--from=" not in text else ():
            assert (ROOT / source).exists(), source
            assert any(source == kept or fnmatch(source, f"{kept}/*") for kept in sent), source


def test_all_that_the_wheel_is_built_from_is_copied() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = build["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {
        "pyproject.toml",
        build["project"]["readme"],
        *build["project"]["license-files"],
        *wheel["packages"],
        *(source.split("/")[0] for source in wheel["shared-data"]),
    }
    assert needed <= set(said_of("COPY").split())


def test_its_wheel_is_built_of_what_is_copied_without_node(tmp_path: Path) -> None:
    source, environment = tmp_path / "source", {"PATH": "/nowhere"}
    source.mkdir()
    for name, text in stage("wheel"):
        if name == "COPY":
            *copied, target = text.split()
            there = source / target
            there.mkdir(exist_ok=True)
            # Of the context: what is built here is not sent to the engine.
            for path in (path for one in copied if (path := ROOT / one).is_file()):
                shutil.copy(path, there)
            for path in (path for one in copied if (path := ROOT / one).is_dir()):
                ignored = shutil.ignore_patterns("labextensions", "__pycache__")
                shutil.copytree(path, there, ignore=ignored, dirs_exist_ok=True)
        elif name == "ENV":
            environment |= dict(one.split("=") for one in text.split())
    assert (source / "tfs_notebook" / "_version.py").is_file()
    assert not (source / "labextension" / "src").exists()
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "tfs_notebook/serving/__init__.py" in names
    assert not [name for name in names if "labextensions" in name]


def test_tensorflow_is_the_one_the_project_asks_for() -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "dependencies"
    ]
    (wanted,) = [text for text in dependencies if text.startswith("tensorflow")]
    lines = (DOCKER / "tensorflow.txt").read_text().splitlines()
    installed = [line.split(" ;")[0] for line in lines if not line.startswith("#")]
    assert installed == [wanted.replace("tensorflow", "tensorflow-cpu"), wanted]


@pytest.mark.parametrize("path", sorted(DOCKER.glob("t*_*")), ids=lambda path: path.name)
def test_scripts_can_be_executed_and_are_installed(path: Path) -> None:
    if path.suffix != ".txt":
        assert path.stat().st_mode & 0o111 == 0o111
        assert path.read_text().startswith("#!")
        assert str(path.relative_to(ROOT)) in said_of("COPY")
