"""``python -m tfs_notebook.demo.lab``: JupyterLab with the demo models served in it.

Takes the options of ``jupyter lab``, which has to be installed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from jupyter_core.paths import jupyter_runtime_dir

from tfs_notebook.demo.demo_models import FOLDER, demo_models, say

_START_SECONDS: Final = 120.0
_NOTEBOOK: Final = "quick_start.ipynb"
# In a clone; elsewhere JupyterLab comes up without a notebook.
_SOURCE: Final = Path(__file__).parents[2] / "notebooks" / _NOTEBOOK
_TOKEN: Final = "JUPYTER_TOKEN"  # noqa: S105 - the name of it


def _arguments(models: Mapping[str, Path]) -> list[str]:
    served = repr({name: str(path) for name, path in models.items()})
    return [
        "--no-browser",
        f"--notebook-dir={FOLDER}",
        # An editable installation does not enable the extension by itself.
        "--ServerApp.jpserver_extensions={'tfs_notebook': True}",
        f"--TfsNotebookApp.models={served}",
        "--ServerApp.answer_yes=True",
        *sys.argv[1:],
    ]


def _announce() -> None:
    """Say where Jupyter is, once its model server is ready."""
    path = Path(jupyter_runtime_dir()) / f"jpserver-{os.getpid()}.json"
    deadline = time.monotonic() + _START_SECONDS
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    while time.monotonic() < deadline:
        # Jupyter logs an error for each question before the model server has been started.
        time.sleep(0.5)
        try:
            # An option may have chosen another token.
            server = json.loads(path.read_bytes())
            url, token = str(server["url"]), str(server["token"])
            if _get(f"{url}tfs/status", token)["state"] == "ready":
                say(_what_to_try(url, token))
                return
        except (OSError, ValueError, KeyError):
            pass
    say(
        f"The model server is not ready after {_START_SECONDS:g} s; what Jupyter has printed "
        "above says why"
    )


def _get(url: str, token: str) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - of the server started above
        url, headers={"Authorization": f"token {token}"}
    )
    # It is on this machine, where no proxy is to be asked.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=5) as response:
        document: dict[str, Any] = json.load(response)
        return document


def _what_to_try(url: str, token: str) -> str:
    header = f"-H 'Authorization: token {token}'"
    opened = f"lab/tree/{_NOTEBOOK}" if (FOLDER / _NOTEBOOK).exists() else "lab"
    return f"""
JupyterLab is running, and spam and half_plus_two are being served in it:

  {url}{opened}?token={token}

Open that address in a browser; the models are in the tab "Model Server", on the left.

From a terminal, below Jupyter's own address and login:

  curl -G {header} {url}tfs/predict --data-urlencode 'text=加我微信xxxxx有福利'
  curl -G {header} {url}tfs/predict --data-urlencode 'text=Win a free prize, text YES now!'
  curl {header} {url}tfs/v1/models/half_plus_two:predict -d '{{"instances": [1.0, 2.0, 5.0]}}'
  curl {header} {url}tfs/v1/models

Ctrl-C stops it, and the model server with it.
"""


def _run() -> None:
    if find_spec("jupyterlab") is None:
        sys.exit("JupyterLab is not installed: pip install 'tfs_notebook[demo]'")
    os.environ.setdefault(_TOKEN, secrets.token_urlsafe(24))
    models = demo_models()
    if not (FOLDER / _NOTEBOOK).exists() and _SOURCE.is_file():
        shutil.copyfile(_SOURCE, FOLDER / _NOTEBOOK)
    threading.Thread(target=_announce, name="tfs-announce", daemon=True).start()
    # In this process: whoever ends it, by whatever signal, ends Jupyter.
    from jupyterlab.labapp import LabApp  # noqa: PLC0415 - where it is installed

    LabApp.launch_instance(_arguments(models))


if __name__ == "__main__":
    _run()
