"""``python -m tfs_notebook.demo``: the demo models, served standalone, and what to try.

Takes the flags of the standalone command.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tfs_notebook.cli.main import exit_process, main
from tfs_notebook.config import ServerConfig
from tfs_notebook.demo.demo_models import FOLDER, demo_models, say


def _write_config(models: Mapping[str, Path]) -> Path:
    entries = "".join(
        f'  config {{ name: "{name}" base_path: "{path}" model_platform: "tensorflow" }}\n'
        for name, path in models.items()
    )
    path = FOLDER / "models.config"
    path.write_text(
        f"# Written by the demo, anew at each start.\nmodel_config_list {{\n{entries}}}\n",
        "utf-8",
    )
    return path.absolute()


def _announce(config: ServerConfig) -> None:
    url = f"http://localhost:{config.rest_api_port}"
    say(f"""
spam and half_plus_two are being served: gRPC on port {config.port}, REST on port \
{config.rest_api_port}.
In another terminal, try:

  curl -G {url}/predict --data-urlencode 'text=加我微信xxxxx有福利'
  curl -G {url}/predict --data-urlencode 'text=Win a free prize, text YES now!'
  curl {url}/predict -d '{{"texts": ["明天下午三点开会", "See you at lunch?"]}}'

  curl {url}/v1/models/half_plus_two:predict -d '{{"instances": [1.0, 2.0, 5.0]}}'
  curl {url}/v1/models/spam/metadata
  curl {url}/v1/models

Roll version 2 of spam back, and out again; each goes live in a second or two:

  mv {FOLDER}/spam/2 {FOLDER}/spam/held-back
  mv {FOLDER}/spam/held-back {FOLDER}/spam/2

Ctrl-C stops it.
""")


if __name__ == "__main__":
    config_file = _write_config(demo_models())
    flags = [f"--model_config_file={config_file}", "--rest_api_port=8501"]
    exit_process(main([*flags, *sys.argv[1:]], on_ready=_announce))
