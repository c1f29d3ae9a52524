"""REST requests written as a shell line, as Python and as JavaScript."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from tfs_notebook.client.address import Address
from tfs_notebook.client.tls import Tls
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.request_snippets import python_literal

__all__ = [
    "TOKEN_VARIABLE",
    "Asked",
    "RestRequest",
    "curl_code",
    "javascript_code",
    "method_path",
    "python_code",
]

TOKEN_VARIABLE: Final = "TFS_TOKEN"  # noqa: S105 - the name of a variable
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What is posted, and where.

    Attributes:
        path: below the server's address, with a query perhaps.
        body: as a value; empty for a file.
        is_exact: whether ``2.0`` in it is another thing than ``2``.
        file: path of the file whose bytes are the body; None for none.
    """

    path: str
    body: Mapping[str, JsonValue]
    is_exact: bool = False
    file: str | None = None


@dataclass(frozen=True, slots=True)
class RestRequest:
    """A request over REST.

    Attributes:
        address: of the server.
        asked: what is posted there.
        text: the body as JSON; None if it is too long to read.
        has_token: whether the server is sent a token.
        tls: files for TLS, if it is spoken there with some.
    """

    address: Address
    asked: Asked
    text: str | None
    has_token: bool
    tls: Tls | None

    @property
    def url(self) -> str:
        """The address to post to."""
        return self.address.target + self.asked.path

    @property
    def content_type(self) -> str:
        """What the body is."""
        return "application/json" if self.asked.file is None else "application/octet-stream"


def method_path(model: ModelReference, method: str) -> str:
    """Where ``predict``, ``classify`` or ``regress`` of a model, version or label is."""
    path = f"/v1/models/{quote(model.name, safe='')}"
    if model.version is not None:
        path += f"/versions/{model.version}"
    elif model.label is not None:
        path += f"/labels/{quote(model.label, safe='')}"
    return f"{path}:{method}"


def curl_code(request: RestRequest) -> str:
    """A line for the shell, safe to paste whatever is in it."""
    options = []
    if request.address.socket is not None:
        options.append(f"--unix-socket {shlex.quote(request.address.socket)}")
    if request.has_token:
        options.append(f'-H "Authorization: Bearer ${TOKEN_VARIABLE}"')
    if request.tls is not None:
        files = {
            "--cacert": request.tls.ca,
            "--cert": request.tls.certificate,
            "--key": request.tls.key,
        }
        options += [f"{name} {shlex.quote(path)}" for name, path in files.items() if path]
    before = ""
    if request.asked.file is not None:
        options.append(f"--data-binary {shlex.quote(f'@{request.asked.file}')}")
    elif request.text is not None:
        options.append(f"-d {shlex.quote(request.text)}")
    else:
        script = f"import json; print(json.dumps({python_literal(dict(request.asked.body))}))"
        before = f"python3 -c {shlex.quote(script)} | "
        options.append("-d @-")
    return f"{before}curl {' '.join(options)} {shlex.quote(request.url)}"


def python_code(request: RestRequest) -> str:
    """A script for Python's standard library alone."""
    headers = [f'"Content-Type": "{request.content_type}"']
    if request.has_token:
        headers.append(f'"Authorization": "Bearer " + os.environ["{TOKEN_VARIABLE}"]')
    form = _OVER_SOCKET if request.address.socket is not None else _OVER_TCP
    imports = ["os"] if request.has_token else []
    tls = request.tls
    context = ""
    if tls is not None and (tls.ca or tls.certificate):
        imports.append("ssl")
        authorities = "" if tls.ca is None else f"cafile={_quoted(tls.ca)}"
        context = f"context = ssl.create_default_context({authorities})\n"
        if tls.certificate:
            chain = f"{_quoted(tls.certificate)}, {_quoted(tls.key or tls.certificate)}"
            context += f"context.load_cert_chain({chain})\n"
    file = request.asked.file
    if file is None:
        given = f"body = {python_literal(dict(request.asked.body))}"
        payload = f"json.dumps(body){'.encode()' if request.address.socket is None else ''}"
    else:
        given = f'with open({_quoted(file)}, "rb") as file:\n    body = file.read()'
        payload = "body"
    return form.format(
        imports="".join(f"import {name}\n" for name in imports),
        given=given,
        payload=payload,
        headers=", ".join(headers),
        url=_quoted(request.url),
        path=_quoted(request.asked.path),
        socket=_quoted(request.address.socket or ""),
        context=context,
        with_context=", context=context" if context else "",
        seconds=_SECONDS,
    )


_OVER_TCP: Final = """\
import json
{imports}import urllib.request

{given}
request = urllib.request.Request(
    {url},
    {payload},
    {{{headers}}},
)
{context}with urllib.request.urlopen(request, timeout={seconds}{with_context}) as response:
    print(json.load(response))"""

_OVER_SOCKET: Final = """\
import http.client
import json
{imports}import socket

{given}
connection = http.client.HTTPConnection("localhost", timeout={seconds})
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect({socket})
connection.request("POST", {path}, {payload}, {{{headers}}})
response = connection.getresponse()
print(json.load(response))
connection.close()"""


def javascript_code(request: RestRequest) -> str:
    """A script for a browser or Node; for Node alone, and it says so, over a Unix socket."""
    headers = [f'"Content-Type": "{request.content_type}"']
    if request.has_token:
        headers.append(f'"Authorization": "Bearer " + process.env.{TOKEN_VARIABLE}')
    form = _BY_FETCH if request.address.socket is None else _BY_NODE
    notes = []
    if request.address.socket is not None:
        notes.append(
            "For Node: the server listens on a Unix socket, which no browser can reach."
        )
    if request.has_token and request.address.socket is None:
        notes.append("In a browser, put the token where process.env is.")
    if request.tls is not None and request.tls.ca:
        notes.append(f"With Node, set NODE_EXTRA_CA_CERTS={shlex.quote(request.tls.ca)}")
    if request.tls is not None and request.tls.certificate:
        notes.append(
            "The server may ask for a certificate of the client's, which fetch has not."
        )
    if request.address.is_local and request.address.socket is None:
        notes.append("A page from elsewhere may ask only if the server allows its origin.")
    body = _javascript(dict(request.asked.body)) if request.text is None else request.text
    payload = "JSON.stringify(body)"
    if request.asked.file is not None:
        body, payload = f'require("fs").readFileSync({json.dumps(request.asked.file)})', "body"
        if request.address.socket is None:
            notes.append("For Node: in a browser, the body is the file of an <input>.")
    elif request.asked.is_exact:
        # JavaScript would write 2.0 as 2, which is another type in an example.
        body, payload = json.dumps(request.text or json.dumps(request.asked.body)), "body"
    return form.format(
        notes="".join(f"// {note}\n" for note in notes),
        body=body,
        payload=payload,
        headers=", ".join(headers),
        url=json.dumps(request.url),
        path=json.dumps(request.asked.path),
        socket=json.dumps(request.address.socket),
    )


_BY_FETCH: Final = """\
{notes}const body = {body};
fetch({url}, {{
  method: "POST",
  headers: {{{headers}}},
  body: {payload},
}})
  .then((response) => response.json())
  .then((answer) => console.log(JSON.stringify(answer)));"""

_BY_NODE: Final = """\
{notes}const body = {body};
const request = require("http").request({{
  socketPath: {socket},
  path: {path},
  method: "POST",
  headers: {{{headers}}},
}}, (response) => {{
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (part) => {{ text += part; }});
  response.on("end", () => console.log(JSON.stringify(JSON.parse(text))));
}});
request.end({payload});"""


def _javascript(value: JsonValue) -> str:
    """A value as JavaScript; equal items of a list are written once."""
    if isinstance(value, list):
        if len(value) > 1 and value.count(value[0]) == len(value):
            return f"Array({len(value)}).fill({_javascript(value[0])})"
        return f"[{', '.join(map(_javascript, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)}: {_javascript(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    return json.dumps(value)


def _quoted(text: str) -> str:
    return python_literal(text)
