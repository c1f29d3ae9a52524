"""What is written down of the list while several of its models change at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tfs_notebook.lifecycle import FileSystemSource, Specific
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.wire.errors import Unavailable


class WrittenDown:
    """Keeps the lists that were accepted; fails when told to."""

    def __init__(self) -> None:
        self.lists: list[list[ModelSettings]] = []
        self.full = False

    def __call__(self, models: Sequence[ModelSettings]) -> None:
        if self.full:
            raise Unavailable("no space left")
        self.lists.append(list(models))


@pytest.fixture
def written() -> WrittenDown:
    return WrittenDown()


@pytest.fixture
def models(written: WrittenDown) -> ModelList:
    return ModelList([ModelSettings("first", "/m/first")], FileSystemSource(), written)


def test_a_model_that_is_coming_stays_when_another_is_accepted(
    models: ModelList, written: WrittenDown
) -> None:
    models.accept(ModelSettings("coming", "/m/coming"))
    models.accept(ModelSettings("other", "/m/other"))
    assert [model.name for model in written.lists[-1]] == ["first", "coming", "other"]


def test_what_serves_on_the_way_is_not_written_down_by_another_change(
    models: ModelList, written: WrittenDown
) -> None:
    models.put(ModelSettings("first", "/m/first", Specific((1, 2))))
    models.accept(ModelSettings("other", "/m/other"))
    assert written.lists[-1][0] == ModelSettings("first", "/m/first")


def test_a_model_that_is_going_does_not_come_back_when_another_is_accepted(
    models: ModelList, written: WrittenDown
) -> None:
    models.accept_without("first")
    models.accept(ModelSettings("other", "/m/other"))
    assert [model.name for model in written.lists[-1]] == ["other"]


def test_what_could_not_be_written_down_was_not_accepted(
    models: ModelList, written: WrittenDown
) -> None:
    written.full = True
    with pytest.raises(Unavailable):
        models.accept(ModelSettings("refused", "/m/refused"))
    written.full = False
    models.accept(ModelSettings("other", "/m/other"))
    assert [model.name for model in written.lists[-1]] == ["first", "other"]
