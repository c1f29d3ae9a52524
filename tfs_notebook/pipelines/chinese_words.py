"""Chinese text cut into words by jieba, without the files that jieba leaves about."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jieba import Tokenizer

__all__ = ["load_word_cutter"]

_loading = Lock()
_cutter: Callable[[str], list[str]] | None = None


def load_word_cutter() -> Callable[[str], list[str]]:
    """Return the function that cuts a run of Chinese characters into words.

    The first call in a process loads jieba's dictionary, which takes about a
    second and 60 MB; all pipelines share it. What it returns may be called on
    any thread.
    """
    global _cutter  # noqa: PLW0603 - once a process
    with _loading:
        if _cutter is None:
            _cutter = partial(_tokenizer().lcut, HMM=True)
        return _cutter


def _tokenizer() -> Tokenizer:
    with warnings.catch_warnings():
        # Its regular expressions and its use of pkg_resources are out of date.
        warnings.simplefilter("ignore")
        import jieba  # noqa: PLC0415 - only pipelines that need it pay for it

    # Its own way to load, Tokenizer.initialize, reads marshalled data from a file
    # with a fixed name in the shared temporary directory, where anyone may have
    # put it, writes it there otherwise, and tells of it on stderr. So the dictionary
    # is read here. A tokenizer of our own, too: users add words to the global one.
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
