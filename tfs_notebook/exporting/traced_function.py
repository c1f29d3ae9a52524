"""A ``tf.function`` as a signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfs_notebook.exporting.endpoint import Endpoint, named_outputs
from tfs_notebook.exporting.frameworks import import_tensorflow
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["is_traceable", "traced_endpoint"]


def is_traceable(value: object) -> bool:
    """Whether this is a ``tf.function``; blocks for seconds if TensorFlow is new here."""
    return callable(value) and isinstance(
        value, import_tensorflow().types.experimental.GenericFunction
    )


def traced_endpoint(name: str, function: Any) -> Endpoint:  # noqa: ANN401 - TF has no types
    """An endpoint that answers with it.

    Raises:
        InvalidArgument: it does not tell what it takes.
    """
    tf = import_tensorflow()
    try:
        has_signature = hasattr(function, "structured_input_signature")
        concrete = function if has_signature else function.get_concrete_function()
    except (ValueError, TypeError) as error:
        raise InvalidArgument(
            f"the function of signature {name} does not tell what it takes; make it with "
            "@tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name=…)]): "
            f"{str(error).splitlines()[0]}"
        ) from error
    wanted = concrete.structured_input_signature
    arguments = tf.nest.flatten(wanted)
    specs = [one for one in arguments if isinstance(one, tf.TensorSpec)]

    def call(*tensors: object) -> Mapping[str, Any]:
        given = iter(tensors)
        values = [next(given) if isinstance(one, tf.TensorSpec) else one for one in arguments]
        positional, named = tf.nest.pack_sequence_as(wanted, values)
        return named_outputs(function(*positional, **named))

    def arrange(example: object) -> Mapping[str, object]:
        if isinstance(example, Mapping):
            return example
        if len(specs) == 1:
            return {specs[0].name: example}
        raise InvalidArgument(f"the example is a dict of {[spec.name for spec in specs]}")

    return Endpoint(name, call, specs, arrange)
