"""What the autoscaler goes by is what the server tells."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import yaml

from tests.cli.standalone import Start
from tests.deploy.deployed import DEPLOY, container, manifest
from tests.server_process import config_text


def rule() -> dict[str, object]:
    """The adapter's rule that the documentation gives."""
    (text,) = re.findall(r"```yaml\n(.*?)```", (DEPLOY / "README.md").read_text(), re.DOTALL)
    (found,) = yaml.safe_load(text)["rules"]
    assert isinstance(found, dict)
    return found


def series() -> str:
    (name,) = re.findall(r'__name__="([^"]+)"', str(rule()["seriesQuery"]))
    return str(name)


def test_the_adapters_name_is_the_autoscalers() -> None:
    (metric,) = [
        metric["pods"]["metric"]["name"]
        for metric in manifest("HorizontalPodAutoscaler")["spec"]["metrics"]
        if metric["type"] == "Pods"
    ]
    assert rule()["name"] == {"as": metric}
    assert metric == series().strip(":").replace(":", "_")


def test_the_server_tells_it_where_prometheus_looks(
    start_server: Start, models: Path, tmp_path: Path
) -> None:
    for name, text in manifest("ConfigMap")["data"].items():
        (tmp_path / name).write_text(text)
    config = config_text({"half_plus_two": models / "half_plus_two"})
    (tmp_path / "models.config").write_text(config)
    arguments = [
        re.sub(r"=/etc/[^/]+", f"={tmp_path}", argument) for argument in container()["args"]
    ]
    server = start_server(*arguments)
    pod = manifest("Deployment")["spec"]["template"]["metadata"]
    path = pod["annotations"]["prometheus.io/path"]
    answer = httpx.post(
        f"{server.url}/v1/models/half_plus_two:predict", content=b'{"instances": [1.0]}'
    )
    assert answer.status_code == 200
    page = httpx.get(f"{server.url}{path}").raise_for_status().text
    assert f"# TYPE {series()} gauge" in page
    assert re.search(rf'^{series()}{{[^}}]*model_name="half_plus_two".* \d', page, re.MULTILINE)
