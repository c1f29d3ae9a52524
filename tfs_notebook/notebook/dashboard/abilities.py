"""What can be changed, and why the rest cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from tfs_notebook.client import Client
from tfs_notebook.client.observing import Observation
from tfs_notebook.client.observing.observation import ModelObservation
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["ABILITIES", "Ability", "reasons_against"]

Ability: TypeAlias = Literal["load", "model", "unpin", "batching", "tune", "record", "warmup"]
ABILITIES: Final[tuple[Ability, ...]] = (
    "load",
    "model",
    "unpin",
    "batching",
    "tune",
    "record",
    "warmup",
)
"""To load any; to change one; and what takes more of the server."""


def reasons_against(
    now: Observation | None, model: ModelObservation | None, client: Client | None, words: Words
) -> Mapping[Ability, str]:
    """Why each cannot be done, in words; empty for what can be.

    Args:
        now: the last look at the server; None if there is none, or if it is lost.
        model: which is to be changed; None for none.
        client: of the server.
        words: of the language.
    """
    general = _general(now, client, words)
    if general or now is None:
        return dict.fromkeys(ABILITIES, general)
    if model is None:
        return {**dict.fromkeys(ABILITIES, words("Choose a model on the left.")), "load": ""}
    reasons: dict[Ability, str] = dict.fromkeys(ABILITIES, "")
    if model.pin is None:
        reasons["unpin"] = words("It is not pinned.")
    if model.batching is None:
        reasons["batching"] = words(
            "Its requests are not put together: the server runs without --enable_batching, "
            "or the model brings no parameters."
        )
        reasons["tune"] = words("As batching.")
    if model.recording is None:
        reasons["record"] = reasons["warmup"] = words(
            "The server records no requests: it runs without --request_log_dir."
        )
    elif not model.recording.records.get("OK"):
        reasons["warmup"] = words("No request was recorded yet.")
    return reasons


def _general(now: Observation | None, client: Client | None, words: Words) -> str:
    if now is None or client is None:
        return words("The server does not answer.")
    if now.kind == "other":
        return words(
            "TensorFlow Serving's models are changed by its own configuration, not from here."
        )
    address = client.access.rest_address
    if address is None:
        return words("Changes go over REST: connect(address, rest_address=…).")
    if address.socket is None and not client.access.has_token:
        return words("Over TCP the server wants a token for it: connect(address, token=…).")
    return ""
