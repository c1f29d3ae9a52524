"""The same question as client code, to copy."""

from __future__ import annotations

import json
from typing import Final

from tfs_notebook.client import ModelHandle
from tfs_notebook.client.inputs import NOTHING
from tfs_notebook.client.raw_calls import RawInput
from tfs_notebook.client.raw_values import raw_value
from tfs_notebook.client.snippets import raw_snippet_of, snippet_of
from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.wire.errors import ServingError

__all__ = ["CODE_KINDS", "code_samples"]

CODE_KINDS: Final = {
    "curl": "curl",
    "python": "Python",
    "grpc": "gRPC (Python)",
    "javascript": "JavaScript",
}
"""What each is called, by the name of the snippet."""


def code_samples(handle: ModelHandle, form: Form, value: object) -> dict[str, str]:
    """Code by kind; where there can be none a comment says why. Asks nobody.

    Args:
        handle: what is asked.
        form: how.
        value: what is sent; NOTHING for an input that is made up.
    """
    if form.kind == "examples" and value is NOTHING:
        value = json.loads(form.example)
    return {kind: _sample(kind, handle, form, value) for kind in CODE_KINDS}


def _sample(kind: str, handle: ModelHandle, form: Form, value: object) -> str:
    access, reference = handle.access, handle.reference
    comment = "//" if kind == "javascript" else "#"
    try:
        raw = None if form.pipeline is None or value is NOTHING else raw_value(value)
        if raw is not None and form.pipeline is not None and kind != "grpc":
            return str(raw_snippet_of(kind, access, reference, RawInput(raw, form.pipeline)))
        # Over gRPC go the tensors that a pipeline makes: the code sends some of that shape.
        given = NOTHING if form.pipeline is not None else value
        code = str(snippet_of(kind, access, reference, form.signature, given))
    except ServingError as error:
        return "\n".join(f"{comment} {line}" for line in error.message.splitlines())
    if form.pipeline is not None:
        note = "the tensors that the pipeline makes of texts and images, made up here"
        return f"{comment} {note}\n{code}"
    return code
