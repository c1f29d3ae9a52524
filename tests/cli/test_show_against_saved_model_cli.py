"""``show`` tells the facts that ``saved_model_cli show --all`` tells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.cli.show_process import show_json

Tensors: TypeAlias = dict[str, tuple[str, str, str]]
Facts: TypeAlias = dict[str, Any]

_SIGNATURE = re.compile(r"signature_def\['(.*)'\]:")
_TENSOR = re.compile(r"(inputs|outputs)\['(.*)'\] tensor_info:")
_FIELD = re.compile(r"(dtype|shape|name): ?(.*)")
_METHOD = re.compile(r"Method name is: ?(.*)")
_GRAPH = re.compile(r"MetaGraphDef with tag-set: '(.*)' contains")
_OPS = re.compile(r"contains the following ops: (.*)")


def signatures_told_by_cli(text: str) -> dict[str, Facts]:
    """Signatures by tags and name, and the ops, out of the tool's prose."""
    graphs: dict[str, Facts] = {}
    graph: Facts = {}
    signature: Facts = {}
    tensor: dict[str, str] = {}
    for line in text.partition("\nConcrete Functions:")[0].splitlines():
        if match := _GRAPH.search(line):
            tags = ",".join(sorted(match[1].split(", ")))
            graph = graphs[tags] = {"signatures": {}, "ops": None}
        elif match := _SIGNATURE.search(line):
            signature = graph["signatures"][match[1]] = {"inputs": {}, "outputs": {}}
        elif match := _TENSOR.search(line):
            tensor = signature[match[1]][match[2]] = {}
        elif match := _METHOD.search(line):
            signature["method"] = match[1]
        elif match := _OPS.search(line):
            graph["ops"] = sorted(re.findall(r"'(\w+)'", match[1]))
        elif match := _FIELD.search(line):
            tensor[match[1]] = match[2]
    return graphs


def signatures_told_by_show(facts: Facts) -> dict[str, Facts]:
    return {
        ",".join(graph["tags"]): {
            "signatures": {
                name: {
                    "inputs": tensors(signature["inputs"]),
                    "outputs": tensors(signature["outputs"]),
                    "method": signature["method_name"],
                }
                for name, signature in graph["signatures"].items()
            },
            "ops": graph["ops"],
        }
        for graph in facts["meta_graphs"]
    }


def tensors(told: Facts) -> Facts:
    return {
        alias: {
            "dtype": tensor["dtype"],
            "shape": shape_text(tensor["shape"]),
            "name": tensor["name"],
        }
        for alias, tensor in told.items()
    }


def shape_text(shape: list[int] | None) -> str:
    return "unknown_rank" if shape is None else f"({', '.join(map(str, shape))})"


def functions_told_by_cli(text: str) -> dict[str, list[list[str]]]:
    """The arguments of every option by function; of named ones it tells the name only."""
    functions: dict[str, list[list[str]]] = {}
    options: list[list[str]] = []
    for line in text.partition("\nConcrete Functions:")[2].splitlines():
        stripped = line.strip()
        if match := re.match(r"Function Name: '(.*)'", stripped):
            options = functions[match[1]] = []
        elif stripped.startswith("Option #"):
            options.append([])
        elif stripped and not re.match(r"Callable with|(Named )?Argument #|DType:", stripped):
            value = re.sub(r"^(Value|\w+): (?=\S)", "", stripped)
            options[-1].append(in_order(re.sub(r", \x08*([\]}])$", r"\1", value)))
    return {name: sorted(options) for name, options in functions.items()}


def in_order(value: str) -> str:
    """The tool prints a dict in the order of a protobuf map, which is any."""
    if not value.startswith("{"):
        return value
    return "{" + ", ".join(sorted(re.split(r", (?=')", value[1:-1]))) + "}"


def functions_told_by_show(facts: Facts) -> dict[str, list[list[str]]]:
    [graph] = facts["meta_graphs"]
    return {
        name: sorted(
            [argument["value"].strip("'") for argument in option["positional"]]
            + [argument["name"] for argument in option["named"]]
            for option in options
        )
        for name, options in graph["functions"].items()
    }


@pytest.mark.parametrize("kind", ["made", "types", "graphs"])
def test_the_facts_are_the_same(cli_answers: dict[Path, str], kind: str) -> None:
    [path] = (path for path in cli_answers if path.parent.name == kind)
    check(path, cli_answers[path])


def test_the_facts_are_the_same_for_tensorflow_servings_models(
    cli_answers: dict[Path, str], reference_models: Path
) -> None:
    paths = [path for path in cli_answers if reference_models in path.parents]
    assert paths
    for path in paths:
        check(path, cli_answers[path])


def check(path: Path, answer: str) -> None:
    told, expected = signatures_told_by_show(show_json(path)), signatures_told_by_cli(answer)
    assert expected
    for tags, graph in expected.items():
        assert told[tags]["signatures"] == graph["signatures"]
        # The tool does not look into the bodies of loops and branches.
        assert set(told[tags]["ops"]) >= set(graph["ops"])
    assert told.keys() == expected.keys()


def test_the_ops_of_loops_are_told_as_well(
    cli_answers: dict[Path, str], made_model: Path
) -> None:
    told = signatures_told_by_show(show_json(made_model))["serve"]["ops"]
    expected = signatures_told_by_cli(cli_answers[made_model])["serve"]["ops"]
    assert set(told) - set(expected) == {"Less"}


def test_the_functions_are_the_same(cli_answers: dict[Path, str], made_model: Path) -> None:
    expected = functions_told_by_cli(cli_answers[made_model])
    assert len(expected) == 9
    assert len(expected["mixed"]) == 2
    assert functions_told_by_show(show_json(made_model)) == expected


def test_arguments_have_the_names_of_the_parameters(made_model: Path) -> None:
    [graph] = show_json(made_model)["meta_graphs"]
    first, second = graph["functions"]["mixed"]
    assert [argument["name"] for argument in first["positional"]] == ["x", "flag", "mode"]
    assert {first["named"][0]["value"], second["named"][0]["value"]} == {"3", "(4, 'q')"}
    [scaled] = graph["functions"]["scaled"]
    assert scaled["returns"] == (
        "{'y': TensorSpec(shape=(None, 3), dtype=tf.float32, name='y')}"
    )
