"""The buttons that change models, with what they ask for, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import ipywidgets

from tfs_notebook.client.observing.observation import ModelObservation
from tfs_notebook.notebook.dashboard.abilities import Ability
from tfs_notebook.notebook.dashboard.action_rows import ActionRow
from tfs_notebook.notebook.dashboard.batching_fields import BatchingFields
from tfs_notebook.notebook.dashboard.changes_to_models import ModelOrders
from tfs_notebook.notebook.dashboard.confirmation import Confirmation
from tfs_notebook.notebook.dashboard.orders import Order
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["ActionView"]

_NONE: Final = "–"
_ALL_PERCENT: Final = 100.0


class ActionView:
    """Widgets, to which one thread writes; the buttons call on that which answers them.

    Args:
        words: of the language.
        give: takes what was asked for, and confirmed where that is needed.
        changed: called when there is something else to show.

    Attributes:
        widget: all of it.
    """

    def __init__(
        self, words: Words, give: Callable[[Order], None], changed: Callable[[], None]
    ) -> None:
        self._words = words
        self._model: ModelObservation | None = None
        self._confirmation = Confirmation(words, give, changed)
        self._fields = BatchingFields(words)
        self._make_inputs()
        self._rows = self._make_rows()
        self.widget: Final = ipywidgets.VBox(
            [self._confirmation.widget, *(row.widget for row in self._rows)]
        )
        self.widget.add_class("tfs-actions")

    def _make_inputs(self) -> None:
        words = self._words
        narrow = {"style": {"description_width": "initial"}, "layout": {"width": "160px"}}
        wide = {**narrow, "layout": {"width": "300px"}}
        self._version = ipywidgets.Dropdown(
            options=[(_NONE, None)], description=words("version"), **narrow
        )
        self._label = ipywidgets.Combobox(
            continuous_update=False, description=words("label"), **narrow
        )
        self._target = ipywidgets.BoundedFloatText(
            50.0, min=0.001, max=3_600_000.0, description=words("p99 in ms"), **narrow
        )
        self._share = ipywidgets.BoundedFloatText(
            _ALL_PERCENT, min=0.0, max=_ALL_PERCENT, description=words("percent"), **narrow
        )
        self._distinct = ipywidgets.Checkbox(
            value=True, description=words("each shape once"), indent=False, **narrow
        )
        self._replace = ipywidgets.Checkbox(
            value=False, description=words("replace a file"), indent=False, **narrow
        )
        self._name = ipywidgets.Text(
            continuous_update=False, description=words("name"), **narrow
        )
        self._path = ipywidgets.Text(
            continuous_update=False,
            description=words("path"),
            placeholder=words("on the server's machine"),
            **wide,
        )

    def _make_rows(self) -> list[ActionRow]:
        words, ask, orders = self._words, self._ask, self._orders
        version = self._version
        fields = self._fields
        return [
            ActionRow(words("serve"), "model", (), [
                (words("load again"), lambda: ask(orders().load())),
                (words("unload …"), lambda: ask(orders().unload())),
            ]),
            ActionRow(words("versions"), "model", (version,), [
                (words("roll back …"), lambda: ask(orders().roll_back(version.value))),
                (words("pin"), lambda: ask(orders().pin(self._chosen_versions()))),
            ]),
            ActionRow(words("pin"), "unpin", (), [
                (words("unpin …"), lambda: ask(orders().unpin())),
            ]),
            ActionRow(words("label"), "model", (self._label,), [
                (
                    words("move to the version …"),
                    lambda: self._with_version(
                        lambda number: orders().move_label(self._label.value.strip(), number)
                    ),
                ),
                (
                    words("take away …"),
                    lambda: ask(orders().move_label(self._label.value.strip(), None)),
                ),
            ]),
            ActionRow(words("batching"), "batching", fields.widgets, [
                (words("apply"), lambda: ask(orders().change_batching(fields.changes()))),
                (words("take back"), lambda: ask(orders().change_batching({}, reset=True))),
            ]),
            ActionRow(words("tune to"), "tune", (self._target,), [
                (words("tune"), lambda: ask(orders().tune(self._target.value))),
                (words("end"), lambda: ask(orders().tune(0.0))),
            ]),
            ActionRow(words("record"), "record", (self._share,), [
                (words("record …"), lambda: ask(orders().record(self._share.value / 100))),
                (words("stop"), lambda: ask(orders().record(0.0))),
            ]),
            ActionRow(words("warm-up"), "warmup", (self._distinct, self._replace), [
                (words("make the file"), lambda: self._with_version(self._warmup)),
            ]),
            ActionRow(words("another model"), "load", (self._name, self._path), [
                (words("load"), self._load_another),
            ]),
        ]  # fmt: skip

    # -- on the thread that answers the front end ------------------------------------

    def _orders(self) -> ModelOrders:
        return ModelOrders("" if self._model is None else self._model.name, self._words)

    def _ask(self, order: Order) -> None:
        self._confirmation.ask(order)

    def _chosen_versions(self) -> list[int]:
        return [] if self._version.value is None else [self._version.value]

    def _with_version(self, make: Callable[[int], Order]) -> None:
        number = self._version.value
        if number is None:
            self._confirmation.say(self._words("Choose a version first."))
        else:
            self._ask(make(number))

    def _warmup(self, version: int) -> Order:
        return self._orders().make_warmup(
            version, distinct=self._distinct.value, replace=self._replace.value
        )

    def _load_another(self) -> None:
        name = self._name.value.strip()
        if not name:
            self._confirmation.say(self._words("Say which model: its name."))
        else:
            self._ask(ModelOrders(name, self._words).load(self._path.value.strip()))

    # -- on the thread that writes --------------------------------------------------

    def forget(self) -> None:
        """Another server is looked at: what was asked or typed was meant for that before."""
        self._model = None
        self._confirmation.dismiss()
        self._fields.forget()

    def show(self, model: ModelObservation | None, reasons: Mapping[Ability, str]) -> None:
        """Show what can be done to a model; only what has changed is sent."""
        before = None if self._model is None else self._model.name
        self._model = model
        if (None if model is None else model.name) != before:
            self._confirmation.dismiss()
            self._fields.forget()
        self._show_versions(() if model is None else [one.version for one in model.versions])
        self._label.options = tuple((model.labels or {}) if model is not None else ())
        self._fields.show(None if model is None else model.batching)
        for row in self._rows:
            row.show(reasons[row.ability])
        self._confirmation.show()

    def _show_versions(self, versions: Sequence[int]) -> None:
        options = ((_NONE, None), *((str(one), one) for one in versions))
        if self._version.options != options:
            chosen = self._version.value
            self._version.options = options
            # Twice: what is the same place in other options is not sent, and not shown.
            self._version.index = None
            self._version.value = chosen if chosen in versions else None
            if self._version.index is None:
                self._version.index = 0
