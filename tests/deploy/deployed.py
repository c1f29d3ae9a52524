"""The files below ``deploy/``, read as those that use them read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from tests.server_process import ROOT

DEPLOY: Final = ROOT / "deploy"
DOCKER: Final = DEPLOY / "docker"
KUBERNETES: Final = DEPLOY / "kubernetes"

# What Kubernetes and Compose write as numbers and units, as far as it is used here.
_SECONDS: Final = re.compile(r"(\d+)s")


def instructions(path: Path = DOCKER / "Dockerfile") -> list[tuple[str, str]]:
    """The instructions of a Dockerfile with what they say, in order, each on one line."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(name, text) for name, text in found]


def stage(name: str) -> list[tuple[str, str]]:
    """The instructions of the stage with a name."""
    every = instructions()
    begin = next(n for n, (_, text) in enumerate(every) if text.endswith(f" AS {name}"))
    lengths = (n for n, (word, _) in enumerate(every[begin + 1 :], 1) if word == "FROM")
    return every[begin : begin + next(lengths, len(every))]


def last_stage() -> list[tuple[str, str]]:
    """The instructions of the stage that becomes the image."""
    every = instructions()
    begin = max(n for n, (name, _) in enumerate(every) if name == "FROM")
    return every[begin:]


def said(name: str) -> str:
    """What the only instruction of this name in the last stage says."""
    (text,) = [text for instruction, text in last_stage() if instruction == name]
    return text


def manifest(kind: str) -> Any:
    """The Kubernetes manifest of this kind."""
    (found,) = [document for document in manifests().values() if document["kind"] == kind]
    return found


def manifests() -> dict[str, Any]:
    """The manifests by file name, without the kustomization."""
    return {
        path.name: yaml.safe_load(path.read_text())
        for path in sorted(KUBERNETES.glob("*.yaml"))
        if path.name != "kustomization.yaml"
    }


def container() -> Any:
    """The container of the Kubernetes deployment."""
    (only,) = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    return only


def compose() -> Any:
    """The Compose file."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def seconds(text: str) -> int:
    """A duration such as ``30s``."""
    match = _SECONDS.fullmatch(text)
    assert match, text
    return int(match[1])
