"""Which models to serve: ``ModelServerConfig`` as text, checked and made plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

from tfs_notebook.batching.override import BatchingOverride
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle.plugins import platforms
from tfs_notebook.lifecycle.url_file_system import is_url
from tfs_notebook.lifecycle.version_policy import Latest, VersionPolicy
from tfs_notebook.serving.pin import Pin
from tfs_notebook.serving.request_logs.logging_settings import LoggingSettings, logging_settings
from tfs_notebook.serving.routing.settings import NO_TRAFFIC, TrafficSettings
from tfs_notebook.serving.version_policies import policy_of_message
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument
from tfs_notebook.wire.messages import (
    POOL,
    ModelConfig,
    ModelServerConfig,
    ModelType,
)

__all__ = [
    "PLATFORM",
    "ModelSettings",
    "check_settings",
    "configured_models",
    "model_settings",
    "read_text_proto",
    "settings_of",
]

PLATFORM = "tensorflow"
_M = TypeVar("_M", bound=Message)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """One model of the configuration.

    Attributes:
        name: what clients call it.
        base_path: absolute; its version directories lie in it.
        platform: ``tensorflow``, or the name of a plug-in.
        policy: which of the versions there to serve.
        version_labels: version numbers by label.
        batching: what holds for it over files and flags.
        logging: what of its requests is logged, if they are.
        pin: the versions that it is held to, if it is; its policy says so too.
        traffic: which of its versions answer, where that is said by weights.
    """

    name: str
    base_path: str
    policy: VersionPolicy = field(default_factory=Latest)
    version_labels: dict[str, int] = field(default_factory=dict)
    platform: str = PLATFORM
    batching: BatchingOverride = field(default_factory=BatchingOverride)
    logging: LoggingSettings | None = None
    pin: Pin | None = None
    traffic: TrafficSettings = NO_TRAFFIC


def read_text_proto(path: str | Path, kind: type[_M], *, is_secret: bool = False) -> _M:
    """Read a file of protobuf text; an empty one gives an empty message. Blocks.

    Args:
        path: of the file.
        kind: what it says.
        is_secret: whether errors, which go into logs, are to quote nothing of it.

    Raises:
        InvalidArgument: ``Invalid protobuf file: '<file>'`` and where it is wrong.
    """
    message = kind()
    try:
        text = Path(path).read_text(encoding="utf-8")
        text_format.Parse(text, message, descriptor_pool=POOL)
    except (OSError, UnicodeDecodeError, text_format.ParseError) as error:
        said = _place_of(error) if is_secret else error
        detail = f"Error parsing text-format {kind.DESCRIPTOR.full_name}: {said}"
        raise InvalidArgument(f"Invalid protobuf file: '{path}' ({detail})") from None
    return message


def _place_of(error: Exception) -> str:
    if isinstance(error, OSError):
        return str(error)
    if isinstance(error, text_format.ParseError):
        return (
            "expected FIELD: VALUE, a text in quotes and on one line; see line "
            f"{error.GetLine()}, column {error.GetColumn()}. It is not quoted here, for it may "
            "be a secret"
        )
    return "it is not UTF-8"


def configured_models(config: ServerConfig) -> list[ModelSettings]:
    """Return the models a server is told to serve; blocks on its config file.

    A relative ``--model_base_path`` is taken from the working directory. A server
    whose models come by control, or from a journal, may be told of none.

    Raises:
        InvalidArgument: no model is named, or the file cannot be used.
        FailedPrecondition: as :func:`model_settings`.
    """
    if config.model_config_file:
        return model_settings(read_text_proto(config.model_config_file, ModelServerConfig))
    if not config.model_base_path:
        if config.model_control == "explicit" or config.journal_path:
            return []
        raise InvalidArgument(
            "Both server_options.model_base_path and server_options.model_config_file are "
            "empty! Give --model_base_path=DIR, or --model_config_file=FILE for several models."
        )
    _check_names([config.model_name])
    path = config.model_base_path
    absolute = path if is_url(path) else str(Path(path).absolute())
    return [ModelSettings(config.model_name, absolute)]


def model_settings(config: ModelServerConfig) -> list[ModelSettings]:
    """Check a whole configuration and return its models, in its order.

    Raises:
        InvalidArgument: a name twice, a path that is not absolute, a platform
            that does not exist …; TensorFlow Serving's texts.
        FailedPrecondition: a platform that TensorFlow Serving knows and this
            server has no runtime for.
        NotFound: a kind of request log that does not exist.
    """
    if config.WhichOneof("config") == "custom_model_config":
        raise InvalidArgument("Missing custom_model_config_loader in ServerCore Options")
    models = list(config.model_config_list.config)
    _check_names([model.name for model in models])
    return [settings_of(model) for model in models]


def _check_names(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if not name:
            raise InvalidArgument(
                "A model in the config list has no name; give each one a name"
            )
        if name in seen:
            raise InvalidArgument(f"Illegal to list model {name} multiple times in config list")
        seen.add(name)


def settings_of(model: ModelConfig) -> ModelSettings:
    """Check one model of a configuration; its name is taken as it is.

    Raises:
        InvalidArgument: as :func:`model_settings`.
        FailedPrecondition: as :func:`model_settings`.
    """
    _check_platform(model)
    _check_path(model)
    return ModelSettings(
        model.name,
        model.base_path,
        policy_of_message(model.model_version_policy),
        dict(model.version_labels),
        model.model_platform or PLATFORM,
        logging=(
            logging_settings(model.name, model.logging_config)
            if model.HasField("logging_config")
            else None
        ),
    )


def check_settings(model: ModelSettings) -> None:
    """Check what did not come as a message, in the same words.

    Raises:
        InvalidArgument: as :func:`model_settings`.
        FailedPrecondition: as :func:`model_settings`.
    """
    _check_names([model.name])
    settings_of(
        ModelConfig(name=model.name, base_path=model.base_path, model_platform=model.platform)
    )


def _check_platform(model: ModelConfig) -> None:
    has_type = model.model_type != ModelType.MODEL_TYPE_UNSPECIFIED
    if has_type == bool(model.model_platform):
        which = "both" if has_type else "neither"
        raise InvalidArgument(
            f"Illegal setting {which} ModelServerConfig::model_type (deprecated) "
            f"{'and' if has_type else 'nor'} ModelServerConfig::model_platform, model name is "
            f"{model.name}"
        )
    if model.model_type == ModelType.OTHER:
        raise InvalidArgument(f"Model {model.name} requests unsupported platform OTHER")
    # Reading the entry points takes a while, and hardly anybody has to.
    if model.model_platform not in ("", PLATFORM) and (
        model.model_platform not in platforms.names()
    ):
        raise FailedPrecondition(
            f"PlatformConfigMap has no entry for platform {model.model_platform}"
        )


def _check_path(model: ModelConfig) -> None:
    path = model.base_path
    if "\0" in path or not (path.startswith("/") or is_url(path)):
        shown = path.replace("\0", "\\0")
        raise InvalidArgument(
            f"Expected model {model.name} to have an absolute path or URI; got "
            f"base_path()={shown}"
        )
