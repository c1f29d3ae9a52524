"""A server is given versions that have something wrong with them, one after the other.

::

    python -m tests.fuzz.saved_models --count 1000 --seed 0

Each is first loaded and run in a sacrificial process, which tells what it would do to a
server without protection, and then by a real server with ``--validate_in_subprocess``, which
serves a good version all the while. A line a version goes to the log; the sums are printed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tests.built_once import built_once, content_key
from tests.fuzz.mutations import mutated
from tests.fuzz.trials import Trials
from tests.half_plus_two import ANSWER, BODY
from tests.polling import poll_until
from tests.server_process import ROOT, ServerProcess

__all__ = ["Figures", "fuzz"]

_AT_ONCE: Final = 25
_SECONDS: Final = 600.0
_DONE: Final = frozenset({"AVAILABLE", "END"})
# An error without any of the words that were looked for says what happened, not what is wrong.
_SHORTEST_REASON: Final = 20


@dataclass(slots=True)
class Figures:
    """What came of it.

    Attributes:
        alone: outcomes in sacrificial processes.
        served: outcomes in the server.
        faults: what must not be; empty if all is well.
    """

    alone: Counter[str] = field(default_factory=Counter)
    served: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Made:
    version: int
    seed: int
    what: str
    alone: str


def fuzz(models: Path, directory: Path, seeds: range, log: Path) -> Figures:
    """Give a server a version of each seed; blocks until it has judged all of them.

    Args:
        models: the good ones.
        directory: an empty one for the server and what it is given.
        seeds: of the versions.
        log: gets a line a version.
    """
    figures = Figures()
    with (
        _server(models, directory) as server,
        Trials(directory / "trials.log") as trials,
        log.open("a", encoding="utf-8") as lines,
    ):
        for first in range(0, len(seeds), _AT_ONCE):
            batch = [
                _make(models, directory, seed, trials, figures)
                for seed in seeds[first : first + _AT_ONCE]
            ]
            for made in batch:
                (directory / "made" / str(made.version)).rename(
                    _base(directory) / str(made.version)
                )
            for line in _judged(server, batch, figures):
                lines.write(f"{line}\n")
            lines.flush()
            for made in batch:
                shutil.rmtree(_base(directory) / str(made.version))
            _is_well(server, figures)
    return figures


def _base(directory: Path) -> Path:
    return directory / "m"


@contextmanager
def _server(models: Path, directory: Path) -> Iterator[ServerProcess]:
    shutil.copytree(models / "half_plus_two" / "1", _base(directory) / "1")
    (directory / "made").mkdir()
    config = directory / "models.config"
    config.write_text(
        f'model_config_list {{ config {{ name: "m" base_path: "{_base(directory)}" '
        'model_platform: "tensorflow" model_version_policy { all {} } } }'
    )
    with ServerProcess(
        directory,
        [
            f"--model_config_file={config}",
            "--validate_in_subprocess",
            "--validation_timeout_seconds=60",
            "--validation_memory_limit_bytes=4000000000",
            "--max_num_load_retries=0",
            "--num_load_threads=4",
        ],
    ) as server:
        yield server


def _make(models: Path, directory: Path, seed: int, trials: Trials, figures: Figures) -> _Made:
    version = seed + 2
    path = directory / "made" / str(version)
    what = mutated(seed, models, path)
    alone, reason = trials.of(path)
    figures.alone[alone] += 1
    if alone == "unforeseen":
        figures.faults.append(f"{seed}: {reason}")
    return _Made(version, seed, what, f"{alone} {reason}")


def _judged(server: ServerProcess, batch: list[_Made], figures: Figures) -> Iterator[str]:
    states: dict[int, tuple[str, str]] = {}

    def all_done() -> bool:
        states.clear()
        states.update(_states(server))
        return all(states.get(made.version, ("", ""))[0] in _DONE for made in batch)

    poll_until(all_done, "all are judged", seconds=_SECONDS, details=lambda: str(states))
    for made in batch:
        state, reason = states[made.version]
        outcome = _outcome(state, reason)
        figures.served[outcome] += 1
        if state == "END" and len(reason) < _SHORTEST_REASON:
            figures.faults.append(f"{made.seed}: refused with no more than {reason!r}")
        yield f"{made.seed} | {made.what} | {made.alone} | {outcome} {reason}".replace(
            "\n", " "
        )


def _outcome(state: str, reason: str) -> str:
    if state == "AVAILABLE":
        return "loaded"
    if "ended the process" in reason:
        return "crashed in scratch"
    return "too long in scratch" if "did not come to an end" in reason else "refused"


def _states(server: ServerProcess) -> dict[int, tuple[str, str]]:
    told = httpx.get(f"{server.url}/v1/models/m", timeout=60).raise_for_status().json()
    return {
        int(one["version"]): (one["state"], one["status"]["error_message"])
        for one in told["model_version_status"]
    }


def _is_well(server: ServerProcess, figures: Figures) -> None:
    url = f"{server.url}/v1/models/m/versions/1:predict"
    answer = httpx.post(url, content=BODY, timeout=60)
    if answer.json() != ANSWER:
        figures.faults.append(f"version 1 answered {answer.text}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code is 1 if something is wrong with the server."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.saved_models")
    parser.add_argument("--count", type=int, default=1000, help="how many versions")
    parser.add_argument("--seed", type=int, default=0, help="of the first of them")
    parser.add_argument("--log", type=Path, default=Path("saved_models_fuzz.log"))
    options = parser.parse_args(arguments)
    key = content_key((ROOT / "tests" / "models").glob("*.py"), ())
    models = built_once(
        ROOT / ".pytest_cache" / "d" / "fuzzed_models", key, "tests.models.build"
    )
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        seeds = range(options.seed, options.seed + options.count)
        figures = fuzz(models, Path(directory), seeds, options.log)
    seconds = time.monotonic() - started
    sys.stdout.write(
        f"{options.count} versions in {seconds:.0f} s\nalone: {dict(figures.alone)}\n"
        f"served: {dict(figures.served)}\nfaults: {len(figures.faults)}\n"
    )
    sys.stdout.writelines(f"  {fault}\n" for fault in figures.faults)
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(main())
