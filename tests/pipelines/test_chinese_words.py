"""jieba without its cache in the shared temporary directory, and without its talk."""

from __future__ import annotations

import marshal
import subprocess
from pathlib import Path

from tests.python_process import run_python
from tfs_notebook.pipelines.chinese_words import load_word_cutter

_CUT = """
from tfs_notebook.pipelines.chinese_words import load_word_cutter
print("|".join(load_word_cutter()("加我微信有福利")))
"""


def cut_in_a_process(temporary: Path) -> subprocess.CompletedProcess[str]:
    options = ("-W", "error", "-X", "utf8")
    return run_python(*options, "-c", _CUT, environment={"TMPDIR": str(temporary)})


def test_it_leaves_no_file_and_says_nothing(tmp_path: Path) -> None:
    process = cut_in_a_process(tmp_path)
    assert process.stdout == "加|我|微信|有|福利\n"
    assert process.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_somebody_left_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "jieba.cache").write_bytes(marshal.dumps(({"我微": 1_000_000, "我": 0}, 1)))
    assert cut_in_a_process(tmp_path).stdout == "加|我|微信|有|福利\n"


def test_the_dictionary_is_loaded_once() -> None:
    assert load_word_cutter() is load_word_cutter()


def test_words_added_to_the_global_tokenizer_change_nothing() -> None:
    import jieba

    before = load_word_cutter()("加我微信")
    try:
        jieba.dt.FREQ, jieba.dt.total, jieba.dt.initialized = {}, 1, True
        jieba.add_word("加我微信", freq=1_000_000)
        assert load_word_cutter()("加我微信") == before
    finally:
        jieba.dt = jieba.Tokenizer()
