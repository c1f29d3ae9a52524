"""The verbs of ``%tfs`` that ask models, in a real kernel."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.notebook.kernel import Kernel, environment_in
from tests.notebook.test_magics import refusal
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import PredictionLog
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_request
from tfs_notebook.wire.tfrecord import encode_record

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path, half_plus_three: Path
) -> Iterator[Kernel]:
    """A kernel that serves two versions of ``two`` with labels, ``words`` and ``strings``."""
    places = tmp_path_factory.mktemp("m")
    for number, source in ((1, half_plus_two), (2, half_plus_three)):
        shutil.copytree(source, places / "two" / str(number))
    with Kernel(places, environment_in(places, os.environ)) as kernel:
        kernel.ok("import numpy as np, pandas as pd, tfs_notebook\n%load_ext tfs_notebook")
        kernel.ok(
            f"%tfs serve {places / 'two'} --name two --versions all "
            "--label stable=1 --label gray=2"
        )
        write_text_scores(places / "words" / "1")
        write_text_scores(places / "words" / "2", ((0.0, 4.0), (4.0, 0.0), (1.0, 2.0)))
        kernel.ok(f"%tfs serve {places / 'words'} --versions all")
        strings = write_raw_scores(places / "strings" / "1", DataType.STRING, (-1,), {})
        shutil.rmtree(strings / "assets.extra")
        kernel.ok(f"%tfs serve {places / 'strings'}")
        kernel.ok("x = [1.0, 2.0]\nframe = pd.DataFrame({'x': x}, index=['a', 'b'])")
        yield kernel


@pytest.fixture
def odd_names(shared: Kernel, half_plus_two: Path) -> Iterator[Kernel]:
    """The same with models whose names are no plain words."""
    for name in ("it's mine", "垃圾"):
        shared.ok(f'%tfs serve {half_plus_two} --name "{name}"')
    yield shared
    for name in ("it's mine", "垃圾"):
        shared.ok(f'%tfs unload "{name}"')


def test_models_and_one_of_them(shared: Kernel) -> None:
    models = shared.ok("%tfs models")
    assert "two      2, 1      gray: 2, stable: 1  x: float" in models
    summary = shared.run("%tfs show two")
    text = summary.text
    assert text.startswith("two at this kernel's own model server")
    assert " MB in all, from " in text
    heads = "version  state      labels  memory   requests  errors  per second"
    assert " ".join(heads.split()) in " ".join(text.split())
    assert "2        AVAILABLE  gray" in text
    assert "serving_default:" in text
    assert "<table>" in summary.results["text/html"]
    call = text.splitlines()[-1]
    assert shared.ok(call).startswith("array(")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("%tfs predict two x", "array([3.5, 4. ], dtype=float32)"),
        ("%tfs predict two [1.0, 2.0] --version 1", "array([2.5, 3. ], dtype=float32)"),
        ("%tfs predict two --label stable (1.0,)", "array([2.5], dtype=float32)"),
        ("%tfs predict --version=1 two [1.0]", "array([2.5], dtype=float32)"),
        (
            '%tfs predict two {"x": [1.0]} --signature serving_default',
            "{'y': array([3.5], dtype=float32)}",
        ),
        ("%tfs predict two -1.0", "array(2.5, dtype=float32)"),
        ("%%tfs predict two\n[1.0,\n 2.0]", "array([3.5, 4. ], dtype=float32)"),
        ("%%tfs predict two --version 1\n(1.0, -2.0)\n", "array([2.5, 1. ], dtype=float32)"),
        ("%%tfs predict two --as python\n[1.0]", "array([3.5], dtype=float32)"),
    ],
)
def test_predict(shared: Kernel, line: str, answer: str) -> None:
    outcome = shared.run(line)
    assert outcome.text == answer, outcome.stderr
    assert outcome.streams == {}


def test_tables_in_a_cell(shared: Kernel) -> None:
    csv = shared.run("%%tfs predict two\nx\n1.0\n2.0\n")
    assert csv.text.split() == ["y", "0", "3.5", "1", "4.0"]
    assert "<table" in csv.results["text/html"]
    rows = shared.ok('%%tfs predict two\n[{"x": 1.0}, {"x": 2.0}]')
    assert rows.split() == ["y", "0", "3.5", "1", "4.0"]
    assert shared.ok("%tfs predict two frame").split() == ["y", "a", "3.5", "b", "4.0"]


def test_text_in_a_cell_goes_through_the_pipeline(shared: Kernel) -> None:
    shared.run("%%tfs predict words --version 1\nwin a prize\n\nsee you at lunch\n")
    assert shared.ok("type(_).__name__, len(_), _[1].text") == (
        "('ScoredLabels', 2, 'see you at lunch')"
    )
    answer = shared.ok('%tfs predict words "win a prize" --version 2')
    assert answer.startswith("label")
    compared = shared.ok('%tfs compare words 1 2 --input \'["win a prize", "see you"]\'')
    assert "label       2     " in compared


def test_raw_input_of_other_verbs(shared: Kernel) -> None:
    shared.ok("record = %tfs bench words --input '\"win\"' --concurrency 1 --seconds 0.1")
    assert shared.ok("record.request") == "'a text'"
    assert '"text": "win"' in shared.ok("%tfs snippet words --input '\"win\"'")
    shown = shared.ok("%tfs show words").splitlines()
    assert shown[-1].startswith('tfs_notebook.connect("kernel")["words"].predict("some text")')
    assert shared.ok(shown[-1]).startswith("label")
    compared = shared.ok("%%tfs compare words 1 2\nwin a prize\nsee you")
    assert "label" in compared


def test_text_in_a_cell_is_strings_to_other_models(shared: Kernel) -> None:
    answer = shared.ok("%%tfs predict strings --as text\nabc\n12345\n")
    assert answer == "array([[3.],\n       [5.]], dtype=float32)"


def test_a_semicolon_shows_nothing(shared: Kernel) -> None:
    for cell in ("%tfs predict two [1.0];", "%%tfs predict two ;\n[1.0]", "%tfs status;"):
        outcome = shared.run(cell)
        assert (outcome.status, outcome.text) == ("ok", "")


def test_a_result_can_be_kept(shared: Kernel) -> None:
    shared.ok("answer = %tfs predict two x")
    assert shared.ok("answer.tolist()") == "[3.5, 4.0]"
    call = "get_ipython().run_line_magic('tfs', 'predict two z')"
    shared.ok(f"def local():\n    z = [5.0]\n    return {call}")
    assert shared.ok("local()") == "array([5.5], dtype=float32)"


def test_statistics_logs_and_snippets(shared: Kernel) -> None:
    shared.ok("%tfs predict two x")
    assert "version  signature" in shared.ok("%tfs stats two")
    assert shared.ok("%tfs stats").startswith("two\nversion")
    assert shared.ok("len(_)") == "3"
    log = shared.ok("%tfs logs -n 3")
    assert log.startswith("this kernel's own model server")
    assert 2 <= len(log.splitlines()) <= 4
    assert "strings version 1 AVAILABLE" in log
    assert shared.ok("%tfs snippet two").startswith("curl ")
    assert "import" in shared.ok("%tfs snippet two grpc --input x")
    shared.ok("message = 'free prize'")
    assert '"text": "free prize"' in shared.ok("%tfs snippet words --input message")


def test_a_look_at_the_kernels_own_server(shared: Kernel) -> None:
    shared.ok("%tfs predict two x")
    shared.ok("from tfs_notebook.client.observing import observe")
    shared.ok("client = tfs_notebook.connect()")
    shared.ok("control = client.control()")
    shared.ok("control.set_recording('two', 1)")
    shared.ok("%tfs predict two x")
    shared.ok("seen = observe(client)")
    assert shared.ok("seen.process.pid == __import__('os').getpid()") == "True"
    assert shared.ok("seen.model('two').recording.sampling_rate") == "1.0"
    assert shared.ok("sum(one.requests for one in seen.model('two').counts) >= 2") == "True"
    shared.ok("control.set_recording('two', 0); control.close()")


def test_the_doctor(shared: Kernel) -> None:
    assert "tfs_notebook" in shared.ok("%tfs doctor")


def test_compare(shared: Kernel, tmp_path: Path) -> None:
    import numpy as np

    text = shared.ok("%tfs compare two 1 2 --input x")
    assert text.startswith(
        "two, version 1 and version 2: 1 request of 2 rows, they agree in 0 of "
    )
    log = PredictionLog()
    request = encode_predict_request(
        ModelReference("two"), {"x": (np.array([1.0], np.float32), 1)}
    )
    log.predict_log.request.MergeFromString(request)
    (tmp_path / "log.0.tfrecord").write_bytes(encode_record(log.SerializeToString()))
    text = shared.ok(f"%tfs compare two stable gray --log {tmp_path}/log.*.tfrecord")
    assert "label stable and label gray: 1 request" in text
    shared.ok(f"files = [{str(tmp_path / 'log.0.tfrecord')!r}]")
    shared.ok("compared = %tfs compare two 1 stable --log files")
    assert shared.ok("compared.agrees, len(compared.frame)") == "(True, 1)"


def test_bench(shared: Kernel) -> None:
    shared.ok("record = %tfs bench two --concurrency 1,2 --seconds 0.2 --input x")
    assert shared.ok("record.model") == "'two'"
    titled = shared.ok("%tfs bench two --concurrency 1 --seconds 0.1 --title 'at night'")
    assert titled.startswith("at night, x: float")
    assert shared.ok("record.frame.index.tolist()") == "[1, 2]"
    assert shared.ok("int(record.frame['errors'].sum())") == "0"


def test_an_interrupt_of_bench(shared: Kernel) -> None:
    from tests.polling import poll_until

    shared.ok("import _thread, threading")
    shared.ok(
        "threading.Timer(0.5, _thread.interrupt_main).start()\n"
        "record = get_ipython().run_line_magic('tfs', 'bench two --seconds 100')"
    )
    assert shared.ok("record.was_interrupted, len(record.levels)") == "(True, 1)"
    names = "[one.name for one in threading.enumerate() if one.name == 'tfs-load']"
    poll_until(lambda: shared.ok(names) == "[]", "the threads have ended")


def test_export_of_a_file(shared: Kernel, half_plus_two: Path, tmp_path: Path) -> None:
    shared.ok(f"%tfs export {half_plus_two} {tmp_path / 'copied'}")
    assert (tmp_path / "copied" / "1" / "saved_model.pb").is_file()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("%tfs predict", "It goes: %tfs predict"),
        ("%tfs predict two", "%tfs predict two [1.0, 2.0]"),
        ("%tfs predict two y", "there is no variable y in this notebook"),
        ("%tfs predict two [1.0", "neither a variable, nor JSON, nor a Python literal"),
        ("%tfs predict two __import__('os')", "neither a variable"),
        ("%tfs predict two x --version one", "a version is a number"),
        ("%tfs predict two --version 1 --label stable x", "not allowed with"),
        ("%tfs predict two --versoin 1", "unrecognized arguments"),
        ("%tfs predict two x --version 7", "7"),
        ("%tfs predict nobody x", "nobody"),
        ("%tfs predict two x --signature none", "has no signature 'none'"),
        ("%%tfs predict two\n\n", "the cell is empty"),
        ("%%tfs predict two --as json\n[1.0", "this is no json: "),
        ("%%tfs predict two --as xml\n[1.0]", "invalid choice: 'xml'"),
        ("%%tfs predict two x\n[1.0]", "the input is in the cell"),
        ("%%tfs status\n[1.0]", "takes no cell"),
        ("%tfs show nobody", "there is no model 'nobody'; there is two"),
        ("%tfs stats nobody", "nobody"),
        ("%tfs logs -n many", "a number of lines is expected, not 'many'"),
        ("%tfs snippet two cobol", "invalid choice: 'cobol'"),
        ("%tfs compare two 1 2", "It goes: %tfs compare two 1 2 --input x, or --log FILE"),
        ("%%tfs compare two 1 2 --input x\n[1.0]", "the input is in the cell; 'x'"),
        ("%%tfs bench two --input x\n[1.0]", "the input is in the cell; 'x'"),
        ("%tfs compare two 1 2 --input x --log y", "not allowed with"),
        ("%tfs compare two 1 1 --input x", "name two"),
        ("%tfs compare two 1 2 --log /nowhere", "No such file"),
        ("%tfs bench two --concurrency many", "numbers are expected"),
        ("%tfs bench two --concurrency 0", "numbers from 1 to 256"),
        ("%tfs export nothing /nowhere", "neither a variable nor a file nothing"),
    ],
)
def test_wrong_input_is_a_line(shared: Kernel, line: str, text: str) -> None:
    message = refusal(shared, line)
    assert text in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        (
            "%%tfs predict two\nwin a prize\n",
            ["1 text, and has no pipeline", "serving_default takes x: float"],
        ),
        (
            "%tfs predict two [[1.0], [1.0, 2.0]]",
            ["two: input x is float; a list of 2 is no array", "it was given a list of 2"],
        ),
        ("%tfs predict two --version 1 {'z': 1}", ["the inputs are {x}, and got {z}"]),
        ("%tfs bench two --input '[[1.0], []]'", ["a list of 2 is no array"]),
        ("%tfs compare two 1 gray --input '{}'", ["the inputs are {x}, and got {}"]),
        ("%tfs snippet two python --input '\"text\"'", ["has no pipeline"]),
        ("%tfs predict words [1, 2]", ["words: ", '%tfs predict words "some text"']),
    ],
)
def test_input_that_does_not_fit_tells_what_does_in_a_line(
    shared: Kernel, line: str, texts: list[str]
) -> None:
    message = refusal(shared, line)
    assert len(message.splitlines()) == 1
    for text in texts:
        assert text in message
    # The line that would fit does.
    fitting, told, rest = message.partition("This would fit: ")[2].rpartition(". %tfs show ")
    assert told
    assert rest.endswith(" tells all of it")
    assert fitting.split()[1] == line.split()[1]
    shared.ok(fitting + (" --seconds 0.05" if "bench" in fitting else ""))


def test_help_of_each_verb(shared: Kernel) -> None:
    for verb in ("predict", "bench", "compare", "logs", "export", "doctor"):
        assert shared.ok(f"%tfs {verb} --help").startswith(f"usage: %tfs {verb}")
    page = shared.run("%tfs?").page
    assert "%%tfs predict NAME" in page


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%tfs sh", ["show"]),
        ("%tfs show ", ["two", "words", "strings", '"it\'s mine"', "垃圾"]),
        ("%tfs predict t", ["two"]),
        ("%%tfs predict t", ["two"]),
        ("%tfs predict two --ver", ["--version"]),
        ("%tfs predict two --version ", ["2", "1"]),
        ("%tfs predict two --label ", ["gray", "stable"]),
        ("%tfs predict two --signature serv", ["serving_default"]),
        ("%tfs predict two --as ", ["json", "python", "csv", "text"]),
        ("%tfs snippet two ", ["curl", "python", "grpc", "javascript"]),
        ("%tfs compare two 1 ", ["2", "1", "gray", "stable"]),
        ("%tfs compare two 1 2 --i", ["--input"]),
        ("%tfs rollback two ", ["2", "1"]),
        ("%tfs label two gr", ["gray=2", "gray=1"]),
        ("%tfs bench two --con", ["--concurrency"]),
        ("%tfs label two stable=", ["stable=2", "stable=1"]),
        ("%tfs label two new=", ["new=2", "new=1"]),
        ("%tfs predict two --label=st", ["stable"]),
        ("%tfs predict --version=2 tw", ["two"]),
        ("result = %tfs show tw", ["two"]),
        ("%tfs\tshow tw", ["two"]),
        ("%tfs show it", ['"it\'s mine"']),
        ("%tfs show 'it", ['"it\'s mine"']),
        ("%tfs show 垃", ["垃圾"]),
        ("%tfs predict two fra", ["frame"]),
        ("%tfs bench two --input fra", ["frame"]),
        ("%tfs serve x --versions ", ["latest", "all"]),
    ],
)
def test_completion(odd_names: Kernel, line: str, expected: list[str]) -> None:
    # And nothing that IPython takes for Python.
    assert odd_names.complete(line) == expected


def test_completion_of_what_may_be_a_file(shared: Kernel, tmp_path: Path) -> None:
    (tmp_path / "frame.keras").touch()
    assert "frame" in shared.complete("%tfs export fra")
    assert f"{tmp_path}/frame.keras" in shared.complete(f"%tfs export {tmp_path}/fra")


def test_completion_goes_with_the_extension(kernel: Kernel) -> None:
    kernel.ok("%reload_ext tfs_notebook")
    assert kernel.complete("%tfs sho") == ["show"]
    kernel.ok("%unload_ext tfs_notebook")
    assert "show" not in kernel.complete("%tfs sho")
