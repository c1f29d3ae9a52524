"""Model config files as messages, for reloads."""

from __future__ import annotations

from pathlib import Path

from tfs_notebook.serving.model_config import read_text_proto
from tfs_notebook.wire.messages import ModelServerConfig


def config_message(directory: Path, text: str) -> ModelServerConfig:
    """Read the text as the server reads a model config file."""
    path = directory / "reload.config"
    path.write_text(text)
    return read_text_proto(path, ModelServerConfig)
