"""Request logs, switched on as users do it and read as TensorFlow reads them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.polling import poll_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

__all__ = ["files_of", "logging_text", "records_in", "wait_for_records"]


def logging_text(prefix: str, rate: float = 1.0, further: str = "") -> str:
    """A ``logging_config`` for the entry of a model."""
    collector = f'log_collector_config {{ type: "tfrecord" filename_prefix: "{prefix}" }}'
    sampling = f"sampling_config {{ sampling_rate: {rate} {further} }}"
    return f"logging_config {{ {collector} {sampling} }}"


def files_of(directory: Path, prefix: str) -> list[Path]:
    """The log files of a prefix, the oldest first."""
    return sorted(directory.glob(f"{prefix}.*.tfrecord"))


def records_in(*files: Path) -> list[Any]:
    """What is in log files, by TensorFlow's own reader and the official message."""
    names = [str(file) for file in files]
    return [
        prediction_log_pb2.PredictionLog.FromString(record)
        for record in tf.data.TFRecordDataset(names).as_numpy_iterator()
    ]


def wait_for_records(
    directory: Path,
    prefix: str,
    number: int,
    wanted: Callable[[Any], bool] = lambda _: True,
) -> list[Any]:
    """The records of a prefix, once so many of those wanted have been written."""
    found: list[Any] = []

    def there() -> bool:
        found[:] = filter(wanted, records_in(*files_of(directory, prefix)))
        return len(found) >= number

    poll_until(there, f"{number} records of {prefix} are there", details=lambda: str(found))
    assert len(found) == number
    return found
