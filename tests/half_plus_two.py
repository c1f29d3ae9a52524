"""The smallest request to the smallest model, and its answer."""

from __future__ import annotations

from typing import Final

BODY: Final = b'{"instances": [1.0]}'
ANSWER: Final = {"predictions": [2.5]}
