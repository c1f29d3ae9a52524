"""The manifests: valid by the schemas, and of one mind with the image and the server."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any, Final

import httpx
import kubernetes_validate
import pytest
import yaml

from tests.cli.standalone import Start
from tests.deploy.deployed import (
    DEPLOY,
    DOCKER,
    KUBERNETES,
    compose,
    container,
    manifest,
    manifests,
    said,
    seconds,
)
from tests.server_process import config_text
from tfs_notebook._version import __version__
from tfs_notebook.cli.flags import help_text, parse_flags
from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.batching_files import server_parameters
from tfs_notebook.serving.model_config import configured_models

VERSIONS: Final = ("1.27", kubernetes_validate.latest_version())
PROBES: Final = ("startupProbe", "livenessProbe", "readinessProbe")
# After the doors are shut and the requests answered: unloading, and leaving hung runs.
_ENDING_SECONDS: Final = 5


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", manifests())
def test_kubernetes_takes_them(name: str, version: str) -> None:
    kubernetes_validate.validate(manifests()[name], version, strict=True)


def test_kubernetes_would_not_take_a_slip() -> None:
    slip = manifest("Service")
    slip["spec"]["selectors"] = slip["spec"].pop("selector")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(slip, VERSIONS[-1], strict=True)


def test_the_kustomization_has_them_all() -> None:
    kustomization = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    assert sorted(kustomization["resources"]) == sorted(manifests())
    (image,) = kustomization["images"]
    assert (image["name"], image["newTag"]) == (container()["image"], __version__)


def test_all_mean_the_same_pods() -> None:
    spec = manifest("Deployment")["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"] == labels
    assert manifest("Service")["spec"]["selector"] == labels
    assert manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    (spread,) = spec["template"]["spec"]["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"] == labels
    target = manifest("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert target["name"] == manifest("Deployment")["metadata"]["name"]


def test_the_ports_are_those_of_the_image() -> None:
    ports = {port["name"]: port["containerPort"] for port in container()["ports"]}
    assert sorted(map(str, ports.values())) == said("EXPOSE").split()
    for port in manifest("Service")["spec"]["ports"]:
        assert ports[port["targetPort"]] == port["port"]
    for probe in PROBES:
        assert ports[container()[probe]["httpGet"]["port"]] == 8501
    published = [text.split(":")[-2:] for text in compose_server()["ports"]]
    assert sorted(published) == [[port, port] for port in said("EXPOSE").split()]


@pytest.mark.parametrize("probe", PROBES)
def test_the_server_answers_the_probes(http: httpx.Client, probe: str) -> None:
    assert http.get(container()[probe]["httpGet"]["path"]).status_code == 200


def test_the_start_has_the_time_it_may_take() -> None:
    probe = container()["startupProbe"]
    longest = ServerConfig().start_timeout_seconds
    assert probe["periodSeconds"] * probe["failureThreshold"] > longest
    assert seconds(compose_server()["healthcheck"]["start_period"]) > longest


def test_the_end_has_the_time_it_may_take() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    command, pause = container()["lifecycle"]["preStop"]["exec"]["command"]
    assert command == "sleep"
    grace = parse_flags(container()["args"]).config.shutdown_grace_seconds
    needed = int(pause) + grace + _ENDING_SECONDS
    assert pod["terminationGracePeriodSeconds"] >= needed
    grace = parse_flags(compose_server()["command"]).config.shutdown_grace_seconds
    assert seconds(compose_server()["stop_grace_period"]) >= grace + _ENDING_SECONDS


def test_the_user_is_that_of_the_image() -> None:
    context = manifest("Deployment")["spec"]["template"]["spec"]["securityContext"]
    assert f"{context['runAsUser']}:{context['runAsGroup']}" == said("USER")


def test_what_is_mounted_is_there() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    mounts = {mount["name"] for mount in container()["volumeMounts"]}
    assert mounts == {volume["name"] for volume in pod["volumes"]}
    (config,) = [volume["configMap"] for volume in pod["volumes"] if "configMap" in volume]
    assert config["name"] == manifest("ConfigMap")["metadata"]["name"]


def config_folder(arguments: list[str], folder: Path) -> list[str]:
    """The arguments with the config map's mount point in this folder; its files are there."""
    (mount,) = [
        mount["mountPath"] for mount in container()["volumeMounts"] if mount["name"] == "config"
    ]
    for name, text in manifest("ConfigMap")["data"].items():
        (folder / name).write_text(text)
    moved = [argument.replace(mount, str(folder)) for argument in arguments]
    assert all(Path(path).is_file() for path in re.findall(rf"{folder}[^ ]+", " ".join(moved)))
    return moved


def test_the_config_maps_files_can_be_used(tmp_path: Path) -> None:
    config = parse_flags(config_folder(container()["args"], tmp_path)).config
    (models,) = [
        mount["mountPath"] for mount in container()["volumeMounts"] if mount["name"] == "models"
    ]
    assert f"MODEL_BASE_PATH={models}" in said("ENV").split()
    assert [
        model for model in configured_models(config) if model.base_path.startswith(f"{models}/")
    ]
    assert server_parameters(config).max_batch_size > 1


def test_the_server_starts_with_the_deployments_arguments(
    start_server: Start, models: Path, tmp_path: Path
) -> None:
    """And follows a change of the config map, whose files are links that kubelet swaps."""
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    arguments = config_folder(container()["args"], mounted)
    for number, names in enumerate([["half_plus_two"], ["half_plus_two", "half_plus_three"]]):
        revision = mounted / f"..{number}"
        revision.mkdir()
        text = config_text({name: models / name for name in names})
        (revision / "models.config").write_text(text)
    (mounted / "..data").symlink_to("..0")
    (mounted / "models.config").unlink()
    (mounted / "models.config").symlink_to("..data/models.config")

    server = start_server(*arguments, "--model_config_file_poll_wait_seconds=1")
    server.wait_for_model("half_plus_two", 1)
    assert server.states("half_plus_three") == {}
    (mounted / "..data_tmp").symlink_to("..1")
    (mounted / "..data_tmp").rename(mounted / "..data")
    server.wait_for_model("half_plus_three", 1)


def compose_server() -> Any:
    return compose()["services"]["model-server"]


def test_compose_takes_its_file() -> None:
    compose_spec = pytest.importorskip("compose_spec")
    text = (DEPLOY / "compose.yaml").read_text()
    assert compose_spec.PyCompose.from_yaml(text).service_names()
    with pytest.raises(ValueError, match="extension key"):
        compose_spec.PyCompose.from_yaml(text.replace("read_only", "readonly"))


def test_the_compose_file_fits_the_image() -> None:
    server, demo = compose_server(), compose()["services"]["demo-model"]
    root = DEPLOY / demo["build"]["context"]
    assert (root / demo["build"]["dockerfile"]).samefile(DOCKER / "Dockerfile")
    assert server["image"] == demo["image"] == f"tfs-notebook:{__version__}"
    assert (DOCKER / Path(server["healthcheck"]["test"][1]).name).is_file()
    assert importlib.util.find_spec(demo["entrypoint"][-1])
    assert demo["command"] == [f"/models/{server['environment']['MODEL_NAME']}"]
    assert (
        f"COPY --from=environment {Path(demo['entrypoint'][0]).parents[1]} "
        in (DOCKER / "Dockerfile").read_text()
    )


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.*")), ids=lambda path: path.name)
def test_flags_that_are_named_exist(path: Path) -> None:
    # Ours have underscores, those of other commands have not.
    known = set(re.findall(r"--\w+", help_text()))
    assert set(re.findall(r"--[a-z0-9]+(?:_[a-z0-9]+)+", path.read_text())) <= known
