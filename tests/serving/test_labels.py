"""Labels: what they stand for, also while they move."""

from __future__ import annotations

import pytest

from tfs_notebook.serving.labels import Labels
from tfs_notebook.wire.errors import InvalidArgument


def test_an_unknown_label_is_refused() -> None:
    labels = Labels()
    labels.assign("m", {"stable": 1})
    for name, label in (("m", "gray"), ("other", "stable")):
        with pytest.raises(
            InvalidArgument, match="Unrecognized servable version label: " + label
        ):
            labels.resolve(name, label)


def test_a_label_that_moves_keeps_its_old_version_in_reserve() -> None:
    labels = Labels()
    labels.assign("m", {"stable": 1, "gone": 1})
    labels.begin_move("m", {"stable": 2, "new": 2})
    assert labels.resolve("m", "stable") == (2, 1)
    assert labels.resolve("m", "new") == (2,)
    assert labels.resolve("m", "gone") == (1,)
    labels.assign("m", {"stable": 2, "new": 2})
    assert labels.resolve("m", "stable") == (2,)
    assert labels.of("m") == {"new": 2, "stable": 2}


def test_models_have_their_own_labels() -> None:
    labels = Labels()
    labels.assign("a", {"stable": 1})
    labels.assign("b", {"stable": 2})
    labels.assign("a", {})
    assert labels.of("a") == {}
    assert labels.resolve("b", "stable") == (2,)
