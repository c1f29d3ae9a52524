"""Send spoiled requests to a server of its own, and count what comes.

::

    python -m tests.fuzz.requests --requests 100000 --seed 0

Ends with 1 at the first crash, hang or 5xx that is the server's fault; the seed and the number
of the request give it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from tests.fuzz.requests.doors import DOORS, Fuzzer, OurFault
from tests.saved_models import saved_models
from tests.server_process import ROOT, ServerProcess, config_text

_SERVED = ("half_plus_two", "several", "texts")
_CHECK_EVERY = 5000


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.requests", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--door", choices=DOORS, help="one of them alone")
    parser.add_argument("flags", nargs="*", help="further flags of the server, after --")
    options = parser.parse_args()
    cache = ROOT / ".pytest_cache" / "d" / "saved_models"
    cache.mkdir(parents=True, exist_ok=True)
    models = saved_models(cache)
    with tempfile.TemporaryDirectory(prefix="tfs-fuzz") as directory:
        config = Path(directory) / "models.config"
        served = {name: models / name for name in _SERVED}
        label = 'version_labels { key: "stable" value: 1 }'
        config.write_text(config_text(served, half_plus_two=label))
        flags = [f"--model_config_file={config}", *options.flags]
        with ServerProcess(Path(directory), flags) as server, Fuzzer(server) as fuzzer:
            return _run(fuzzer, options)


def _run(fuzzer: Fuzzer, options: argparse.Namespace) -> int:
    started, failed = time.monotonic(), 0
    doors = [options.door] if options.door else DOORS
    for number in range(options.first, options.first + options.requests):
        random = Random(f"{options.seed} {number}")
        try:
            fuzzer.send(doors[number % len(doors)], random)
            if number % _CHECK_EVERY == 0:
                fuzzer.check_server()
        except OurFault as fault:
            failed = 1
            sys.stdout.write(f"--seed {options.seed} --first {number}: {fault}\n")
            break
    if not failed:
        fuzzer.check_server()
    seconds = time.monotonic() - started
    by_door: dict[str, Counter[str]] = {}
    for (door, status), count in fuzzer.seen.items():
        by_door.setdefault(door, Counter())[status] += count
    for door, counts in by_door.items():
        sys.stdout.write(f"{door:12} {counts.total():7}  {dict(counts.most_common())}\n")
    total = sum(fuzzer.seen.values())
    sys.stdout.write(f"{total} answers in {seconds:.0f} s\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
