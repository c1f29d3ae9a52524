"""The spam classifier: how well its versions do, and what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.demo.train_on_sms import parts
from tests.demo.trained import trained_on_sms
from tests.python_process import run_python
from tfs_notebook.demo import spam_classifier
from tfs_notebook.demo.spam import VERSIONS, measure, train_version, write_spam
from tfs_notebook.demo.spam_messages import Message, own_messages
from tfs_notebook.pipelines.description import DIRECTORY
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.wire.dtypes import DataType

# The first test that asks for the trained model waits for its training.
pytestmark = pytest.mark.timeout(300)

MESSAGES = own_messages()[0][:6]


def test_version_2_judges_unseen_messages_rightly(spam: Path) -> None:
    _, test = own_messages()
    assert measure(spam / "2", test).accuracy >= 0.93


def test_version_1_is_worse_and_of_some_use(spam: Path) -> None:
    _, test = own_messages()
    first, second = (measure(spam / version, test) for version in ("1", "2"))
    assert 0.75 <= first.accuracy < second.accuracy


@pytest.mark.long
def test_trained_on_the_sms_spam_collection(
    sms_collection: Path, pytestconfig: pytest.Config
) -> None:
    assert pytestconfig.cache is not None
    base = trained_on_sms(pytestconfig.cache.mkdir("spam_sms"), sms_collection)
    _, held_out = parts(sms_collection)
    result = measure(base / "1", held_out)
    assert result.accuracy >= 0.97
    assert result.spam_recall >= 0.90


def test_each_version_takes_twenty_vectors_and_gives_two_scores(spam: Path) -> None:
    for number in VERSIONS:
        version = spam / str(number)
        model = load_saved_model(version, ["serve"])
        try:
            signature = model.signatures["serving_default"]
        finally:
            model.close()
        (given,), (taken,) = signature.inputs.values(), signature.outputs.values()
        assert (given.alias, given.dtype, given.shape) == (
            "words",
            DataType.FLOAT,
            (-1, 20, 200),
        )
        assert (taken.alias, taken.dtype, taken.shape) == ("scores", DataType.FLOAT, (-1, 2))
        pipeline = load_pipeline(version)
        assert pipeline is not None
        assert pipeline.check(model.signatures) is signature
        assert pipeline.labels == ("spam", "pass")


def test_only_data_lies_beside_the_model(spam: Path) -> None:
    beside = {path.name for path in (spam / "2" / DIRECTORY).iterdir()}
    assert beside == {
        "tfs_notebook_pipeline.json",
        "tf_serving_warmup_requests",
        "words.txt",
        "words.npy",
        "pieces.txt",
        "pieces.npy",
    }


def test_the_command_shows_progress_and_a_summary(spam: Path) -> None:
    said = (spam / "stdout.txt").read_text("utf-8")
    assert "  epoch  1 of 20: loss" in said
    assert "version 2 is ready after" in said
    assert "unseen messages judged rightly" in said


def test_versions_that_are_there_are_kept(spam: Path) -> None:
    said: list[str] = []
    assert write_spam(spam, said.append) == spam
    assert said == [
        f"version {number} is there already: {spam / str(number)}" for number in (1, 2)
    ]


def test_training_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(spam_classifier, "trained", fail)
    with pytest.raises(KeyboardInterrupt):
        train_version(tmp_path / "base" / "1", MESSAGES, VERSIONS[1], lambda line: None)
    assert not (tmp_path / "base").exists()


def test_a_model_without_a_pipeline_is_not_measured(half_plus_two: Path) -> None:
    with pytest.raises(ValueError, match="has no pipeline"):
        measure(half_plus_two, [Message("spam", "free")])


@pytest.mark.parametrize("arguments", [[], ["--help"], ["a", "b"]])
def test_the_command_tells_its_usage(arguments: list[str]) -> None:
    process = run_python("-m", "tfs_notebook.demo.spam", *arguments)
    assert process.returncode == 1
    assert process.stderr == "usage: python -m tfs_notebook.demo.spam DIR\n"
