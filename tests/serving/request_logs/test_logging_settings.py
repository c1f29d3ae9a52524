"""``logging_config``: what is accepted, and what it means."""

from __future__ import annotations

import pytest
from google.protobuf import text_format

from tfs_notebook.serving.request_logs.logging_settings import (
    LoggingSettings,
    logging_settings,
    read_logging,
    write_logging,
)
from tfs_notebook.wire.errors import InvalidArgument, NotFound
from tfs_notebook.wire.messages import LoggingConfig, SamplingConfig


def settings(sampling: str = "", collector: str = 'filename_prefix: "x"') -> LoggingSettings:
    text = f"log_collector_config {{ {collector} }} sampling_config {{ {sampling} }}"
    message = LoggingConfig()
    text_format.Parse(text, message)
    return logging_settings("m", message)


def rate(sampling: str) -> float:
    return settings(sampling).sampling_rate


def task(sampling_rate: float, further: str = "") -> str:
    return f"per_task_sampling_configs {{ sampling_rate: {sampling_rate} {further} }} "


def test_what_is_not_said() -> None:
    found = settings()
    assert (found.prefix, found.directory, found.sampling_rate) == ("x", "", 0.0)


def test_equal_configurations_are_equal() -> None:
    assert settings("sampling_rate: 0.5") == settings("sampling_rate: 0.5")
    assert settings("sampling_rate: 0.5") != settings("sampling_rate: 0.4")


def test_records_repeat_the_sampling() -> None:
    found = settings("sampling_rate: 0.25 attributes: 3 " + task(0.5))
    sampling = SamplingConfig.FromString(found.sampling)
    assert (sampling.sampling_rate, sampling.attributes) == (0.25, 3)
    assert sampling.per_task_sampling_configs[0].sampling_rate == 0.5


def test_a_data_centre_is_not_this_server() -> None:
    assert rate(task(1.0, 'dc: "a"') + "sampling_rate: 0.5") == 0.5


def test_a_task_is_not_this_server() -> None:
    assert rate(task(1.0, "task_index: 0") + "sampling_rate: 0.5") == 0.5


def test_the_first_that_is_for_any_task_holds() -> None:
    assert rate(task(1.0, 'dc: "a"') + task(0.25) + task(0.5) + "sampling_rate: 1") == 0.25


def test_without_one_it_is_the_rate_above() -> None:
    assert rate("sampling_rate: 0.125") == 0.125


@pytest.mark.parametrize("wrong", ["-0.1", "1.01", "nan", "inf"])
def test_rates_that_are_none(wrong: str) -> None:
    with pytest.raises(InvalidArgument, match=r"model m: sampling_rate .* from 0 to 1; got"):
        settings(f"sampling_rate: {wrong}")
    with pytest.raises(InvalidArgument, match="from 0 to 1"):
        settings(f"sampling_rate: 1 per_task_sampling_configs {{ sampling_rate: {wrong} }}")


def test_collectors_that_there_are() -> None:
    assert settings(collector='type: "tfrecord" filename_prefix: "x"').prefix == "x"


def test_a_collector_that_is_not_there() -> None:
    with pytest.raises(NotFound, match=r"^Cannot find LogCollector::Factory for type: other "):
        settings(collector='type: "other" filename_prefix: "x"')


def test_loggers_of_other_servers() -> None:
    message = LoggingConfig()
    message.custom_logging_config.type_url = "t/other"
    with pytest.raises(InvalidArgument, match="custom_logging_config"):
        logging_settings("m", message)


def test_a_prefix_with_its_directory() -> None:
    found = settings(collector='filename_prefix: "/var/log/tfs/half.1-b"')
    assert (found.directory, found.prefix) == ("/var/log/tfs", "half.1-b")


@pytest.mark.parametrize(
    "prefix",
    ["", ".", "..", "../x", "a/b", "a/../b", "./x", "x/", "/", "/x/..", ".x", "a\\0b", "a\\nb",
     "a\\177b", "-x", "x" * 101, "é" * 51],
)  # fmt: skip
def test_prefixes_that_are_no_plain_names(prefix: str) -> None:
    with pytest.raises(InvalidArgument, match="model m: filename_prefix is what the names"):
        settings(collector=f'filename_prefix: "{prefix}"')


def test_what_a_journal_keeps() -> None:
    found = settings("sampling_rate: 0.1 " + task(0.5, "task_index: 0"))
    assert read_logging("m", write_logging(found)) == found
    assert write_logging(None) is None
    assert read_logging("m", None) is None
    with pytest.raises(TypeError):
        read_logging("m", ["nonsense"])
    with pytest.raises(ValueError, match="no LoggingConfig"):
        read_logging("m", {"nonsense": 1})
