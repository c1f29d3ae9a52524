"""What a server is to serve, kept across its restarts."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tfs_notebook.batching.override import BatchingOverride, check_batch_threads
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import is_url
from tfs_notebook.serving.model_config import ModelSettings, configured_models
from tfs_notebook.serving.pin import read_pin, write_pin
from tfs_notebook.serving.private_file import read_document, set_aside, write_document
from tfs_notebook.serving.request_logs.logging_settings import read_logging, write_logging
from tfs_notebook.serving.routing.file import with_traffic_file
from tfs_notebook.serving.routing.journal_documents import read_traffic, write_traffic
from tfs_notebook.serving.version_policies import check_version, read_policy, write_policy
from tfs_notebook.wire.errors import InvalidArgument, ServingError, Unavailable

__all__ = ["Journal", "first_models"]

_log = logging.getLogger(__name__)

_FORMAT: Final = 1


class Journal:
    """The list of models as it was last accepted, in a private file.

    Not for several threads at once: the list has a lock around it.

    Attributes:
        batch_threads: how many batches run at once, where that was said of the running
            server; what is written says it too.
    """

    def __init__(self, path: str) -> None:
        """Take note of where it is; nothing is read or written yet."""
        # A link to it stays one.
        self._path = Path(os.path.realpath(path))
        self.batch_threads: int | None = None

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def read(self) -> list[ModelSettings] | None:
        """The models of the last list; None if none was written. Blocks.

        A file whose content cannot be used is set aside, and an error is logged.

        Raises:
            InvalidArgument: it cannot be read. To begin without it would be to forget
                what it may well hold.
        """
        try:
            document = read_document(self._path)
            return None if document is None else self._read(document)
        except OSError as error:
            raise InvalidArgument(
                f"--journal_path: cannot read {self._path}: {error.strerror}. Let it be read, "
                "or name another file"
            ) from None
        except (ValueError, KeyError, TypeError, ServingError) as error:
            set_aside(self._path, error)
            return None

    def _read(self, document: object) -> list[ModelSettings]:
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise ValueError(f"it is no journal of format {_FORMAT}")
        models = _models(document)
        # The first journals did not say it.
        if (number := document.get("batch_threads")) is not None:
            self.batch_threads = check_batch_threads(number)
        return models

    def write(self, models: Sequence[ModelSettings]) -> None:
        """Keep this list in the place of the last one. Blocks until the disk has it.

        Raises:
            Unavailable: that cannot be; the last one is still there.
        """
        entries = [
            {
                "name": model.name,
                "base_path": model.base_path,
                "platform": model.platform,
                "version_policy": write_policy(model.policy),
                "labels": model.version_labels,
                "batching": model.batching.given,
                "logging": write_logging(model.logging),
                "pin": write_pin(model.pin),
                "traffic": write_traffic(model.traffic),
            }
            for model in models
        ]
        try:
            document = {
                "format": _FORMAT,
                "models": entries,
                "batch_threads": self.batch_threads,
            }
            write_document(self._path, document, lasting=True)
        except OSError as error:
            raise Unavailable(
                f"the journal {self._path} cannot be written, so the change would not outlive "
                f"a restart: {error}. Nothing has changed; make room there, or start with "
                "another --journal_path"
            ) from None


def _models(document: Mapping[str, Sequence[Mapping[str, object]]]) -> list[ModelSettings]:
    models = [_model(entry) for entry in document["models"]]
    if len({model.name for model in models}) != len(models):
        raise ValueError("a model is there twice")
    return models


def _model(entry: Mapping[str, object]) -> ModelSettings:
    name, base_path, platform = entry["name"], entry["base_path"], entry["platform"]
    labels, batching = entry["labels"], entry.get("batching", {})
    if not (isinstance(name, str) and isinstance(base_path, str) and isinstance(platform, str)):
        raise TypeError("a name, a base path and a platform are texts")
    if not name or not (base_path.startswith("/") or is_url(base_path)):
        raise ValueError(f"model {name!r} has no name, or no absolute base path")
    if not isinstance(labels, dict):
        raise TypeError("labels are versions by label")
    if not isinstance(batching, dict):
        raise TypeError("batching is a value by parameter")
    return ModelSettings(
        name,
        base_path,
        read_policy(entry["version_policy"]),
        {label: check_version(version) for label, version in labels.items()},
        platform,
        BatchingOverride().changed(batching),
        read_logging(name, entry.get("logging")),
        read_pin(entry.get("pin")),
        read_traffic(entry.get("traffic")),
    )


def first_models(config: ServerConfig, journal: Journal | None) -> list[ModelSettings]:
    """The models of the journal, or else those that the flags name; blocks on the files.

    Raises:
        InvalidArgument: as :func:`configured_models` and :meth:`Journal.read`.
        FailedPrecondition: as :func:`configured_models`.
    """
    models = None if journal is None else journal.read()
    if journal is None or models is None:
        return with_traffic_file(configured_models(config), config)
    _log.info("%d model(s) as they were last changed, from %s", len(models), journal.path)
    if config.model_config_file or config.model_base_path:
        _log.warning(
            "what --model_config_file and --model_base_path say is not looked at, because "
            "the models were changed since; remove %s to begin with them again",
            journal.path,
        )
    return models
