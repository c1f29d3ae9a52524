"""A live Keras model as a SavedModel that answers as the model does in inference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tfs_notebook.exporting.endpoint import Endpoint, Signatures, named_outputs
from tfs_notebook.exporting.frameworks import import_keras, import_tensorflow, quiet_loggers
from tfs_notebook.exporting.keras_errors import disk_error, told
from tfs_notebook.exporting.keras_inputs import KerasInputs, example_structure, inputs_of
from tfs_notebook.exporting.structure import matched, packed
from tfs_notebook.exporting.traced_function import is_traceable, traced_endpoint
from tfs_notebook.wire.errors import InvalidArgument, ServingError
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["keras_endpoints", "write_keras_model"]


def keras_endpoints(
    model: Any,  # noqa: ANN401 - Keras has no types
    signatures: Signatures | None,
    example: object | None,
) -> list[Endpoint]:
    """What a Keras model is to answer; an unbuilt one is built by its example.

    Raises:
        InvalidArgument: it is not built, or the signatures do not fit it.
        FailedPrecondition: Keras does not run on TensorFlow here.
    """
    keras = import_keras()
    # A sequential model without a shape counts as built before it knows its inputs.
    if not model.built or (isinstance(model, keras.Sequential) and not model.inputs):
        _build(model, example)
    wanted: Signatures = signatures or {DEFAULT_SIGNATURE: {}}
    endpoints = []
    for name, value in wanted.items():
        if is_traceable(value):
            endpoints.append(traced_endpoint(name, value))
        elif isinstance(value, Mapping):
            inputs = inputs_of(keras, model, example)
            endpoints.append(_endpoint(keras, model, name, inputs, value))
        else:
            raise InvalidArgument(
                f"signature {name} is a dict of 'inputs' and 'outputs', or a tf.function, and "
                f"got {value!r}"
            )
    return endpoints


def write_keras_model(
    model: Any,  # noqa: ANN401
    endpoints: Sequence[Endpoint],
    directory: Path,
) -> None:
    """Write ``saved_model.pb`` and what belongs to it; blocks for seconds.

    Raises:
        InvalidArgument: it cannot be made a graph; the text says why.
        OSError: it cannot be written.
    """
    keras = import_keras()
    with quiet_loggers():
        try:
            archive = keras.export.ExportArchive()
            archive.track(model)
            for endpoint in endpoints:
                archive.add_endpoint(endpoint.name, endpoint.function, endpoint.specs)
            archive.write_out(str(directory), verbose=False)
        except (ServingError, OSError):
            raise
        except Exception as error:
            if (failed := disk_error(error, directory)) is not None:
                raise failed from error
            raise InvalidArgument(
                f"the model {model.name!r} cannot be made a graph, in which its call() has to "
                f"be TensorFlow's and Keras's operations only: {told(error)}"
            ) from error


def _build(model: Any, example: object | None) -> None:  # noqa: ANN401
    if example is None:
        raise InvalidArgument(
            f"the model {model.name!r} is not built: nobody has said what it takes. Call it "
            "once with inputs, or give them as example="
        )
    try:
        model(example_structure(example), training=False)
    except ServingError:
        raise
    except Exception as error:
        raise InvalidArgument(
            f"the model {model.name!r} is not built yet, and does not take the example: "
            f"{told(error)}"
        ) from error


def _endpoint(
    keras: Any,  # noqa: ANN401
    model: Any,  # noqa: ANN401
    name: str,
    inputs: KerasInputs,
    names: Mapping[str, Any],
) -> Endpoint:
    tf = import_tensorflow()
    if "inputs" in names:
        inputs = inputs.renamed(names["inputs"])
    wanted = names.get("outputs")
    asked, own = _with_layers(keras, model, wanted)

    def function(*tensors: object) -> dict[str, Any]:
        outputs = asked(packed(inputs.structure, tensors), training=False)
        return _chosen(named_outputs(outputs), own)

    def arrange(example: object) -> Mapping[str, object]:
        aliases = [part.alias for part in inputs.parts]
        if isinstance(example, Mapping):
            for names in (aliases, [part.own for part in inputs.parts]):
                if set(example) == set(names):
                    return {
                        alias: example[name] for alias, name in zip(aliases, names, strict=True)
                    }
            if not isinstance(inputs.structure, Mapping):
                raise InvalidArgument(
                    f"the model takes {aliases}, and the example is a dict of "
                    f"{sorted(map(str, example))}"
                )
        return dict(zip(aliases, matched(inputs.structure, example), strict=True))

    return Endpoint(
        name,
        function,
        [tf.TensorSpec(part.shape, part.dtype, name=part.alias) for part in inputs.parts],
        arrange,
        _computes_in(model),
    )


def _with_layers(
    keras: Any,  # noqa: ANN401
    model: Any,  # noqa: ANN401
    wanted: object,
) -> tuple[Callable[..., Any], object]:
    """The model to ask, and which of its outputs to give.

    Where all the outputs are named after layers, that is a model of these.
    """
    if not isinstance(wanted, Mapping):
        return model, wanted
    try:
        structure = model.inputs if isinstance(model, keras.Sequential) else model.input
        layers = {alias: model.get_layer(own).output for alias, own in wanted.items()}
    except (AttributeError, ValueError, TypeError):
        return model, wanted  # its own outputs, then
    return keras.Model(structure, layers), None


def _chosen(outputs: dict[str, Any], wanted: object) -> dict[str, Any]:
    if wanted is None:
        return outputs
    if isinstance(wanted, Mapping):
        if missing := sorted({str(own) for own in wanted.values()} - outputs.keys()):
            raise InvalidArgument(
                f"the model has no output {', '.join(missing)}, nor layers of all the names; "
                f"its outputs are {sorted(outputs)}"
            )
        return {alias: outputs[own] for alias, own in wanted.items()}
    names = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(names, Sequence) or len(set(names)) != len(outputs):
        raise InvalidArgument(
            f"the model has the outputs {list(outputs)}; name each of them, in this order, or "
            f"some as {{'new name': 'own name'}}, and not {wanted!r}"
        )
    return dict(zip(names, outputs.values(), strict=True))


def _computes_in(model: Any) -> frozenset[str]:  # noqa: ANN401
    layers = getattr(model, "layers", ())
    return frozenset(str(getattr(layer, "compute_dtype", "")) for layer in (model, *layers))
