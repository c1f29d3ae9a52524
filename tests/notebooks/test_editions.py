"""The editions of a notebook in several languages do the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from tests.notebooks.execution import NOTEBOOKS, read_notebook

EDITIONS = [path for path in NOTEBOOKS if path.stem.endswith(".zh")]

pytestmark = pytest.mark.parametrize("edition", EDITIONS, ids=lambda path: path.stem)


def _english(edition: Path) -> Path:
    return edition.with_name(f"{edition.stem.removesuffix('.zh')}.ipynb")


def _code(path: Path) -> list[str]:
    return [cell.source for cell in read_notebook(path).cells if cell.cell_type == "code"]


class _WithoutTexts(ast.NodeTransformer):
    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        # Another language may put the values elsewhere in the text, but has all of them.
        return ast.JoinedStr(
            [one for one in node.values if isinstance(one, ast.FormattedValue)]
        )

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


def _without_texts(cell: str) -> str:
    # Magics become calls; comments are in no tree.
    code = TransformerManager().transform_cell(cell)  # type: ignore[no-untyped-call]
    tree = ast.parse(code)
    return ast.dump(_WithoutTexts().visit(tree))


def _magics(cell: str) -> list[str]:
    return [line for line in cell.splitlines() if line.startswith("%")]


def test_the_code_is_the_same_but_for_its_texts(edition: Path) -> None:
    here, there = _code(edition), _code(_english(edition))
    assert list(map(_magics, here)) == list(map(_magics, there))
    assert list(map(_without_texts, here)) == list(map(_without_texts, there))


def test_all_prose_is_translated(edition: Path) -> None:
    here, there = read_notebook(edition).cells, read_notebook(_english(edition)).cells
    assert [cell.cell_type for cell in here] == [cell.cell_type for cell in there]
    for cell, english in zip(here, there, strict=True):
        if cell.cell_type == "markdown":
            assert cell.source != english.source
            assert any("\u4e00" <= character <= "\u9fff" for character in cell.source)
