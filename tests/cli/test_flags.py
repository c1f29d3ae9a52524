"""The command line: TensorFlow Serving's flags, read as it reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.test_every_flag import FLAGS
from tfs_notebook.cli.flags import NO_EFFECT, REFUSED, FlagError, help_text, parse_flags
from tfs_notebook.config import GROUPS, ServerConfig


def test_values_by_equals_sign_or_next() -> None:
    config = parse_flags(["--port=1", "--model_name", "m", "--model_base_path=/a=b"]).config
    assert (config.port, config.model_name, config.model_base_path) == (1, "m", "/a=b")


def test_nothing_means_the_defaults() -> None:
    config = parse_flags([]).config
    defaults = ServerConfig()
    assert config.trait_values(config=True) == defaults.trait_values(config=True)
    assert config.port == 8500
    assert config.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", True), ("=true", True), ("=1", True), ("=True", True),
        ("=false", False), ("=0", False), ("=FALSE", False),
    ],
)  # fmt: skip
def test_booleans(text: str, value: bool) -> None:
    parsed = parse_flags([f"--rest_api_enable_cors_support{text}", "--port=3"])
    assert parsed.config.rest_api_enable_cors_support is value
    assert parsed.config.port == 3


def test_the_last_of_a_flag_counts() -> None:
    assert parse_flags(["--port=1", "--port=2"]).config.port == 2


def test_an_empty_value() -> None:
    assert parse_flags(["--model_config_file="]).config.model_config_file == ""


@pytest.mark.parametrize(
    ("argument", "near"),
    [
        ("--prot=1", "port"),
        ("--rest_port=1", "rest_api_port"),
        ("--model-name=m", "model_name"),
        ("--model_path=m", "model_base_path"),
        ("--model_confg_file=f", "model_config_file"),
        ("--enable_bathing", "enable_batching"),
        ("--ssl_config=f", "ssl_config_file"),
        ("--verson", "version"),
    ],
)
def test_unknown_flags_name_the_nearest(argument: str, near: str) -> None:
    with pytest.raises(FlagError, match=rf"unknown flag .*did you mean --{near}\?"):
        parse_flags([argument])


def test_an_unknown_flag_that_is_near_nothing() -> None:
    with pytest.raises(FlagError, match="unknown flag --zzzzzz; --help lists the flags"):
        parse_flags(["--zzzzzz=1"])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--port=abc"], "not valid: expected an integer of at least 0 and at most 65535"),
        (["--port=65536"], "--port=65536 is not valid"),
        (["--port=-1"], "--port=-1 is not valid"),
        (["--port="], "--port= is not valid"),
        (["--port=1.5"], "--port=1.5 is not valid"),
        (["--port"], "--port needs a value"),
        (["--model_name", "--port=1"], "--model_name needs a value"),
        (["--rest_api_enable_cors_support=maybe"], "expected true or false"),
        (["--log_level=loud"], "--log_level=loud is not valid"),
        (["--per_process_gpu_memory_fraction=2"], "at most 1"),
        (["--per_process_gpu_memory_fraction=nan"], "is not valid"),
        (["--grpc_max_threads=0"], "at least 1"),
        (["model"], "unexpected argument 'model'"),
        (["-p", "1"], "unexpected argument '-p'"),
        (["--"], "unknown flag"),
        (["--=1"], "unknown flag"),
    ],
)  # fmt: skip
def test_bad_values(arguments: list[str], text: str) -> None:
    with pytest.raises(FlagError) as caught:
        parse_flags(arguments)
    assert text in str(caught.value)


def test_flags_without_effect_are_taken_and_told() -> None:
    parsed = parse_flags(["--skip_initialize_tpu", "--port=7", "--xla_cpu_compilation_enabled"])
    assert set(parsed.ignored) == {"skip_initialize_tpu", "xla_cpu_compilation_enabled"}
    assert parsed.config.port == 7


def test_flags_that_would_change_answers_are_refused() -> None:
    with pytest.raises(FlagError, match="--use_alts_credentials cannot be used"):
        parse_flags(["--use_alts_credentials"])
    # Off is what this server does anyway.
    assert parse_flags(["--use_alts_credentials=false", "--port=7"]).config.port == 7


def test_help_and_version() -> None:
    assert parse_flags(["--help"]).show_help
    assert parse_flags(["-h", "--port=1"]).show_help
    assert parse_flags(["--version"]).show_version
    assert not parse_flags(["--version=false"]).show_version


def test_help_has_every_flag_in_its_group() -> None:
    text = help_text()
    for group in GROUPS:
        assert f"\n{group}:\n" in text
    for name in {*ServerConfig.class_traits(config=True), *NO_EFFECT, *REFUSED, "version"}:
        assert f"  --{name}" in text, name
    assert max(map(len, text.splitlines())) <= 96


def test_every_flag_says_what_it_does() -> None:
    for name, trait in ServerConfig.class_traits(config=True).items():
        assert trait.help, name
        assert trait.metadata["group"] in GROUPS


words = st.one_of(
    st.text(max_size=20),
    st.sampled_from([f"--{name}" for name in FLAGS]),
    st.tuples(st.sampled_from(sorted(FLAGS)), st.text(max_size=8)).map(
        "--{0[0]}={0[1]}".format
    ),
)


@given(st.lists(words, max_size=6))
def test_any_command_line_is_read_or_refused_in_words(arguments: list[str]) -> None:
    try:
        parse_flags(arguments)
    except FlagError as error:
        text = str(error)
    else:
        text = "read"
    assert text
