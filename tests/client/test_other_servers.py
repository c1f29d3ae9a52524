"""An address where something else answers: a page to log in, another program."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.wire.errors import Internal


@pytest.fixture(params=[b"<html>Log in, please</html>", b"[1, 2]", b"\xff\xfe"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that answers everything with this."""
    said: bytes = request.param

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_no_model_server_is_told_so(elsewhere: str) -> None:
    with Client(elsewhere) as client:
        with pytest.raises(Internal, match=r"no list of models|no JSON; is this the address"):
            client.models()
        with pytest.raises(Internal, match=r"no answer to a metadata|no JSON; is this the"):
            client["half"].predict([1.0])
        assert client._ipython_key_completions_() == []
    control = ModelControl(elsewhere)
    with pytest.raises(Internal, match=r"no list of models|no JSON; is this the address"):
        control.models()
    control.close()
