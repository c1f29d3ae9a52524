"""``python -m tfs_notebook.demo``: the demo model, served, and what to try.

Takes the flags of the standalone command. The model lies in ``.demo`` of the
working directory.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tfs_notebook.cli.main import exit_process, main
from tfs_notebook.config import ServerConfig
from tfs_notebook.demo.half_plus_two import write_half_plus_two

_MODEL = "half_plus_two"


def _what_to_try(config: ServerConfig) -> str:
    base = f"http://localhost:{config.rest_api_port}/v1/models"
    return f"""
{_MODEL} is being served: gRPC on port {config.port}, REST on port {config.rest_api_port}.
In another terminal, try:

  curl -d '{{"instances": [1.0, 2.0, 5.0]}}' {base}/{_MODEL}:predict
  curl {base}/{_MODEL}
  curl {base}/{_MODEL}/metadata
  curl {base}

Ctrl-C stops it.
"""


def _announce(config: ServerConfig) -> None:
    print(_what_to_try(config), flush=True)  # noqa: T201 - a command's own output


if __name__ == "__main__":
    base_path = Path(".demo").absolute() / _MODEL
    write_half_plus_two(base_path)
    flags = [f"--model_name={_MODEL}", f"--model_base_path={base_path}", "--rest_api_port=8501"]
    exit_process(main([*flags, *sys.argv[1:]], on_ready=_announce))
