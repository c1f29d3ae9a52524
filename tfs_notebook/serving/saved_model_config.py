"""``assets.extra/saved_model_config.pb``: one version's own session options."""

from __future__ import annotations

import logging
from pathlib import Path
from stat import S_ISREG
from typing import Final

from google.protobuf.message import DecodeError

from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.platform_config import platform_bundle
from tfs_notebook.serving.session_config import session_config
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import SavedModelConfig

__all__ = ["SessionOptions"]

_log = logging.getLogger(__name__)

_MOST_BYTES: Final = 1024 * 1024
_NOT_IN_LIBRARY: Final = "the optimizer for it is part of TensorFlow Serving's own binary"
_OVERRIDES_WITHOUT_EFFECT: Final = {
    "remote_op_remap_config": _NOT_IN_LIBRARY,
    "batch_op_rewriter_config": _NOT_IN_LIBRARY,
}
_FIELDS_WITHOUT_EFFECT: Final = {
    "tfrt_runtime_config": "models run in TensorFlow's sessions, not in TFRT",
    "critical": "no model holds up the others",
}


class SessionOptions:
    """The serialised ``ConfigProto`` of each version's session. Any thread may call it."""

    def __init__(self, config: ServerConfig) -> None:
        """Read what holds for all of them; blocks on the files that the flags name.

        Raises:
            ServingError: as :func:`session_config` and :func:`platform_bundle`.
        """
        self._of_all = session_config(config)
        bundle = platform_bundle(config)
        self._reads_files = bundle is None or bundle.enable_saved_model_config

    def of_version(self, path: Path) -> bytes:
        """The options of the version in this directory; blocks on its file.

        A file that cannot be used changes nothing, and is logged, as in TF Serving.
        """
        options = self._of_all
        model = _saved_model_config(path) if self._reads_files else None
        if model is not None and model.HasField("session_overrides"):
            options = type(options)()
            options.CopyFrom(self._of_all)
            # Not only if it is true: TF Serving takes what is left out for false as well.
            options.graph_options.rewrite_options.disable_meta_optimizer = (
                model.session_overrides.disable_meta_optimizer
            )
        return options.SerializeToString()


def _saved_model_config(version: Path) -> SavedModelConfig | None:
    path = version / "assets.extra" / "saved_model_config.pb"
    try:
        content = _content(path)
        if content is None:
            return None
        model = SavedModelConfig.FromString(content)
    except (DecodeError, OSError, InvalidArgument) as error:
        _log.warning("Unable to parse SavedModelConfig: %s (%s)", path, error)
        return None
    _log.info("Finished loading model config from %s", path)
    _log_without_effect(path, model)
    return model


def _content(path: Path) -> bytes | None:
    try:
        # Whoever opened a pipe would wait for one who writes.
        if not S_ISREG(path.stat().st_mode):
            raise InvalidArgument("it is not a file")
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if len(content) > _MOST_BYTES:
        raise InvalidArgument(f"it has more than {_MOST_BYTES} bytes")
    return content


def _log_without_effect(path: Path, model: SavedModelConfig) -> None:
    reasons = _FIELDS_WITHOUT_EFFECT | _OVERRIDES_WITHOUT_EFFECT
    for field, _ in (*model.ListFields(), *model.session_overrides.ListFields()):
        if reason := reasons.get(field.name):
            _log.warning("%s: %s has no effect: %s", path, field.name, reason)
