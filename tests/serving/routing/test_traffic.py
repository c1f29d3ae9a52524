"""Traffic of a model server in this process: who answers, and what is found out by copies."""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.polling import poll_until
from tests.server_process import config_text
from tfs_notebook.lifecycle import All, ManagerState, ServableState, Specific
from tfs_notebook.serving.journal import Journal
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.routing.figures import ShadowRead
from tfs_notebook.serving.routing.rollout import Decision, Phase, Rollout, moved
from tfs_notebook.serving.routing.rollout_documents import read_rollout_request
from tfs_notebook.serving.routing.split_documents import read_shadow, read_split
from tfs_notebook.serving.routing.status import (
    TrafficChanges,
)
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound, Unavailable
from tfs_notebook.wire.model_spec import ModelReference

TWO, THREE = 2.5, 3.5  # what half_plus_two and half_plus_three make of 1.0
Start = Callable[..., ModelServer]


@pytest.fixture
def begin(start: Start, tmp_path: Path, two_versions: Path) -> Callable[[], ModelServer]:
    """Starts a server of both versions; again, one that goes on with its journal."""

    def begin() -> ModelServer:
        server = start(
            model_control="explicit",
            file_system_poll_wait_seconds=3600,
            journal_path=str(tmp_path / "journal.json"),
        )
        if server.model("m") is None:
            labels = {"stable": 1, "gray": 2}
            server.load("m", LoadRequest(str(two_versions), policy=All(), labels=labels))
        return server

    return begin


@pytest.fixture
def server(begin: Callable[[], ModelServer]) -> ModelServer:
    return begin()


def ask(server: ModelServer, key: str | None = None, **choice: object) -> float:
    outputs = server.predict("m", [1.0], key=key, **choice)  # type: ignore[arg-type]
    return float(outputs["y"][0])


def answers(server: ModelServer, number: int = 400, **choice: object) -> Counter[float]:
    return Counter(ask(server, f"user-{key}", **choice) for key in range(number))


def split(server: ModelServer, weights: Mapping[str, float] | None, label: str = "") -> None:
    server.change_traffic(
        "m", TrafficChanges({label: None if weights is None else read_split(weights)})
    )


def shadow(server: ModelServer, given: object) -> None:
    server.change_traffic("m", TrafficChanges({}, read_shadow(given)))


def copies(server: ModelServer) -> ShadowRead:
    found = server.traffic_of("m").shadow
    assert found is not None
    return found


def rollout_of(server: ModelServer) -> Rollout:
    found = server.traffic_of("m").traffic.rollout
    assert found is not None
    return found


# -- weights ---------------------------------------------------------------------


def test_requests_go_by_weight_and_keys_stay(server: ModelServer) -> None:
    assert answers(server, 3) == {THREE: 3}
    split(server, {"stable": 75, "gray": 25})
    found = answers(server)
    assert 50 < found[THREE] < 150
    assert found[TWO] + found[THREE] == 400
    assert answers(server) == found
    assert len({ask(server) for _ in range(60)}) == 2
    # Who says which version is not sent elsewhere.
    assert answers(server, 20, version=1) == {TWO: 20}
    assert answers(server, 20, label="gray") == {THREE: 20}
    split(server, None)
    assert answers(server, 3) == {THREE: 3}


def test_a_label_can_be_of_several_versions(server: ModelServer) -> None:
    split(server, {"1": 50, "2": 50}, label="prod")
    assert set(answers(server, 60, label="prod")) == {TWO, THREE}
    assert answers(server, 20) == {THREE: 20}
    states = server.version_states(ModelReference("m", label="prod"))
    assert [state.id.version for state in states] == [2, 1]


def test_a_label_that_moves_takes_its_requests_with_it(server: ModelServer) -> None:
    split(server, {"stable": 100, "gray": 0})
    assert answers(server, 20) == {TWO: 20}
    server.set_labels("m", {"stable": 2})
    assert answers(server, 20) == {THREE: 20}


def test_what_is_not_there_is_refused(server: ModelServer) -> None:
    split(server, {"stable": 75, "gray": 25})
    before = server.traffic_of("m").traffic
    for weights, text in (
        ({"1": 1, "7": 1}, r"version 7 of model m is not .* \(available versions: 1, 2\)"),
        ({"blue": 1}, "no label 'blue' .* its labels are: gray, stable"),
    ):
        with pytest.raises(FailedPrecondition, match=text):
            split(server, weights)
    with pytest.raises(FailedPrecondition, match="version 9"):
        shadow(server, 9)
    with pytest.raises(NotFound, match="there is no model 'n'; load it first"):
        server.change_traffic("n", TrafficChanges({}))
    assert server.traffic_of("m").traffic == before
    # What gets nothing need not be there.
    split(server, {"1": 1, "7": 0})


def test_what_vanishes_falls_to_the_others(server: ModelServer) -> None:
    split(server, {"stable": 50, "gray": 50})
    keys = [f"user-{number}" for number in range(50)]
    before = {key: ask(server, key) for key in keys}
    server.set_labels("m", {"gray": None})
    assert {ask(server, key) for key in keys} == {TWO}
    server.set_labels("m", {"gray": 2})
    assert {key: ask(server, key) for key in keys} == before
    server.load("m", LoadRequest(policy=Specific((2,)), labels={"stable": None}))
    assert {ask(server, key) for key in keys} == {THREE}
    status = server.traffic_of("m")
    assert status.versions == {"stable": None, "gray": 2}
    # Nothing of it is there: as if nothing had been said.
    server.set_labels("m", {"gray": None})
    assert ask(server) == THREE
    # But what has the weight 0 has it for a reason.
    split(server, {"2": 1, "1": 0})
    server.load("m", LoadRequest(policy=Specific((1,))))
    with pytest.raises(Unavailable, match="and version 1 has the weight 0"):
        ask(server)


def test_it_outlives_a_restart_and_a_reload(
    begin: Callable[[], ModelServer], two_versions: Path
) -> None:
    server = begin()
    split(server, {"stable": 60, "2": 40})
    split(server, {"1": 1}, label="old")
    shadow(server, {"target": "gray", "share": 0.5, "examples": 0})
    before, found = server.traffic_of("m").traffic, answers(server, 60)
    server.stop(30)
    again = begin()
    assert again.traffic_of("m").traffic == before
    assert answers(again, 60) == found
    # A list says nothing of traffic.
    again.load("m", LoadRequest(policy=Specific((1, 2))))
    assert again.traffic_of("m").traffic == before
    again.unload("m")
    again.load("m", LoadRequest(str(two_versions), policy=All()))
    assert answers(again, 20) == {THREE: 20}


# -- copies ----------------------------------------------------------------------


def test_copies_are_compared_and_never_returned(server: ModelServer) -> None:
    split(server, {"1": 1})
    shadow(server, 2)
    assert answers(server, 10) == {TWO: 10}
    poll_until(lambda: copies(server).counted.compared == 10, "all are compared")
    found = copies(server)
    assert (found.counted.differing, found.counted.errors, found.apart) == (10, 0, {"y": 1.0})
    example = found.examples[-1]
    assert len(found.examples) == 5
    assert example.what == "1 of 1 values of y differ, by 1 at most"
    assert (example.asked, example.true, example.copy) == ("x: [1.]", "y: [2.5]", "y: [3.5]")
    # They are nobody's requests.
    assert [one.version for one in server.statistics("m")] == [1]
    assert found.counted.candidate.p95 is not None


def test_copies_that_are_the_same(server: ModelServer) -> None:
    split(server, {"1": 1})
    shadow(server, {"target": 2, "atol": 1.0})
    answers(server, 10)
    poll_until(lambda: copies(server).counted.compared == 10, "all are compared")
    assert copies(server).counted.differing == 0
    assert copies(server).examples == ()


def test_nothing_is_kept_where_that_is_not_wanted(server: ModelServer) -> None:
    split(server, {"1": 1})
    shadow(server, {"target": "gray", "examples": 0})
    answers(server, 3)
    poll_until(lambda: copies(server).counted.differing == 3, "all are compared")
    assert copies(server).examples == ()


def test_errors_are_compared_too(server: ModelServer) -> None:
    split(server, {"1": 1})
    shadow(server, 2)
    with pytest.raises(InvalidArgument):
        server.predict("m", {"x": [1.0]}, outputs=["nothing"])
    poll_until(lambda: copies(server).counted.compared == 1, "it is compared")
    assert copies(server).counted.differing == 0
    assert server.traffic_of("m").counted[1].errors == 1


def test_what_says_nothing_of_the_request_is_not_compared(server: ModelServer) -> None:
    split(server, {"1": 1})
    shadow(server, 2)
    full = Unavailable("the queue is full")
    with server.hold(ModelReference("m")) as held:
        prediction = held.prediction(held.signature(""), {"x": (np.ones(1), 1)}, dict)
        assert prediction.observation is not None
        prediction.observation.ended(0.0, full)
    ask(server)
    poll_until(lambda: copies(server).counted.compared == 1, "the other one is compared")
    assert server.traffic_of("m").counted[1].errors == 1
    assert copies(server).counted.compared == 1


def test_the_callers_arrays_are_the_callers(server: ModelServer) -> None:
    split(server, {"1": 1})
    shadow(server, {"target": 2, "atol": 1.0})
    value = np.ones(4, np.float32)
    for _ in range(50):
        value[:] = 1.0
        server.predict("m", value)
        value[:] = 1000.0
    poll_until(lambda: copies(server).counted.compared == 50, "all are compared")
    assert copies(server).counted.differing == 0


def test_copies_for_what_is_not_there_are_counted(server: ModelServer) -> None:
    split(server, {"1": 1})
    shadow(server, "gray")
    server.set_labels("m", {"gray": None})
    assert answers(server, 5) == {TWO: 5}
    poll_until(lambda: copies(server).absent == 5, "they are counted")
    assert copies(server).counted.compared == 0


def test_the_target_itself_gets_no_copies(server: ModelServer) -> None:
    split(server, {"1": 50, "2": 50})
    shadow(server, 2)
    found = answers(server, 40)
    poll_until(lambda: copies(server).counted.compared == found[TWO], "the others are compared")
    assert copies(server).counted.compared < 40


def test_a_run_of_a_copy_that_hangs_keeps_nobody_waiting(
    start: Start, tmp_path: Path, models: Path
) -> None:
    for version in ("1", "2"):
        shutil.copytree(models / "hangs" / "1", tmp_path / "hangs" / version)
    server = start(
        model_control="explicit",
        file_system_poll_wait_seconds=3600,
        run_limit_seconds=0.3,
        allowed_unsafe_ops="ReadFile",
    )
    server.load("m", LoadRequest(str(tmp_path / "hangs"), policy=All()))
    split(server, {"1": 1})
    shadow(server, 2)
    # Version 1 does not wait for what it has already.
    server.predict("m", {"count": [1.0]}, signature="let_go", version=1)
    answered = server.predict("m", {"x": [-1.0]}, signature="serving_default")
    assert answered["y"].tolist() == [-2.0]
    assert server.predict("m", {"x": [1.0]}, signature="serving_default")["y"] == [2.0]
    poll_until(lambda: copies(server).counted.compared == 2, "the next one is compared too")
    found = copies(server)
    assert (found.counted.errors, found.counted.differing) == (1, 1)
    assert "DEADLINE_EXCEEDED" in found.examples[0].copy
    server.predict("m", {"count": [1.0]}, signature="let_go", version=2)


def test_versions_that_are_loaded_when_they_are_asked_for(
    start: Start, tmp_path: Path, two_versions: Path
) -> None:
    file = tmp_path / "traffic.json"
    file.write_text(json.dumps({"models": {"m": {"splits": {"": {"1": 50, "2": 50}}}}}))
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": two_versions}, m="model_version_policy { all {} }"))
    server = start(
        model_config_file=str(config), traffic_config_file=str(file), lazy_loading=True
    )
    keys = [f"user-{number}" for number in range(40)]
    found = {key: ask(server, key) for key in keys}
    assert set(found.values()) == {TWO, THREE}
    assert {key: ask(server, key) for key in keys} == found


def test_copies_load_nothing_and_meet_what_is_pinned(
    start: Start, tmp_path: Path, two_versions: Path
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": two_versions}, m="model_version_policy { all {} }"))
    server = start(model_config_file=str(config), lazy_loading=True, model_control="explicit")
    split(server, {"1": 1})
    shadow(server, 2)
    assert ask(server) == TWO
    poll_until(lambda: copies(server).absent == 1, "it is counted")
    states = {state.id.version: state.state for state in model_states(server)}
    assert states == {1: ManagerState.AVAILABLE, 2: ManagerState.START}
    server.pin("m", {1, 2})
    assert ask(server) == TWO
    poll_until(lambda: copies(server).counted.compared == 1, "it is compared")
    assert copies(server).counted.differing == 1


def model_states(server: ModelServer) -> Sequence[ServableState]:
    model = server.model("m")
    assert model is not None
    return model.versions


# -- rollouts --------------------------------------------------------------------


def roll_out(server: ModelServer, **given: object) -> None:
    # How long anything takes is not what is tested here.
    usual = {
        "candidate": 2,
        "stable": 1,
        "min_requests": 20,
        "min_seconds": 0,
        "bounds": {"max_latency_ratio": None},
    }
    server.start_rollout("m", read_rollout_request({**usual, **given}))


def drive(server: ModelServer, phase: Phase, **choice: object) -> Counter[float]:
    """Ask until the rollout is there."""
    found: Counter[float] = Counter()

    def there() -> bool:
        found.update(answers(server, 50, **choice))
        return rollout_of(server).phase is phase

    poll_until(there, f"it is {phase}", details=lambda: str(server.traffic_of("m")))
    return found


def test_a_bad_version_is_caught_by_copies(server: ModelServer) -> None:
    roll_out(server)
    found = drive(server, Phase.FALLEN_BACK)
    # Nobody has had its answer.
    assert set(found) == {TWO}
    rollout = rollout_of(server)
    assert "copies had another answer" in rollout.reason
    assert [one.what for one in rollout.happened] == ["started", "fallen_back"]
    assert answers(server, 20) == {TWO: 20}
    note = poll_until(
        lambda: [one.state for one in server.events.after(0).events if one.state.error],
        "the log of events says it",
    )[-1]
    assert note.id.version == 2
    assert "fell back to version 1" in str(note.error)
    assert note in server.history.read()[note.id]


def test_a_version_that_fails_is_caught_by_its_errors(
    server: ModelServer, two_versions: Path
) -> None:
    roll_out(server, steps=[50, 100], shadow=None)
    answers(server, 20)
    while rollout_of(server).phase is Phase.RUNNING:
        for key in range(40):
            # Whoever meets version 2 sends it what it cannot answer.
            outputs = ["nothing"] if ask(server, f"user-{key}") == THREE else ["y"]
            try:
                server.predict("m", [1.0], key=f"user-{key}", outputs=outputs)
            except InvalidArgument:
                continue
    rollout = rollout_of(server)
    assert rollout.phase is Phase.FALLEN_BACK
    assert "requests failed" in rollout.reason
    assert answers(server, 20) == {TWO: 20}


def test_a_good_version_is_promoted(server: ModelServer) -> None:
    roll_out(server, shadow={"atol": 1.0})
    assert set(drive(server, Phase.PROMOTED)) == {TWO, THREE}
    rollout = rollout_of(server)
    weights = [one.weight for one in rollout.happened]
    assert weights == [0, 5, 25, 100, 100]
    assert answers(server, 20) == {THREE: 20}
    assert server.traffic_of("m").traffic.shadow is None


def test_a_rollout_of_a_label_moves_it(server: ModelServer) -> None:
    roll_out(server, stable=None, label="stable", shadow={"atol": 1.0}, steps=[0, 50, 100])
    drive(server, Phase.PROMOTED, label="stable")
    model = server.model("m")
    assert model is not None
    assert model.labels["stable"] == 2
    assert server.traffic_of("m").traffic.splits == {}
    assert not server.routes_requests


def test_a_rollout_goes_on_after_a_restart(begin: Callable[[], ModelServer]) -> None:
    server = begin()
    roll_out(server, steps=[50, 100], min_seconds=3600, shadow=None)
    server.steer_rollout("m", "pause")
    before, found = rollout_of(server), answers(server, 60)
    server.stop(30)
    again = begin()
    assert rollout_of(again) == before
    assert answers(again, 60) == found
    again.steer_rollout("m", "resume")
    again.steer_rollout("m", "promote")
    assert answers(again, 20) == {THREE: 20}


def test_a_candidate_that_goes_is_given_up(server: ModelServer) -> None:
    roll_out(server, steps=[50, 100], min_seconds=3600, shadow=None)
    poll_until(lambda: server.traffic_of("m").waits_for, "it is under way")
    server.load("m", LoadRequest(policy=Specific((1,)), labels={"gray": None}))
    poll_until(lambda: not rollout_of(server).phase.is_active, "it is given up")
    assert rollout_of(server).reason == "version 2 is not served any more"
    assert answers(server, 20) == {TWO: 20}


def test_a_fallback_that_cannot_be_written_down_holds_and_is_told_once(
    begin: Callable[[], ModelServer],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = []
    write = Journal.write

    def counted(journal: Journal, models: Sequence[ModelSettings]) -> None:
        tried.append(models)
        write(journal, models)

    monkeypatch.setattr(Journal, "write", counted)
    server = begin()
    roll_out(server, steps=[50, 100], min_seconds=3600)
    tried.clear()
    journal = tmp_path / "journal.json"
    journal.rename(tmp_path / "kept.json")
    # Nothing takes the place of a directory, whoever asks.
    journal.mkdir()
    caplog.set_level(logging.INFO, "tfs_notebook.serving.routing")

    def tried_often() -> bool:
        answers(server, 20)
        return len(tried) >= 3

    poll_until(tried_often, "it was tried again", details=lambda: str(server.traffic_of("m")))
    assert answers(server, 40) == {TWO: 40}
    assert rollout_of(server).phase is Phase.RUNNING
    journal.rmdir()
    poll_until(lambda: rollout_of(server).phase is Phase.FALLEN_BACK, "it is written down")
    assert answers(server, 40) == {TWO: 40}
    told = [record.getMessage() for record in caplog.records]
    assert [text for text in told if "fell back to version 1" in text] == told[:1]
    assert "(fallen_back, 0 %) holds, but is not written down" in told[1]
    assert "Is a directory" in told[1]
    assert told[2:] == ["the rollout of model m is written down now"]


def test_what_holds_ahead_of_the_list_outlives_changes_of_other_models(
    server: ModelServer, half_plus_two: Path
) -> None:
    roll_out(server, steps=[50, 100], min_seconds=3600, shadow=None)
    said = server.traffic_of("m").traffic
    assert said.rollout is not None
    fallen = moved(said.rollout, Decision("fall_back", "too slow"), said.rollout.step_since)
    server._router.apply("m", said, said.with_rollout(fallen))
    assert answers(server, 40) == {TWO: 40}
    server.load("other", LoadRequest(str(half_plus_two.parent)))
    assert answers(server, 40) == {TWO: 40}
    # Somebody says something of the model itself.
    server.steer_rollout("m", "promote")
    assert answers(server, 40) == {THREE: 40}


def test_orders_and_what_cannot_be(server: ModelServer) -> None:
    with pytest.raises(FailedPrecondition, match="no rollout of model m is under way"):
        server.steer_rollout("m", "pause")
    roll_out(server, min_seconds=3600)
    with pytest.raises(FailedPrecondition, match="is under way already; abort"):
        roll_out(server)
    with pytest.raises(FailedPrecondition, match="is under way, which decides"):
        split(server, {"1": 1})
    with pytest.raises(FailedPrecondition, match="cannot be told to resume: it is running"):
        server.steer_rollout("m", "resume")
    server.steer_rollout("m", "abort")
    assert answers(server, 20) == {TWO: 20}
    with pytest.raises(FailedPrecondition, match="the last one is aborted"):
        server.steer_rollout("m", "promote")
    for given, text in (
        ({"candidate": 1}, "version 1 of model m answers already"),
        ({"candidate": 9}, "version 9 of model m is not currently available"),
        ({"label": "blue"}, "no label 'blue'"),
    ):
        with pytest.raises(FailedPrecondition, match=text):
            roll_out(server, **given)


# -- the file --------------------------------------------------------------------


def test_a_file_says_it_at_the_start(start: Start, tmp_path: Path, two_versions: Path) -> None:
    file = tmp_path / "traffic.json"
    file.write_text(
        json.dumps({"models": {"m": {"splits": {"": {"1": 100}}, "shadow": {"target": 2}}}})
    )
    config = tmp_path / "models.config"
    config.write_text(
        f'model_config_list {{ config {{ name: "m" base_path: "{two_versions}" '
        'model_platform: "tensorflow" model_version_policy { all {} } } }'
    )
    server = start(model_config_file=str(config), traffic_config_file=str(file))
    # Until both are loaded, requests go to what is there, and copies nowhere.
    poll_until(
        lambda: ask(server) == TWO and copies(server).counted.compared, "copies are made"
    )


def test_a_file_can_begin_a_rollout(start: Start, tmp_path: Path, two_versions: Path) -> None:
    rollout = {
        "candidate": 1,
        "stable": 2,
        "steps": [50, 100],
        "min_requests": 5,
        "min_seconds": 0,
        "bounds": {"max_latency_ratio": None},
        "shadow": None,
    }
    file = tmp_path / "traffic.json"
    file.write_text(json.dumps({"models": {"m": {"rollout": rollout}}}))
    config = tmp_path / "models.config"
    config.write_text(
        f'model_config_list {{ config {{ name: "m" base_path: "{two_versions}" '
        'model_platform: "tensorflow" model_version_policy { all {} } } }'
    )
    server = start(model_config_file=str(config), traffic_config_file=str(file))
    drive(server, Phase.PROMOTED)
    assert answers(server, 20) == {TWO: 20}


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "cannot read .* as JSON"),
        ("[]", "it is {.models.: {NAME"),
        ('{"models": {"other": {}}}', "there is no model 'other'; the models are m"),
        ('{"models": {"m": {"weights": 1}}}', "model 'm' has splits, shadow, rollout"),
        (
            '{"models": {"m": {"splits": {"": {"1": -1}}}}}',
            "the weight of 1 is a number from 0",
        ),
        ('{"models": {"m": {"rollout": {"candidate": "gray"}}}}', "are versions: at the start"),
        (
            '{"models": {"m": {"rollout": {"candidate": 1, "stable": 1}}}}',
            "cannot fall back to itself",
        ),
    ],
)
def test_files_that_cannot_be_used(
    tmp_path: Path, two_versions: Path, document: str, text: str, start: Start
) -> None:
    file = tmp_path / "traffic.json"
    file.write_text(document)
    with pytest.raises(InvalidArgument, match=text) as refused:
        start(model_name="m", model_base_path=str(two_versions), traffic_config_file=str(file))
    assert "--traffic_config_file" in refused.value.message
