"""What a new kernel spends on the package: ``python -m benchmarks.client_start ADDRESS``."""

from __future__ import annotations

import json
import sys
import time

__all__: list[str] = []


def _main(address: str) -> None:
    # Every kernel has it already.
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415

    shell = InteractiveShell.instance()
    began = time.perf_counter()
    shell.run_line_magic("load_ext", "tfs_notebook")
    loaded = time.perf_counter()
    import tfs_notebook  # noqa: PLC0415 - measured

    client = tfs_notebook.connect(address)
    connected = time.perf_counter()
    client["half_plus_two"].predict([1.0])
    answered = time.perf_counter()
    assert not {"tensorflow", "pandas"} & sys.modules.keys()
    figures = {
        "%load_ext": loaded - began,
        "import tfs_notebook; connect()": connected - loaded,
        "the first prediction after that": answered - connected,
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1])
