"""``%tfs`` as a person meets it: help, wrong input, completion, labels, rollback."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.notebook.kernel import Kernel, environment_in
from tests.server_process import ServerProcess

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path) -> Iterator[Kernel]:
    """A kernel that serves half_plus_two as ``half``; tests leave it as they find it."""
    places = tmp_path_factory.mktemp("m")
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import numpy as np, tfs_notebook\n%load_ext tfs_notebook")
        kernel.ok(f"%tfs serve {half_plus_two.parent} --name half")
        yield kernel


def refusal(kernel: Kernel, code: str) -> str:
    """The one line a person sees of a cell that is refused."""
    outcome = kernel.run(code)
    assert outcome.status == "error"
    assert outcome.traceback == []
    assert outcome.stderr.startswith("UsageError: ")
    return outcome.stderr.removeprefix("UsageError: ").rstrip("\n")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("%tfs serv x", "%tfs has no 'serv'; it has serve, status, models"),
        ("%tfs serv x", "Did you mean 'serve'?"),
        ("%tfs serve /my models/half", "has to be in quotes"),
        ("%tfs serve ~no-such-user/half", "there is no "),
        ("%tfs serve", "the following arguments are required: PATH"),
        ("%tfs serve /nowhere", "there is no /nowhere; / has "),
        ("%tfs serve /etc/hostname", "is a file; name the directory of the model"),
        ("%tfs serve . --nam x", "unrecognized arguments: --nam x"),
        ("%tfs serve . --versions newest", "'newest' is none of: latest"),
        ("%tfs serve . --label stable", "expected LABEL=VERSION, got 'stable'"),
        ("%tfs serve . --timeout soon", "argument --timeout"),
        ("%tfs serve 'x", "No closing quotation"),
        ("%tfs rollback half two", "a version is a number, not 'two'"),
        ("%tfs label half", "the following arguments are required"),
        ("%tfs unload nobody", "nobody"),
        ("%tfs rollback half 7", "there is no version 7 of model half"),
        ("%tfs label half stable=7", "7"),
        ("%tfs help serv", "invalid choice: 'serv'"),
    ],
)
def test_wrong_input_is_told_in_a_line_or_two(shared: Kernel, line: str, text: str) -> None:
    message = refusal(shared, line)
    assert text in message
    assert len(message.splitlines()) <= 3


def test_a_model_that_cannot_be_loaded(shared: Kernel, tmp_path: Path) -> None:
    version = tmp_path / "broken" / "1"
    version.mkdir(parents=True)
    (version / "saved_model.pb").write_bytes(b"this is no model")
    message = refusal(shared, f"%tfs serve {tmp_path / 'broken'}")
    assert "saved_model.pb" in message or "SavedModel" in message
    assert "broken" not in shared.ok("%tfs status")


def test_a_python_error_of_the_functions(shared: Kernel) -> None:
    outcome = shared.run('tfs_notebook.serve("/nowhere")')
    assert outcome.status == "error"
    assert "NotFound" in outcome.traceback[-1]
    assert "there is no /nowhere" in outcome.traceback[-1]


def test_help(shared: Kernel) -> None:
    overview = shared.ok("%tfs")
    assert overview == shared.ok("%tfs help")
    for verb in ("serve", "status", "stop", "load", "unload", "rollback", "label"):
        assert f"%tfs {verb}" in overview
    assert overview == shared.ok("%tfs --help")
    details = shared.ok("%tfs help serve")
    assert details == shared.ok("%tfs serve --help")
    assert "--replace" in details
    assert "Serve a model, and wait until it answers." in details
    assert "rollback NAME [VERSION]" in shared.run("%tfs?").page


def test_results_can_be_kept(shared: Kernel) -> None:
    shared.ok("table = %tfs status half")
    assert shared.ok("table.models[0].available") == "[1]"
    assert shared.ok("table.rows[0][:3]") == "('half', '1', 'AVAILABLE')"
    assert "has no model 'other'" in shared.ok("%tfs status other")


def test_a_path_in_a_variable(shared: Kernel, half_plus_two: Path, tmp_path: Path) -> None:
    base = tmp_path / "with a blank"
    shutil.copytree(half_plus_two.parent, base)
    shared.ok(f"path = {str(base)!r}")
    assert shared.ok('%tfs serve "{path}"').startswith("<model 'with a blank'")
    shared.ok("%tfs unload 'with a blank'")


def test_configuration(shared: Kernel) -> None:
    outcome = shared.run("%config TfsMagics")
    assert "TfsMagics.load_timeout" in outcome.streams["stdout"]
    shared.ok("%config TfsMagics.load_timeout = 60")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%tfs ", ["serve", "status", "stop", "load", "unload", "rollback", "label", "help"]),
        ("%tfs st", ["status", "stop"]),
        ("%tfs stop ", ["half"]),
        ("%tfs unload ha", ["half"]),
        ("%tfs help ro", ["rollback"]),
        ("%tfs serve x --re", ["--replace"]),
        ('client["', ["half"]),
    ],
)
def test_completion(shared: Kernel, line: str, expected: list[str]) -> None:
    shared.ok("client = tfs_notebook.connect()")
    found = [one.rstrip('"]') for one in shared.complete(line)]
    assert [one for one in found if one in expected] == expected


def test_completion_of_paths(shared: Kernel, half_plus_two: Path) -> None:
    found = shared.complete(f"%tfs serve {half_plus_two.parent.parent}/half_plus_t")
    assert {one.rstrip("/").rsplit("/", 1)[-1] for one in found} >= {
        "half_plus_two",
        "half_plus_three",
    }


def test_the_name_of_a_version_directory(shared: Kernel, half_plus_two: Path) -> None:
    assert shared.ok(f"%tfs serve {half_plus_two}").startswith("<model 'half_plus_two'")
    answer = shared.ok('tfs_notebook.connect()["half_plus_two", 1].predict([1.0])')
    assert answer == "array([2.5], dtype=float32)"
    shared.ok("%tfs stop half_plus_two")


def test_versions_labels_and_rollback(shared: Kernel, two_versions: Path) -> None:
    call = 'tfs_notebook.connect()["two"{}].predict([1.0]).tolist()'
    shared.ok(f"%tfs serve {two_versions} --name two --versions all --label stable=1")
    assert shared.ok(call.format("")) == "[3.5]"
    assert shared.ok(call.format(', "stable"')) == "[2.5]"
    assert "stable" in shared.ok("%tfs label two stable=2 old=1")
    assert shared.ok(call.format(', "stable"')) == "[3.5]"
    assert shared.ok(call.format(', "old"')) == "[2.5]"
    shared.ok("%tfs label two old=")
    refused = shared.run(call.format(', "old"'))
    assert refused.status == "error"
    assert "AVAILABLE" in shared.ok("%tfs rollback two")
    assert shared.ok(call.format("")) == "[2.5]"
    shared.ok("%tfs unload two")


def test_a_model_is_held_to_versions(shared: Kernel, two_versions: Path) -> None:
    shared.ok(f"%tfs serve {two_versions} --name held")
    call = 'tfs_notebook.connect()["held"].predict([1.0]).tolist()'
    assert "AVAILABLE" in shared.ok("%tfs pin held 1")
    assert shared.ok(call) == "[2.5]"
    assert "there is no version 7 of model held" in refusal(shared, "%tfs pin held 7")
    assert "AVAILABLE" in shared.ok("%tfs unpin held")
    assert shared.ok(call) == "[3.5]"
    assert "model held is not pinned" in refusal(shared, "%tfs unpin held")
    shared.ok("%tfs unload held")


def test_who_answers_by_weight(shared: Kernel, two_versions: Path) -> None:
    shared.ok(f"%tfs serve {two_versions} --name gray --versions all")
    call = 'tfs_notebook.connect()["gray"].predict([1.0]).tolist()'
    assert "nothing is said" in shared.ok("%tfs traffic gray")
    told = shared.ok("%tfs traffic gray 1=100 2=0 --shadow 2 --atol 1")
    assert "copies of 1 of the requests go to 2" in told
    assert shared.ok(call) == "[2.5]"
    assert "--shadow 2" in refusal(shared, "%tfs traffic gray --share 0.5")
    assert "expected TARGET=WEIGHT" in refusal(shared, "%tfs traffic gray 1=many")
    assert "version 7 of model gray" in refusal(shared, "%tfs traffic gray 7=1")
    options = "--steps 50,100 --min-seconds 3600 --max-error-rate 0.5 --no-shadow"
    assert "running, 50 %" in shared.ok(f"%tfs rollout gray 2 {options}")
    assert "paused, 50 %" in shared.ok("%tfs rollout gray pause")
    assert "promoted, 100 %" in shared.ok("%tfs rollout gray promote")
    assert "promoted" in shared.ok("%tfs rollout gray")
    assert shared.ok(call) == "[3.5]"
    assert "nothing is said" in shared.ok("%tfs traffic gray --no-shadow --clear")
    shared.ok("%tfs unload gray")


def test_several_at_once(shared: Kernel, half_plus_two: Path, half_plus_three: Path) -> None:
    paths = {"a": str(half_plus_two.parent), "b": str(half_plus_three.parent)}
    shared.ok(f"served = tfs_notebook.serve({paths})")
    answers = shared.ok("{name: one.predict([1.0]).tolist() for name, one in served.items()}")
    assert answers == "{'a': [2.5], 'b': [3.5]}"
    shared.ok("%tfs unload a\n%tfs unload b")


def test_the_same_name_again(
    shared: Kernel, half_plus_two: Path, half_plus_three: Path
) -> None:
    call = 'tfs_notebook.connect()["again"].predict([1.0]).tolist()'
    for _ in range(2):
        shared.ok(f"%tfs serve {half_plus_two.parent} --name again")
        assert shared.ok(call) == "[2.5]"
    shared.ok(f"%tfs serve {half_plus_three.parent} --name again")
    assert shared.ok(call) == "[3.5]"
    shared.ok("%tfs unload again")


def test_a_name_of_somebody_elses(
    jupyters: ServerProcess,
    start_kernel: Callable[[], Kernel],
    half_plus_two: Path,
    half_plus_three: Path,
) -> None:
    one, other = start_kernel(), start_kernel()
    call = 'tfs_notebook.connect()["half"].predict([1.0]).tolist()'
    for kernel in (one, other):
        kernel.ok("import tfs_notebook\n%load_ext tfs_notebook")
    one.ok(f"%tfs serve {half_plus_two.parent} --name half")
    message = refusal(other, f"%tfs serve {half_plus_three.parent} --name half")
    assert f"somebody else serves 'half' here, from {half_plus_two.parent}" in message
    assert "--replace" in message
    assert other.ok(call) == "[2.5]"
    other.ok("%tfs stop")  # of what it serves itself, which is nothing
    assert one.ok(call) == "[2.5]"
    other.ok(f"%tfs serve {half_plus_three.parent} --name half --replace")
    assert one.ok(call) == "[3.5]"
    one.ok("%tfs unload half")


def test_the_models_root(
    jupyters: ServerProcess, kernel: Kernel, half_plus_two: Path, places: Path
) -> None:
    shutil.copytree(half_plus_two.parent, places / "root" / "rooted")
    assert kernel.ok("%tfs load rooted").startswith("<model 'rooted'")
    assert kernel.ok('tfs_notebook.connect()["rooted"].predict([1.0]).tolist()') == "[2.5]"
    message = refusal(kernel, "%tfs load unrooted")
    assert "unrooted" in message


def test_a_model_server_that_does_not_answer(
    jupyters: ServerProcess, start_kernel: Callable[[], Kernel]
) -> None:
    jupyters.kill()
    kernel = start_kernel()
    kernel.ok("import tfs_notebook.notebook.session as s; s._RESTART_SECONDS = 0.2")
    outcome = kernel.run("%load_ext tfs_notebook\nimport tfs_notebook\n%tfs serve .")
    assert outcome.status == "error"


def test_no_server(kernel: Kernel) -> None:
    outcome = kernel.run("tfs_notebook.connect()")
    assert "FailedPrecondition" in outcome.traceback[-1]
    assert "%tfs serve PATH" in outcome.traceback[-1]
    assert "%tfs serve PATH starts one" in kernel.ok("%tfs status")
    assert kernel.ok("%tfs stop") == kernel.ok("%tfs status")
    assert "there is no model server here yet" in refusal(kernel, "%tfs unload half")
    kernel.complete("%tfs unload ")
    assert kernel.ok("%tfs status") == kernel.ok("%tfs status half")
