"""What the console says beside answers: how it is connected, what went wrong. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from tfs_notebook.client.raw_answers import PipelineFacts
from tfs_notebook.client.transport import VersionStatus
from tfs_notebook.notebook.console.forms import FormKey
from tfs_notebook.notebook.console.known_texts import known_text
from tfs_notebook.notebook.console.server_watch import Seen
from tfs_notebook.notebook.widgets.markup import cut, folded, note
from tfs_notebook.notebook.widgets.translation import Translate
from tfs_notebook.notebook.widgets.version_states import look_of
from tfs_notebook.wire.errors import Code, ServingError

__all__ = [
    "cancelled_html",
    "connection_html",
    "error_html",
    "fault_html",
    "form_texts",
    "gone_html",
    "lost_version_html",
    "never_there_html",
    "no_model_html",
    "no_signature_html",
    "not_ready_html",
    "running_html",
    "unnamed_html",
]

_LONGEST_REASON: Final = 300


def connection_html(seen: Seen, translate: Translate) -> str:
    """Which server is asked, and whether it answers."""
    if not seen.problem:
        title = known_text(seen.title, translate) or seen.title
        said = translate("connected to {server}").format(server=title)
        return (
            '<span role="status" class="tfs-soft"><span class="tfs-good tfs-dot" '
            f'aria-hidden="true">●</span> {escape(said)}</span>'
        )
    said = translate("No answer from the server; the console goes on looking for it.")
    problem = known_text(seen.problem, translate) or seen.problem
    reason = folded(translate("Why"), f"<pre>{escape(problem)}</pre>")
    return note("bad", "✕", escape(said) + reason, alert=True)


def error_html(error: ServingError, translate: Translate, example: str = "") -> str:
    """What went wrong, in a line or two, and what to do; the rest is folded.

    Args:
        error: that it is about.
        translate: into the reader's language.
        example: an input that would fit; empty if there is none.
    """
    known = known_text(error.message, translate)
    message = error.message if known is None else known
    first, _, rest = message.strip().partition("\n")
    if len(first) > _LONGEST_REASON:
        first, rest = first[:_LONGEST_REASON] + "…", message
    html = f"<div>{escape(first)}</div>"
    if known is None:
        # The server's own words, which stay as they are.
        html = f"<div>{escape(translate('It did not work:'))}</div>{html}"
    advice = _advice(error, translate)
    if example and error.code == Code.INVALID_ARGUMENT:
        said = translate("This would fit: {example}")
        advice = said.format(example=cut(" ".join(example.split()), _LONGEST_REASON))
    if advice:
        html += f"<div>{escape(advice)}</div>"
    if rest.strip():
        html += folded(translate("More"), f"<pre>{escape(rest)}</pre>", is_open=True)
    return note("bad", "✕", html, alert=True)


def _advice(error: ServingError, translate: Translate) -> str:
    return {
        Code.UNAVAILABLE: translate("Is the server there? The console looks for it again."),
        Code.DEADLINE_EXCEEDED: translate("It took too long. Send it again, or send less."),
        Code.NOT_FOUND: translate("Choose another model or version above."),
        Code.UNAUTHENTICATED: translate("Connect with a token: connect(address, token=…)."),
        Code.RESOURCE_EXHAUSTED: translate("Send less at a time."),
    }.get(error.code, "")


def fault_html(error: BaseException, translate: Translate) -> str:
    """That the console itself has failed: what nobody has thought of."""
    said = translate("The console has failed: {error}")
    told = said.format(error=f"{type(error).__name__}: {error}")
    return note("bad", "✕", escape(told), alert=True)


def running_html(seconds: float, translate: Translate) -> str:
    """That a request is under way, and since when."""
    said = translate("running for {seconds} s").format(seconds=f"{seconds:.1f}")
    return (
        '<span class="tfs-soft"><span class="tfs-spin" aria-hidden="true"></span>'
        f"{escape(said)}</span>"
    )


def cancelled_html(translate: Translate) -> str:
    """That a request was given up."""
    return note("warn", "◌", escape(translate("Cancelled. Nothing came of it.")))


def no_model_html(translate: Translate) -> str:
    """That there is nothing to ask."""
    said = translate("No model answers yet. Serve one with %tfs serve PATH; it appears here.")
    return note("plain", "○", escape(said))


def unnamed_html(translate: Translate) -> str:
    """That the server does not tell which models it has."""
    said = translate("This server does not list its models. Type the name of one above.")
    return note("plain", "○", escape(said))


def gone_html(model: str, translate: Translate) -> str:
    """That the chosen model is there no more."""
    said = translate("{model} is not served any more. Its form is back here when it is.")
    return note("warn", "◌", escape(said.format(model=model)))


def never_there_html(model: str, translate: Translate) -> str:
    """That another model is chosen than the one that was asked for."""
    said = translate("The server has no model {model}.")
    return note("warn", "○", escape(said.format(model=model)))


def lost_version_html(version: str, translate: Translate) -> str:
    """That another version is chosen."""
    said = translate("{version} does not answer; the newest version is chosen instead.")
    return note("warn", "◌", escape(said.format(version=version)))


def not_ready_html(versions: Sequence[VersionStatus], translate: Translate) -> str:
    """What keeps a model from answering: the states of its versions."""
    lines = "".join(f"<div>{_version_line(one, translate)}</div>" for one in versions)
    said = escape(translate("No version answers yet. The form appears here when one does."))
    return note("warn", "◔", f"<div>{said}</div>{lines}")


def _version_line(one: VersionStatus, translate: Translate) -> str:
    look = look_of(one.state, failed=bool(one.code), translate=translate)
    why = f": {escape(cut(one.error, _LONGEST_REASON))}" if one.error else ""
    return f'{one.version} <span aria-hidden="true">{look.icon}</span> {escape(look.text)}{why}'


def no_signature_html(translate: Translate) -> str:
    """That a model has nothing to be called by."""
    return note("warn", "○", escape(translate("This version has no signature to call.")))


def form_texts(
    keys: Sequence[FormKey], pipeline: PipelineFacts | None, translate: Translate
) -> list[str]:
    """How each of what can be asked is called."""
    return [_form_text(key, pipeline, translate) for key in keys]


def _form_text(key: FormKey, pipeline: PipelineFacts | None, translate: Translate) -> str:
    if not key.is_raw:
        return (
            key.signature if pipeline is None else f"{key.signature} · {translate('tensors')}"
        )
    kind = "" if pipeline is None else pipeline.kind
    said = translate("text") if kind == "text" else translate("image")
    return f"{key.signature} · {said}"
