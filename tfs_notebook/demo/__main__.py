"""``python -m tfs_notebook.demo``: the demo models, served, and what to try.

Takes the flags of the standalone command. The models lie in ``.demo`` of the working
directory; the spam classifier is trained there first, by a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tfs_notebook.cli.main import exit_process, main
from tfs_notebook.config import ServerConfig
from tfs_notebook.demo.half_plus_two import write_half_plus_two

_FOLDER = Path(".demo")
_SPAM = _FOLDER / "spam"
_CONFIG = """\
# Written by the demo, anew at each start.
model_config_list {{
  config {{ name: "spam" base_path: "{spam}" model_platform: "tensorflow" }}
  config {{ name: "half_plus_two" base_path: "{half_plus_two}" model_platform: "tensorflow" }}
}}
"""


def _train_spam() -> None:
    """Train what is not there yet; tells of its progress."""
    if all((_SPAM / version).is_dir() for version in ("1", "2")):
        return
    _say("==> Training the spam classifier: most of a minute, once")
    try:
        # In a process of its own: Keras is a gigabyte that the server does without.
        code = subprocess.call(  # noqa: S603 - our own module
            [sys.executable, "-m", "tfs_notebook.demo.spam", str(_SPAM)],
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
    except KeyboardInterrupt:
        sys.exit(130)
    if code:
        sys.exit(
            "The spam classifier could not be trained; if gensim is missing: "
            "pip install 'tfs_notebook[demo]'"
        )


def _write_config() -> Path:
    half_plus_two = _FOLDER / "half_plus_two"
    write_half_plus_two(half_plus_two)
    path = _FOLDER / "models.config"
    path.write_text(
        _CONFIG.format(spam=_SPAM.absolute(), half_plus_two=half_plus_two.absolute()), "utf-8"
    )
    return path.absolute()


def _what_to_try(config: ServerConfig) -> str:
    url = f"http://localhost:{config.rest_api_port}"
    return f"""
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

  mv {_SPAM}/2 {_SPAM}/held-back
  mv {_SPAM}/held-back {_SPAM}/2

Ctrl-C stops it.
"""


def _announce(config: ServerConfig) -> None:
    _say(_what_to_try(config))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command's own output


if __name__ == "__main__":
    _FOLDER.mkdir(exist_ok=True)
    _train_spam()
    flags = [f"--model_config_file={_write_config()}", "--rest_api_port=8501"]
    exit_process(main([*flags, *sys.argv[1:]], on_ready=_announce))
