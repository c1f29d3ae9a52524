"""How many names of models may be labels."""

from __future__ import annotations

from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import sampled_from

from tfs_notebook.serving.monitoring.model_names import ModelNames

NAMES = [f"m{number}" for number in range(300)]


def test_listed_models_have_their_names_however_many() -> None:
    names = ModelNames(lambda _: True)
    assert [names.label(name) for name in NAMES] == NAMES
    assert not names.forget()


def test_the_first_strangers_have_their_names() -> None:
    names = ModelNames(lambda _: False)
    labels = [names.label(name) for name in NAMES]
    assert labels == NAMES[:100] + [""] * 200
    assert [names.label(name) for name in NAMES] == labels


def test_long_names_of_strangers() -> None:
    names = ModelNames("x".__eq__)
    assert names.label("x" * 256) == "x" * 256
    assert names.label("x" * 257) == ""
    assert ModelNames(lambda _: True).label("x" * 257) == "x" * 257


def test_the_first_to_go_are_forgotten() -> None:
    listed = set(NAMES)
    names = ModelNames(listed.__contains__)
    for name in NAMES:
        names.label(name)
    listed -= set(NAMES[:150])
    assert names.forget() == NAMES[:50]
    assert not names.forget()
    assert names.label(NAMES[0]) == ""
    assert names.label(NAMES[50]) == NAMES[50]


def test_a_stranger_that_comes_to_be_listed() -> None:
    listed: set[str] = set()
    names = ModelNames(listed.__contains__)
    for name in NAMES:
        names.label(name)
    listed.update(NAMES)
    assert [names.label(name) for name in NAMES] == NAMES
    assert not names.forget()


class Names(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.listed: set[str] = set()
        self.names = ModelNames(self.listed.__contains__)
        self.labels: set[str] = set()

    @rule(name=sampled_from(NAMES))
    def ask(self, name: str) -> None:
        label = self.names.label(name)
        assert label in {name, ""}
        assert label or name not in self.listed
        self.labels.add(label)

    @rule()
    def ask_all(self) -> None:
        for name in NAMES:
            self.ask(name)

    @rule(first=sampled_from(range(300)))
    def list_some(self, first: int) -> None:
        self.listed.clear()
        self.listed.update(NAMES[first:])

    @rule()
    def read(self) -> None:
        gone = set(self.names.forget())
        assert not gone & self.listed
        assert gone <= self.labels
        self.labels -= gone
        assert len(self.labels - self.listed - {""}) <= 100

    @invariant()
    def labels_are_those_that_are_kept(self) -> None:
        assert self.labels - {""} == set(self.names._labels)


test_any_order = Names.TestCase
