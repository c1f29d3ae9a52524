"""Batching, as the measured servers are told of it."""

from __future__ import annotations

from pathlib import Path

__all__ = ["batching_flags"]


def batching_flags(folder: Path, **parameters: int) -> tuple[str, str]:
    """Flags that turn batching on, with a file of these parameters."""
    path = folder / f"batching-{'-'.join(map(str, parameters.values()))}.txt"
    lines = [f"{name} {{ value: {value} }}\n" for name, value in parameters.items()]
    path.write_text("".join(lines))
    return "--enable_batching=true", f"--batching_parameters_file={path}"
