"""A client as a notebook shows it: the server's models, asked for briefly."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

from tfs_notebook.client.model_list import ServedModel, model_table, with_statistics
from tfs_notebook.client.text_tables import bundle, html_table, text_table
from tfs_notebook.wire.errors import NotFound, ServingError, Unimplemented

if TYPE_CHECKING:
    from tfs_notebook.client.client import Client

__all__ = ["shown_client"]


def shown_client(client: Client, seconds: float) -> Mapping[str, str]:
    """The client, and the models of its server and of its neighbours; raises nothing.

    Args:
        client: which one.
        seconds: how long each server may take to list its models.
    """
    lines, parts = [], []
    for title, one in {"": client, **client.access.neighbours()}.items():
        heading = repr(client) if one is client else f"{title}: {one.title or one.address}"
        models, note = _models(one, seconds)
        heads, rows = model_table(models)
        lines.append(heading)
        parts.append(f"<p>{escape(heading)}</p>")
        if rows:
            lines.append(text_table(heads, rows))
            parts.append(html_table(heads, rows))
        if note:
            lines.append(f"  {note}")
            parts.append(f"<p>{escape(note)}</p>")
    return bundle("\n".join(lines), f"<div>{''.join(parts)}</div>")


def _models(client: Client, seconds: float) -> tuple[list[ServedModel], str]:
    if client.is_closed:
        return [], ""
    try:
        models = client.served(timeout=seconds)
    except (Unimplemented, NotFound):
        return [], 'its models are not listed; client["NAME"] takes one by its name'
    except ServingError as error:
        return [], f"it does not tell its models: {error.message}"
    except Exception as error:  # noqa: BLE001 - what shows a value must not fail
        return [], f"it does not tell its models: {error!r}"
    if not models:
        return models, "it serves no model yet"
    with suppress(Exception):  # what shows a value must not fail, and is of use without
        models = with_statistics(models, client.stats(timeout=seconds))
    return models, ""
