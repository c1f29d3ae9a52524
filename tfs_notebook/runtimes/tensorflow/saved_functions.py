"""The Python functions behind a TensorFlow 2 SavedModel, with the calls they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tfs_notebook.wire.errors import DataLoss
from tfs_notebook.wire.messages import (
    FunctionSpec,
    SavedObject,
    SavedObjectGraph,
    StructuredValue,
)
from tfs_notebook.wire.structured_values import structured_text

__all__ = ["Argument", "ConcreteFunction", "SavedFunction", "saved_functions"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a concrete function.

    Attributes:
        name: of the parameter; empty if it is not known.
        value: a type (``TensorSpec(…)``) or a plain Python value, as ``repr``
            shows it. A call has to give a tensor of the type, or the very value.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ConcreteFunction:
    """One traced form of a function: the arguments it can be called with.

    Attributes:
        name: of the function in the graph's library.
        positional: in order.
        named: arguments that go by keyword only, sorted by name.
        returns: the structure of the result, as ``repr`` shows it.
    """

    name: str
    positional: tuple[Argument, ...]
    named: tuple[Argument, ...]
    returns: str


@dataclass(frozen=True, slots=True)
class SavedFunction:
    """A function that is an attribute of the saved object.

    Attributes:
        name: of the attribute.
        options: its traced forms, sorted by name.
    """

    name: str
    options: tuple[ConcreteFunction, ...]


def saved_functions(graph: SavedObjectGraph) -> list[SavedFunction]:
    """The functions that ``tf.saved_model.load(…)`` would offer, sorted by name.

    Empty for a model of TensorFlow 1, which has no objects.

    Raises:
        DataLoss: the object graph refers to what is not in it.
        InvalidArgument: a tensor in a function's signature cannot be decoded.
    """
    if not graph.nodes:
        return []
    functions = []
    for child in graph.nodes[0].children:
        if not 0 <= child.node_id < len(graph.nodes):
            raise DataLoss(f"the saved object {child.local_name!r} is missing from the model")
        found = _concrete_names(graph.nodes[child.node_id])
        if found is not None:
            names, spec = found
            options = tuple(_concrete_function(graph, name, spec) for name in sorted(names))
            functions.append(SavedFunction(child.local_name, options))
    return sorted(functions, key=lambda function: function.name)


@dataclass(frozen=True, slots=True)
class _CallSpec:
    """What is known of a function's parameters."""

    parameters: Sequence[str]
    keywords: Sequence[str] = ()


def _concrete_names(node: SavedObject) -> tuple[Sequence[str], _CallSpec] | None:
    kind = node.WhichOneof("kind")
    if kind == "function":
        function = node.function
        return function.concrete_functions, _CallSpec(_parameters(function.function_spec))
    if kind == "bare_concrete_function":
        bare = node.bare_concrete_function
        spec = _CallSpec(_parameters(bare.function_spec), bare.argument_keywords)
        return [bare.concrete_function_name], spec
    return None


def _concrete_function(graph: SavedObjectGraph, name: str, spec: _CallSpec) -> ConcreteFunction:
    if name not in graph.concrete_functions:
        raise DataLoss(f"the concrete function {name!r} is missing from the model")
    concrete = graph.concrete_functions[name]
    positional, named = _arguments(concrete.canonicalized_input_signature, spec.parameters)
    if not positional and not named:
        # Of a trace that was saved by itself there may be no more than the names.
        positional = tuple(Argument(keyword, "") for keyword in spec.keywords)
    return ConcreteFunction(name, positional, named, structured_text(concrete.output_signature))


def _arguments(
    signature: StructuredValue, parameters: Sequence[str]
) -> tuple[tuple[Argument, ...], tuple[Argument, ...]]:
    """Take ``((positional, …), {named: …})`` apart."""
    parts = signature.tuple_value.values
    if len(parts) != 2:
        return (), ()
    values = parts[0].tuple_value.values
    names = [*parameters[: len(values)], *[""] * (len(values) - len(parameters))]
    fields = parts[1].dict_value.fields
    return (
        tuple(
            Argument(name, structured_text(value))
            for name, value in zip(names, values, strict=True)
        ),
        tuple(Argument(name, structured_text(fields[name])) for name in sorted(fields)),
    )


def _parameters(spec: FunctionSpec) -> list[str]:
    names = list(_argument_names(spec))
    # What a method was bound to is no argument of the saved function.
    return names[1:] if spec.is_method or names[:1] == ["self"] else names


def _argument_names(spec: FunctionSpec) -> Iterator[str]:
    for pair in spec.fullargspec.named_tuple_value.values:
        if pair.key == "args":
            for value in pair.value.list_value.values:
                yield value.string_value
