"""Values as the next argument, also those of flags without effect."""

from __future__ import annotations

import pytest

from tfs_notebook.cli.flags import NO_EFFECT, FlagError, parse_flags

BOOLEANS = frozenset(
    name
    for name in NO_EFFECT
    if name.startswith(("enable_", "prefer_", "remove_", "skip_", "xla_", "flush_"))
)


@pytest.mark.parametrize("name", sorted(NO_EFFECT.keys() - BOOLEANS))
def test_the_next_argument_is_the_value_of_a_flag_without_effect(name: str) -> None:
    parsed = parse_flags([f"--{name}", "3", "--port", "7"])
    assert set(parsed.ignored) == {name}
    assert parsed.config.port == 7
    assert parse_flags([f"--{name}=3", "--port=7"]).config.port == 7
    with pytest.raises(FlagError, match="unexpected argument 'b'"):
        parse_flags([f"--{name}", "3", "b"])
    for rest in ([], ["--port=7"]):
        with pytest.raises(FlagError, match=f"--{name} needs a value"):
            parse_flags([f"--{name}", *rest])


@pytest.mark.parametrize("name", sorted(BOOLEANS))
def test_booleans_do_not_take_the_next_argument(name: str) -> None:
    parsed = parse_flags([f"--{name}", "--port=7"])
    assert set(parsed.ignored) == {name}
    assert parsed.config.port == 7
    with pytest.raises(FlagError, match="unexpected argument 'false'"):
        parse_flags([f"--{name}", "false"])
