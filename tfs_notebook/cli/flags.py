"""Flags in TF Serving's spelling: ``--name=value``, and ``--name`` for a boolean."""

from __future__ import annotations

import difflib
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from traitlets import Bool, Float, Int, TraitError, TraitType

from tfs_notebook.config import GROUPS, ServerConfig

__all__ = ["FlagError", "ParsedFlags", "help_text", "parse_flags"]

_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})

_NO_GLOBAL_XLA = "what a model marks for XLA (jit_compile) is compiled, nothing else"
# Flags of TF Serving that this server takes and does nothing with, and why.
NO_EFFECT: Final[dict[str, str]] = {
    "flush_filesystem_caches": "it empties TensorFlow's own caches of remote files, and models "
    "behind URLs are loaded from local copies here; the system's page cache is left alone",
    "remove_unused_fields_from_bundle_metagraph": "only signatures are kept in any case",
    "skip_initialize_tpu": "there is no TPU support",
    "thread_pool_factory_config_file": "a factory is C++ code linked into the server; the "
    "tensorflow_…_parallelism flags set the threads",
    "xla_cpu_compilation_enabled": _NO_GLOBAL_XLA,
    "xla_gpu_compilation_enabled": _NO_GLOBAL_XLA,
}
# Those of them that are no booleans, and so have a value in any case.
_TEXTS: Final = frozenset({"thread_pool_factory_config_file"})
# Flags that change what a client gets, so that ignoring them would be wrong.
REFUSED: Final[dict[str, str]] = {
    "use_alts_credentials": "ALTS exists in Google's own network only; leave the flag out",
}


class FlagError(ValueError):
    """The command line cannot be used; the text says why and what would do."""


@dataclass(slots=True)
class ParsedFlags:
    """What a command line says.

    Attributes:
        config: the configuration.
        show_help: ``--help`` was given.
        show_version: ``--version`` was given.
        ignored: flags that were given and have no effect, with the reason.
    """

    config: ServerConfig
    show_help: bool = False
    show_version: bool = False
    ignored: dict[str, str] = field(default_factory=dict)


def parse_flags(arguments: Sequence[str]) -> ParsedFlags:
    """Parse the arguments of the standalone command.

    The value may also be the next argument (``--port 8500``), save that of a
    boolean. Of a flag that is given twice the last one counts.

    Raises:
        FlagError: an unknown flag (the nearest one is named), a bad value, or a
            flag that this server cannot honour.
    """
    parsed = ParsedFlags(ServerConfig())
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument in ("-h", "--help"):
            parsed.show_help = True
            continue
        if not argument.startswith("--"):
            raise FlagError(f"unexpected argument {argument!r}; flags look like --name=value")
        name, equals, text = argument[2:].partition("=")
        if name == "version":
            parsed.show_version = _boolean(name, text if equals else "true")
        elif name in NO_EFFECT:
            _check_ignored(name, text if equals else _ignored_value(name, rest))
            parsed.ignored[name] = NO_EFFECT[name]
        elif name in REFUSED:
            _refuse(name, text)
        else:
            value = text if equals else _next_value(name, rest)
            setattr(parsed.config, name, _converted(name, value))
    return parsed


def _refuse(name: str, text: str) -> None:
    # Off is what this server does anyway.
    if text.lower() not in _FALSE:
        raise FlagError(f"--{name} cannot be used: {REFUSED[name]}")


def _ignored_value(name: str, rest: list[str]) -> str:
    if name not in _TEXTS:
        return "true"
    if not rest or rest[0].startswith("--"):
        raise FlagError(f"--{name} needs a value: --{name}=…")
    return rest.pop(0)


def _check_ignored(name: str, text: str) -> None:
    # What TF Serving would not take is a mistake here too.
    if name not in _TEXTS:
        _boolean(name, text)


def _trait(name: str) -> TraitType[Any, Any]:
    traits: dict[str, TraitType[Any, Any]] = ServerConfig.class_traits(config=True)
    if name not in traits:
        known = [*traits, *NO_EFFECT, *REFUSED, "help", "version"]
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"; did you mean --{near[0]}?" if near else "; --help lists the flags"
        raise FlagError(f"unknown flag --{name}{hint}")
    return traits[name]


def _next_value(name: str, rest: list[str]) -> str:
    if isinstance(_trait(name), Bool):
        return "true"
    if not rest or rest[0].startswith("--"):
        raise FlagError(f"--{name} needs a value: --{name}=…")
    return rest.pop(0)


def _converted(name: str, text: str) -> object:
    trait = _trait(name)
    if isinstance(trait, Bool):
        return _boolean(name, text)
    value: object = text
    try:
        if isinstance(trait, Int):
            value = int(text)
        elif isinstance(trait, Float):
            value = _finite(text)
        trait._validate(ServerConfig(), value)  # noqa: SLF001 - no public way to ask a trait
    except (ValueError, TraitError):
        raise FlagError(f"--{name}={text} is not valid: {_expected(trait)}") from None
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _boolean(name: str, text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise FlagError(f"--{name}={text} is not valid: expected true or false")


def _expected(trait: TraitType[Any, Any]) -> str:
    if isinstance(trait, Int | Float):
        kind = "an integer" if isinstance(trait, Int) else "a number"
        low, high = getattr(trait, "min", None), getattr(trait, "max", None)
        limits = "" if low is None else f" of at least {low}"
        return f"expected {kind}{limits}{'' if high is None else f' and at most {high}'}"
    return f"expected {trait.info()}"


def help_text() -> str:
    """The flags in groups, each with its default and what it does."""
    lines = [
        "usage: tfs-notebook [--name=value ...]     serve models over gRPC and REST",
        "       tfs-notebook show DIR               what a SavedModel offers",
        "       tfs-notebook doctor                 what is wrong with this installation",
        "       tfs-notebook log COMMAND FILE ...   show, replay and compare logged requests",
        "",
        "Flags are those of tensorflow_model_server, and a few more.",
    ]
    traits = ServerConfig.class_traits(config=True)
    for group in GROUPS:
        lines += ["", f"{group}:"]
        for name, trait in traits.items():
            if trait.metadata.get("group") == group:
                lines += _flag_help(name, trait.default_value, trait.help)
    lines += ["", "Other:"]
    lines += _flag_help("version", False, "Print the versions and exit.")
    lines += ["", "Taken without effect:"]
    for name, reason in NO_EFFECT.items():
        lines += _flag_help(name, None, reason)
    lines += ["", "Refused:"]
    for name, reason in REFUSED.items():
        lines += _flag_help(name, None, reason)
    return "\n".join(lines)


def _flag_help(name: str, default: object, text: str) -> list[str]:
    shown = str(default).lower() if isinstance(default, bool) else default
    head = f"  --{name}" if default is None else f"  --{name}={shown}"
    return [head, *textwrap.wrap(text, 88, initial_indent=" " * 6, subsequent_indent=" " * 6)]
