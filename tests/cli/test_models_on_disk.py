"""Version directories that come, go and are broken, while other models serve on."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.cli.standalone import Start
from tests.half_plus_two import BODY
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

TWO: Final = {"predictions": [2.5]}
THREE: Final = {"predictions": [3.5]}

# Each has a base path of its own, which a test fills and spoils.
CASES: Final = (
    "later", "update", "fall_back", "noise", "half_copied", "empty", "vanishing", "erased",
    "two_names", "bare", "odd_names", "a_file", "unreadable", "loop", "many", "replaced",
)  # fmt: skip


class Site:
    """One server; a base path for each case, and a model that has to serve throughout."""

    def __init__(self, server: ServerProcess, root: Path, models: Path) -> None:
        self.server = server
        self.root = root
        self.two = models / "half_plus_two" / "1"
        self.three = models / "half_plus_three" / "1"

    def base(self, case: str) -> Path:
        return self.root / case

    def put(self, source: Path, case: str, name: str) -> Path:
        """Make a version appear at once, as ``mv`` does."""
        staging = self.root / "staging" / f"{case}-{name}"
        shutil.copytree(source, staging)
        target = self.base(case) / name
        target.parent.mkdir(exist_ok=True)
        return staging.rename(target)

    def ask(self, case: str, version: int | None = None) -> httpx.Response:
        suffix = "" if version is None else f"/versions/{version}"
        url = f"{self.server.url}/v1/models/{case}{suffix}:predict"
        return httpx.post(url, content=BODY, timeout=30)

    def wait_for(self, case: str, version: int, state: str = "AVAILABLE") -> None:
        poll_until(
            lambda: self.server.states(case).get(version) == state,
            f"version {version} of {case} is {state}",
            details=lambda: f"{self.server.states(case)}\n{self.server.log[-4000:]}",
        )

    def error_of(self, case: str, version: int) -> str:
        url = f"{self.server.url}/v1/models/{case}/versions/{version}"
        [status] = httpx.get(url).raise_for_status().json()["model_version_status"]
        text: str = status["status"]["error_message"]
        return text


@pytest.fixture(scope="module")
def site(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with _served(tmp_path_factory.mktemp("site"), models, retries=3) as site:
        yield site


@pytest.fixture
def patient_site(models: Path, tmp_path: Path) -> Iterator[Site]:
    """One that does not give up before a test on a busy machine has gone on."""
    with _served(tmp_path, models, retries=1000) as site:
        yield site


@contextmanager
def _served(root: Path, models: Path, retries: int) -> Iterator[Site]:
    (root / "staging").mkdir()
    config = root / "models.config"
    bases = {case: root / case for case in CASES}
    config.write_text(config_text({"steady": models / "half_plus_two", **bases}))
    flags = [
        f"--model_config_file={config}",
        "--file_system_poll_wait_seconds=1",
        f"--max_num_load_retries={retries}",
        "--load_retry_interval_micros=200000",
        "--num_load_threads=4",
    ]
    directory = root / "server"
    directory.mkdir()
    with ServerProcess(directory, flags) as server:
        yield Site(server, root, models)


@contextmanager
def asked_all_the_time(site: Site, *cases: str) -> Iterator[list[httpx.Response]]:
    """Ask these models again and again; none of the requests may fail."""
    responses: list[httpx.Response] = []
    failures: list[str] = []
    stop = threading.Event()

    def ask(case: str) -> None:
        with httpx.Client(base_url=site.server.url, timeout=30) as client:
            # With so long a pause in between that whoever loads is not kept from it.
            while not stop.wait(0.005):
                try:
                    response = client.post(f"/v1/models/{case}:predict", content=BODY)
                except httpx.TransportError as error:
                    failures.append(repr(error))
                    continue
                if response.status_code != 200:
                    failures.append(response.text)
                elif case != "steady":
                    responses.append(response)

    threads = [threading.Thread(target=ask, args=(case,)) for case in ("steady", *cases)]
    for thread in threads:
        thread.start()
    try:
        yield responses
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures, failures[:5]


def test_the_first_export_may_come_later(site: Site) -> None:
    assert site.ask("later").status_code == 404
    assert site.server.states("later") == {}
    with asked_all_the_time(site):
        site.put(site.two, "later", "7")
        site.wait_for("later", 7)
    assert site.ask("later").json() == TWO
    assert site.ask("later", 7).json() == TWO


def test_a_new_version_takes_over_without_a_failed_request(site: Site) -> None:
    site.put(site.two, "update", "1")
    site.wait_for("update", 1)
    with asked_all_the_time(site, "update") as responses:
        site.put(site.three, "update", "2")
        site.wait_for("update", 2)
        site.wait_for("update", 1, "END")
        seen = len(responses)
        poll_until(lambda: len(responses) > seen + 10, "some more requests were answered")
    answers = [response.json() for response in responses]
    swap = answers.index(THREE)
    assert answers == [TWO] * swap + [THREE] * (len(answers) - swap)
    assert site.ask("update", 1).status_code == 404


def test_removing_the_newest_version_falls_back(site: Site) -> None:
    site.put(site.two, "fall_back", "1")
    site.put(site.three, "fall_back", "2")
    site.wait_for("fall_back", 2)
    assert site.ask("fall_back").json() == THREE
    with asked_all_the_time(site, "fall_back") as responses:
        (site.base("fall_back") / "2").rename(site.root / "staging" / "gone")
        site.wait_for("fall_back", 1)
        site.wait_for("fall_back", 2, "END")
    assert site.ask("fall_back").json() == TWO
    assert all(response.json() in (TWO, THREE) for response in responses)


def test_a_broken_version_leaves_the_old_one_serving(site: Site) -> None:
    site.put(site.two, "noise", "1")
    site.wait_for("noise", 1)
    with asked_all_the_time(site, "noise") as responses:
        broken = site.put(site.three, "noise", "2")
        (broken / "saved_model.pb").write_bytes(b"\xff" * 100)
        # The poll may have seen it whole: then it is loaded, and right so.
        staging = site.root / "staging" / "noise-3"
        shutil.copytree(site.three, staging)
        (staging / "saved_model.pb").write_bytes(b"\xff" * 100)
        staging.rename(site.base("noise") / "3")
        site.wait_for("noise", 3, "END")
        assert site.error_of("noise", 3)
        serving = [
            v for v, state in site.server.states("noise").items() if state == "AVAILABLE"
        ]
        assert serving
        assert serving[0] < 3
    assert all(response.json() in (TWO, THREE) for response in responses)
    # A good one after it is taken as if nothing had been.
    site.put(site.three, "noise", "4")
    site.wait_for("noise", 4)
    assert site.ask("noise").json() == THREE


def test_a_half_copied_version_serves_once_it_is_whole(patient_site: Site) -> None:
    site = patient_site
    site.put(site.two, "half_copied", "1")
    site.wait_for("half_copied", 1)
    target = site.base("half_copied") / "2"
    with asked_all_the_time(site, "half_copied") as responses:
        target.mkdir()
        shutil.copy(site.three / "saved_model.pb", target)
        poll_until(lambda: 2 in site.server.states("half_copied"), "the new version is seen")
        (target / "variables").mkdir()
        data = site.three / "variables" / "variables.data-00000-of-00001"
        (target / "variables" / data.name).write_bytes(data.read_bytes())
        assert site.server.states("half_copied")[1] == "AVAILABLE"
        shutil.copy(site.three / "variables" / "variables.index", target / "variables")
        site.wait_for("half_copied", 2)
    assert site.ask("half_copied").json() == THREE
    assert all(response.json() in (TWO, THREE) for response in responses)


def test_an_empty_version_directory(site: Site) -> None:
    site.put(site.two, "empty", "1")
    site.wait_for("empty", 1)
    with asked_all_the_time(site, "empty"):
        (site.base("empty") / "2").mkdir()
        site.wait_for("empty", 2, "END")
    assert "Could not find SavedModel" in site.error_of("empty", 2)
    assert site.server.states("empty")[1] == "AVAILABLE"
    assert site.ask("empty").json() == TWO
    response = site.ask("empty", 2)
    assert response.status_code == 404


def test_a_base_path_that_vanishes_leaves_what_is_loaded(site: Site) -> None:
    site.put(site.two, "vanishing", "1")
    site.wait_for("vanishing", 1)
    with asked_all_the_time(site, "vanishing"):
        site.base("vanishing").rename(site.root / "staging" / "vanished")
        site.server.wait_for_log(f"Could not find base path {site.base('vanishing')}")
        assert site.server.states("vanishing") == {1: "AVAILABLE"}
        # And comes back with something newer.
        site.put(site.three, "vanishing", "2")
        site.wait_for("vanishing", 2)
    assert site.ask("vanishing").json() == THREE


def test_files_of_a_loaded_version_may_go(site: Site) -> None:
    version = site.put(site.two, "erased", "1")
    site.wait_for("erased", 1)
    with asked_all_the_time(site, "erased"):
        shutil.rmtree(version / "variables")
        (version / "saved_model.pb").unlink()
        site.put(site.three, "erased", "2")
        site.wait_for("erased", 2)
    # With the last version directory the model goes too, and only this model.
    with asked_all_the_time(site):
        shutil.rmtree(site.base("erased") / "1")
        shutil.rmtree(site.base("erased") / "2")
        site.wait_for("erased", 2, "END")
    response = site.ask("erased")
    assert response.status_code == 404
    assert response.json() == {"error": "Servable not found for request: Latest(erased)"}


def test_two_names_for_one_number(site: Site) -> None:
    site.base("two_names").mkdir()
    with asked_all_the_time(site):
        site.put(site.two, "two_names", "5")
        site.put(site.two, "two_names", "005")
        site.wait_for("two_names", 5)
        site.server.wait_for_log("Servable two_names: ")
    assert site.ask("two_names").json() == TWO
    assert list(site.server.states("two_names")) == [5]


def test_a_saved_model_right_in_the_base_path_is_version_1(site: Site) -> None:
    with asked_all_the_time(site):
        shutil.copytree(site.two, site.root / "staging" / "bare")
        (site.root / "staging" / "bare").rename(site.base("bare"))
        site.wait_for("bare", 1)
    assert site.ask("bare").json() == TWO
    assert "it is served as version 1" in site.server.log
    # A numbered directory goes before it.
    site.put(site.three, "bare", "2")
    site.wait_for("bare", 2)
    assert site.ask("bare").json() == THREE


def test_names_that_are_no_versions(site: Site) -> None:
    for name in ("-3", "4.5", "v6", "7.bak", "tmp-8", ".9", "1e1", "0x10", "１３"):
        site.put(site.three, "odd_names", name)
    too_large = str(2**63)
    site.put(site.three, "odd_names", too_large)
    site.put(site.two, "odd_names", "0002")
    site.wait_for("odd_names", 2)
    assert list(site.server.states("odd_names")) == [2]
    assert site.ask("odd_names").json() == TWO


def test_a_version_that_is_a_file(site: Site) -> None:
    site.put(site.two, "a_file", "1")
    site.wait_for("a_file", 1)
    with asked_all_the_time(site, "a_file"):
        (site.base("a_file") / "2").write_text("no directory")
        (site.base("a_file") / "3").symlink_to(site.root / "nowhere")
        site.put(site.three, "a_file", "4")
        site.wait_for("a_file", 4)
        shutil.rmtree(site.base("a_file") / "4")
        site.wait_for("a_file", 3, "END")
    assert site.ask("a_file").json() in (TWO, THREE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_version_that_may_not_be_read(site: Site) -> None:
    site.put(site.two, "unreadable", "1")
    site.wait_for("unreadable", 1)
    with asked_all_the_time(site, "unreadable"):
        locked = site.root / "staging" / "locked"
        shutil.copytree(site.three, locked)
        locked.chmod(0)
        locked.rename(site.base("unreadable") / "2")
        site.wait_for("unreadable", 2, "END")
        assert site.error_of("unreadable", 2)
    (site.base("unreadable") / "2").chmod(0o700)


def test_links_that_lead_nowhere(site: Site) -> None:
    site.base("loop").mkdir()
    with asked_all_the_time(site):
        (site.base("loop") / "1").symlink_to("1")
        site.wait_for("loop", 1, "END")
    assert site.error_of("loop", 1)
    assert site.ask("loop").status_code == 404


def test_versions_that_come_and_go_in_quick_succession(site: Site) -> None:
    site.put(site.two, "many", "1")
    site.wait_for("many", 1)
    with asked_all_the_time(site, "many"):
        for version in range(2, 12):
            site.put(site.three if version % 2 else site.two, "many", str(version))
        for version in range(2, 11):
            shutil.rmtree(site.base("many") / str(version))
        site.wait_for("many", 11)
    assert site.ask("many").json() == THREE
    serving = [v for v, state in site.server.states("many").items() if state == "AVAILABLE"]
    assert serving == [11]


def test_policies(start_server: Start, models: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    for version in (1, 2, 3):
        source = models / ("half_plus_three" if version == 3 else "half_plus_two") / "1"
        (base / str(version)).symlink_to(source)
    config = tmp_path / "models.config"
    policies = {
        "newest": "",
        "latest_2": "model_version_policy { latest { num_versions: 2 } }",
        "all": "model_version_policy { all {} }",
        "specific": "model_version_policy { specific { versions: 1 versions: 3 versions: 9 } } "
        'version_labels { key: "stable" value: 1 } version_labels { key: "canary" value: 3 } '
        'version_labels { key: "missing" value: 9 }',
    }
    config.write_text(config_text(dict.fromkeys(policies, base), **policies))
    server = start_server(f"--model_config_file={config}")
    for name, versions in (
        ("newest", [3]),
        ("latest_2", [3, 2]),
        ("all", [3, 2, 1]),
        ("specific", [3, 1]),
    ):
        assert list(server.states(name)) == versions
        for version in versions:
            url = f"{server.url}/v1/models/{name}/versions/{version}:predict"
            assert httpx.post(url, content=BODY).json() == (THREE if version == 3 else TWO)
    labels = f"{server.url}/v1/models/specific/labels"
    assert httpx.post(f"{labels}/stable:predict", content=BODY).json() == TWO
    assert httpx.post(f"{labels}/canary:predict", content=BODY).json() == THREE
    missing = httpx.post(f"{labels}/missing:predict", content=BODY)
    assert missing.status_code == 404
    assert "Servable not found for request: Specific(specific, 9)" in missing.text
    assert "Version 9 of servable specific" in server.log


def test_one_broken_model_does_not_stop_the_others(
    start_server: Start, models: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken" / "1"
    shutil.copytree(models / "half_plus_two" / "1", broken)
    (broken / "saved_model.pb").write_bytes(b"")
    config = tmp_path / "models.config"
    config.write_text(
        config_text(
            {"broken": tmp_path / "broken", "missing": tmp_path / "missing",
             "good": models / "half_plus_two"},
        )
    )  # fmt: skip
    server = start_server(
        f"--model_config_file={config}", "--load_retry_interval_micros=100000"
    )
    assert httpx.post(f"{server.url}/v1/models/good:predict", content=BODY).json() == TWO
    assert httpx.get(f"{server.url}/v2/health/ready").status_code == 200
    assert "model broken is not served yet" in server.log
    assert "model missing is not served yet" in server.log
    assert httpx.post(f"{server.url}/v1/models/broken:predict", content=BODY).status_code == 404
