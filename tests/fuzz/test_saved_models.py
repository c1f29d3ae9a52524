"""Damaged SavedModels do no harm to a server that tries them first.

``python -m tests.fuzz.saved_models`` does the same with any number of them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.fuzz.mutations import mutated
from tests.fuzz.saved_models import fuzz
from tests.fuzz.trials import Trials


def test_each_is_refused_or_loaded_in_words(models: Path, tmp_path: Path) -> None:
    outcomes = {}
    with Trials(tmp_path / "trials.log") as trials:
        for seed in range(40):
            path = tmp_path / "m"
            what = mutated(seed, models, path)
            outcomes[what] = trials.of(path)
            shutil.rmtree(path)
    found = {outcome for outcome, _ in outcomes.values()}
    assert {"refused", "loaded"} <= found
    # TensorFlow may crash of such a model, but what is ours does not fail of it.
    bad = {what: told for what, told in outcomes.items() if told[0] in ("unforeseen", "hung")}
    assert bad == {}, json.dumps(bad, indent=1)


def test_a_seed_makes_the_same_model(models: Path, tmp_path: Path) -> None:
    for seed in (3, 5, 8):
        told = [mutated(seed, models, tmp_path / f"{seed}-{place}") for place in (0, 1)]
        assert told[0] == told[1]
        first, second = (
            (tmp_path / f"{seed}-{place}" / "saved_model.pb").read_bytes() for place in (0, 1)
        )
        assert first == second


@pytest.mark.timeout(1200)
@pytest.mark.long
def test_a_server_goes_on_serving(models: Path, tmp_path: Path) -> None:
    figures = fuzz(models, tmp_path, range(2000, 2040), tmp_path / "log")
    assert figures.faults == []
    assert sum(figures.served.values()) == 40
