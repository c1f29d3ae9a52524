"""Answers as HTML. Pure; all text from outside is escaped."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

from tfs_notebook.notebook.console.choices import reference_text
from tfs_notebook.notebook.console.known_texts import known_text
from tfs_notebook.notebook.console.questions import Answer, Judged, Word
from tfs_notebook.notebook.console.verdicts import label_kind, verdict_of
from tfs_notebook.notebook.widgets.markup import bar, cut, folded, note, percent, table
from tfs_notebook.notebook.widgets.translation import Translate
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict_sample import plain_value

__all__ = ["answer_html", "exchange_html", "side_by_side"]

_MOST_ROWS: Final = 100
_MOST_WORDS: Final = 200
_LONGEST_TEXT: Final = 160
_MOST_VALUES: Final = 200
_MILLISECONDS: Final = 1000


def answer_html(
    reference: ModelReference,
    answer: Answer,
    picture: bytes,
    translate: Translate,
    *,
    is_narrow: bool = False,
) -> str:
    """One answer, whatever it is of.

    Args:
        reference: what was asked.
        answer: what it said.
        picture: a PNG of the image that was judged; empty for none.
        translate: into the reader's language.
        is_narrow: whether another one stands beside it; a table leaves the words out then.
    """
    body = _body(answer, picture, translate, is_narrow=is_narrow)
    return f'<div class="tfs-answer">{body}{_foot(reference, answer, translate)}</div>'


def _body(answer: Answer, picture: bytes, translate: Translate, *, is_narrow: bool) -> str:
    if len(answer.judged) == 1:
        return _one(answer.judged[0], picture, translate)
    if answer.judged:
        return _several(answer.judged, translate, has_words=not is_narrow)
    return _outputs(answer, translate)


def _one(judged: Judged, picture: bytes, translate: Translate) -> str:
    if not judged.scores:
        return note("plain", "○", escape(translate("It names no label.")))
    verdict = verdict_of(judged.label, judged.score, translate)
    unsure = ""
    if judged.has_scores and verdict.is_unsure:
        unsure = f'<div class="tfs-soft">{escape(translate("It is not sure of that."))}</div>'
    bars = "".join(
        bar(label, score, label_kind(label))
        if judged.has_scores
        else f"<div>{escape(label)}</div>"
        for label, score in judged.scores
    )
    score = percent(judged.score) if judged.has_scores else ""
    shown = (
        f'<div class="tfs-verdict tfs-{verdict.kind}">'
        f'<span class="tfs-icon" aria-hidden="true">{verdict.icon}</span>'
        f'<span>{escape(verdict.text)}</span><span class="tfs-verdict-score">'
        f"{score}</span></div>{unsure}{bars}{_words(judged.words, translate)}"
    )
    if not picture:
        return shown
    data = base64.b64encode(picture).decode()
    alt = escape(translate("the image that was judged"), quote=True)
    return (
        f'<div class="tfs-pictured"><img alt="{alt}" src="data:image/png;base64,{data}">'
        f"<div>{shown}</div></div>"
    )


def _words(words: Sequence[Word], translate: Translate) -> str:
    if not words:
        return ""
    title = escape(translate("The words it was cut into"))
    rest = len(words) - _MOST_WORDS
    more = f' <span class="tfs-soft">… +{rest}</span>' if rest > 0 else ""
    shown = "".join(_word(word, translate) for word in words[:_MOST_WORDS])
    missing = any(word.known == "no" or not word.is_used for word in words)
    legend = (
        f'<div class="tfs-soft tfs-small">{escape(translate("Struck out: not known to it."))}'
        "</div>"
        if missing
        else ""
    )
    return (
        f'<div class="tfs-words" role="group" aria-label="{title}">'
        f'<span class="tfs-soft">{title}</span> {shown}{more}</div>{legend}'
    )


def _word(word: Word, translate: Translate) -> str:
    if word.known == "no":
        title, kind, tag = translate("not known to the model"), "unknown", "s"
    elif not word.is_used:
        title, kind, tag = translate("left out: the text is too long"), "unknown", "s"
    elif word.known == "pieces":
        title, kind, tag = translate("known by its parts"), "pieces", "span"
    else:
        title, kind, tag = translate("known to the model"), "known", "span"
    # Screen readers tell neither strokes nor titles.
    told = f'<span class="tfs-away"> ({escape(title)})</span>' if tag == "s" else ""
    return (
        f'<{tag} class="tfs-word tfs-word-{kind}" title="{escape(title, quote=True)}">'
        f"{escape(word.text)}{told}</{tag}>"
    )


def _several(judged: Sequence[Judged], translate: Translate, *, has_words: bool) -> str:
    has_words = has_words and any(one.words for one in judged)
    has_text = any(one.text for one in judged)
    rows = []
    for place, one in enumerate(judged[:_MOST_ROWS], 1):
        verdict = verdict_of(one.label, one.score, translate)
        icon = f'<span class="tfs-icon" aria-hidden="true">{verdict.icon}</span>'
        cells = [str(place)]
        if has_text:
            cells.append(escape(cut(one.text, _LONGEST_TEXT)))
        cells += [
            f'<span class="tfs-label tfs-{verdict.kind}">{icon} {escape(one.label)}</span>',
            bar("", one.score, verdict.kind) if one.has_scores else "",
        ]
        if has_words:
            cells.append("".join(_word(word, translate) for word in one.words[:_MOST_WORDS]))
        rows.append(cells)
    heads = ["#", *([translate("text")] if has_text else []), translate("label")]
    heads += [translate("score"), *([translate("words")] if has_words else [])]
    counts: dict[str, int] = {}
    for one in judged:
        counts[one.label] = counts.get(one.label, 0) + 1
    summary = " · ".join(f"{label}: {count}" for label, count in counts.items())
    return table(heads, rows, caption=summary, kind="tfs-judged")


def _outputs(answer: Answer, translate: Translate) -> str:
    rows = [
        [
            f"<b>{escape(name)}</b>",
            escape(f"{_type_of(array)} {list(array.shape)}"),
            f'<code class="tfs-values">{escape(_values(array))}</code>',
        ]
        for name, array in answer.outputs.items()
    ]
    heads = [translate("output"), translate("type"), translate("values")]
    return table(heads, rows, kind="tfs-outputs")


def _type_of(array: np.ndarray) -> str:
    return "string" if array.dtype.kind in "OSU" else str(array.dtype)


def _values(array: np.ndarray) -> str:
    if array.size <= _MOST_VALUES:
        return json.dumps(plain_value(array), ensure_ascii=False)
    if array.dtype == object:
        shown = json.dumps(plain_value(array.ravel()[:_MOST_VALUES]), ensure_ascii=False)
        return f"{shown[:-1]}, …]"
    return np.array2string(array, precision=6, separator=", ")


def _foot(reference: ModelReference, answer: Answer, translate: Translate) -> str:
    parts = [
        reference_text(reference, answer.version),
        translate("{ms} ms in all").format(ms=f"{answer.seconds * _MILLISECONDS:.1f}"),
    ]
    if answer.timing:
        names = {
            "queue": translate("waited"),
            "prepare": translate("prepared"),
            "run": translate("ran"),
            "total": translate("on the server"),
        }
        told = (
            f"{names[step]} {answer.timing[step]:.1f}"
            for step in names
            if step in answer.timing
        )
        parts.append(", ".join(told))
    return f'<div class="tfs-soft tfs-foot">{escape(" · ".join(parts))}</div>'


def exchange_html(answers: Sequence[tuple[str, Answer]], translate: Translate) -> str:
    """Requests and responses as they were, folded.

    Args:
        answers: with what was asked, in words.
        translate: into the reader's language.
    """
    parts = []
    for title, answer in answers:
        for what, text in (
            (translate("Request"), known_text(answer.request, translate) or answer.request),
            (translate("Response"), answer.response),
        ):
            if text:
                head = f"{what} · {title}" if len(answers) > 1 else what
                parts.append(folded(head, f"<pre>{escape(text)}</pre>"))
    return "".join(parts)


def side_by_side(first: tuple[str, str], second: tuple[str, str], difference: str) -> str:
    """Two answers in two columns, each with its title, and what tells them apart as HTML."""
    columns = "".join(
        f'<section aria-label="{escape(title, quote=True)}"><h4>{escape(title)}</h4>{html}'
        "</section>"
        for title, html in (first, second)
    )
    return f'{difference}<div class="tfs-two">{columns}</div>'
