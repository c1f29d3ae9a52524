"""The predict request of the REST API: a JSON body to named arrays.

``{"instances": [row, …]}`` is the row format, ``{"inputs": value}`` the column
format. Bodies are read by the fastest parser that can take them
(:mod:`~tfs_notebook.wire.json_numbers` for plain numbers); whatever is unusual,
and every error, is decided by the exact one, so all of them agree.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

import numpy as np

from tfs_notebook.wire.dtypes import DataType, base_type
from tfs_notebook.wire.errors import InvalidArgument, ServingError
from tfs_notebook.wire.json_arrays import RowCollector, exact_array, regular_array
from tfs_notebook.wire.json_document import (
    JsonDocument,
    load_exactly,
    load_quickly,
    require_object,
    signature_name_of,
)
from tfs_notebook.wire.json_numbers import NumericRequest, find_numeric_request
from tfs_notebook.wire.json_values import JsonValue, excerpt, is_base64_object
from tfs_notebook.wire.signatures import TensorSpec

__all__ = ["PredictBody", "RequestFormat", "parse_predict_body"]

# Below this size an object for each number costs less than proving the structure.
_NUMERIC_FROM_BYTES: Final = 512


class RequestFormat(enum.Enum):
    """How a predict request lays out its values; the answer follows it."""

    ROW = "instances"
    COLUMN = "inputs"


_Tensors = dict[str, "np.ndarray[Any, np.dtype[Any]]"]
_Result = tuple[_Tensors, RequestFormat]


class PredictBody:
    """A parsed predict request, waiting for the signature it asks for.

    May go from one thread to another, but only one may use it at a time.

    Attributes:
        signature_name: the signature asked for; empty if the body names none.
    """

    __slots__ = ("_body", "_document", "_numeric", "signature_name")

    def __init__(
        self,
        body: bytes,
        signature_name: str,
        document: JsonDocument | None,
        numeric: NumericRequest | None = None,
    ) -> None:
        self.signature_name = signature_name
        self._body = body
        self._document = document
        self._numeric = numeric

    def tensors(self, inputs: Mapping[str, TensorSpec]) -> tuple[_Tensors, RequestFormat]:
        """Convert the values for a signature.

        Args:
            inputs: the signature's inputs by alias. Shapes are not looked at.

        Returns:
            The arrays by alias and the format of the request. Arrays are
            C-contiguous and have the NumPy type of the input's dtype; strings are
            ``bytes`` in an ``object`` array. In the row format the first
            dimension of every array is the number of rows.

        Raises:
            InvalidArgument: the values do not fit the inputs, or there are none.
            Unimplemented: an input in the column format has a type without a
                JSON form.
        """
        if not inputs:
            raise InvalidArgument(
                f"Failed to get input map for signature: {self.signature_name or 'DEFAULT'}"
            )
        numeric, self._numeric = self._numeric, None
        if numeric is not None:
            arrays = numeric.tensors(inputs)
            if arrays is not None:
                return arrays, RequestFormat.ROW if numeric.is_row else RequestFormat.COLUMN
        document = self._document or load_quickly(self._body)
        result = None if document is None else _regular_tensors(document, inputs)
        if result is not None:
            return result
        if document is None or not document.is_exact:
            document = _exact_document(self._body)
        return _exact_tensors(document.root, inputs)


def parse_predict_body(body: bytes | bytearray | memoryview) -> PredictBody:
    """Parse the body of a predict request, as far as this needs no signature.

    Safe on any thread. Large bodies of numbers take about 3 ms a megabyte,
    during which the GIL is held.

    Raises:
        InvalidArgument: the body is not JSON, its root is not an object, or its
            ``signature_name`` is not a string.
    """
    if not isinstance(body, bytes):
        body = bytes(body)
    if len(body) >= _NUMERIC_FROM_BYTES:
        numeric = find_numeric_request(body)
        if numeric is not None:
            return PredictBody(body, numeric.signature_name, None, numeric)
    document = load_quickly(body) or _exact_document(body)
    return PredictBody(body, signature_name_of(document.root), document)


def _exact_document(body: bytes) -> JsonDocument:
    return JsonDocument(require_object(load_exactly(body)))


def _regular_tensors(
    document: JsonDocument, inputs: Mapping[str, TensorSpec]
) -> _Result | None:
    """The tensors of a request without surprises, else None."""
    root = document.root
    if ("instances" in root) == ("inputs" in root):
        return None
    if "b64" in inputs or (
        any(base_type(spec.dtype) == DataType.STRING for spec in inputs.values())
        and not document.are_base64_keys_unique()
    ):
        # What {"b64": …} stands for depends on where it is.
        return None
    if "inputs" in root:
        columns, times = _columns(root["inputs"], inputs), 1
        layout = RequestFormat.COLUMN
    else:
        rows = root["instances"]
        if not isinstance(rows, list) or not rows:
            return None
        columns, times = _gathered_rows(rows, inputs), len(rows)
        layout = RequestFormat.ROW
    if columns is None:
        return None
    arrays: _Tensors = {}
    for alias, (value, is_named) in columns.items():
        if is_named and not document.is_key_unique(alias, times):
            return None
        array = regular_array(value, inputs[alias].dtype)
        if array is None:
            return None
        arrays[alias] = array
    return arrays, layout


_Columns = dict[str, tuple[JsonValue, bool]]
"""By alias: all values of an input, and whether the request names it."""


def _columns(value: JsonValue, inputs: Mapping[str, TensorSpec]) -> _Columns | None:
    if isinstance(value, dict) and not is_base64_object(value):
        if not inputs.keys() <= value.keys():
            return None
        return {alias: (value[alias], True) for alias in inputs}
    if len(inputs) > 1:
        return None
    return dict.fromkeys(inputs, (value, False))


def _gathered_rows(rows: list[JsonValue], inputs: Mapping[str, TensorSpec]) -> _Columns | None:
    """Rows as columns, taken apart without a Python step for each row."""
    if not _is_named_row(rows[0]):
        return dict.fromkeys(inputs, (rows, False)) if len(inputs) == 1 else None
    objects: list[Any] = rows
    if set(map(type, objects)) != {dict} or set(map(len, objects)) != {len(inputs)}:
        return None
    try:
        return {alias: (list(map(itemgetter(alias), objects)), True) for alias in inputs}
    except KeyError:
        return None


def _is_named_row(value: JsonValue) -> bool:
    return isinstance(value, dict) and not is_base64_object(value)


def _exact_tensors(root: dict[str, JsonValue], inputs: Mapping[str, TensorSpec]) -> _Result:
    """The tensors of any request, or the error TensorFlow Serving has for it."""
    if "instances" in root:
        rows = root["instances"]
        problem = None
        if "inputs" in root:
            problem = (
                "Not formatted correctly expecting only one of"
                " 'inputs' or 'instances' keys to exist "
            )
        elif not isinstance(rows, list):
            problem = "Expecting 'instances' to be an list/array"
        elif not rows:
            problem = "No values in 'instances' array"
        if problem is not None or not isinstance(rows, list):
            raise InvalidArgument(f"JSON Value: {excerpt(root)} {problem}")
        return _exact_rows(rows, inputs), RequestFormat.ROW
    if "inputs" in root:
        return _exact_columns(root["inputs"], inputs), RequestFormat.COLUMN
    raise InvalidArgument("Missing 'inputs' or 'instances' key")


def _exact_columns(value: JsonValue, inputs: Mapping[str, TensorSpec]) -> _Tensors:
    if not isinstance(value, dict) or is_base64_object(value):
        if len(inputs) > 1:
            raise InvalidArgument(
                "inputs is a plain value/list, but expecting an object as multiple"
                " input tensors required as per tensorinfo_map"
            )
        return {alias: _array(value, spec.dtype) for alias, spec in inputs.items()}
    arrays: _Tensors = {}
    for alias, spec in inputs.items():
        if alias not in value:
            raise InvalidArgument(f"Missing named input: {alias} in 'inputs' object.")
        arrays[alias] = _array(value[alias], spec.dtype)
    return arrays


def _array(value: JsonValue, dtype: int) -> np.ndarray[Any, np.dtype[Any]]:
    array = regular_array(value, dtype)
    return exact_array(value, dtype) if array is None else array


def _exact_rows(rows: list[JsonValue], inputs: Mapping[str, TensorSpec]) -> _Tensors:
    are_named = _is_named_row(rows[0])
    if len(inputs) > 1 and not are_named:
        raise InvalidArgument(
            "instances is a plain list, but expecting list of objects as multiple"
            " input tensors required as per tensorinfo_map"
        )
    collectors = {alias: RowCollector(spec.dtype) for alias, spec in inputs.items()}
    for index, row in enumerate(rows):
        if _is_named_row(row) != are_named:
            raise InvalidArgument(
                f"Expecting object but got list at item {index} of input list"
                if are_named
                else f"Expecting value/list but got object at item {index} of input list"
            )
        if are_named:
            _add_named_row(index, row, collectors)
        else:
            [collector] = collectors.values()
            _add_element(index, row, collector)
    return {alias: collector.array() for alias, collector in collectors.items()}


def _add_named_row(index: int, row: JsonValue, collectors: Mapping[str, RowCollector]) -> None:
    members = require_object(row)
    for key, value in members.items():
        _add_element(index, value, collectors.get(key), key)
    if members.keys() != collectors.keys():
        names = ",".join(sorted(collectors))
        raise InvalidArgument(
            f"Failed to process element: {index} of 'instances' list."
            f" JSON object: {excerpt(row)} keys must be equal to: {names}"
        )


def _add_element(
    index: int, value: JsonValue, collector: RowCollector | None, key: str | None = None
) -> None:
    try:
        if collector is None:
            raise InvalidArgument(f"JSON object: does not have named input: {key}")
        collector.add(value)
    except ServingError as error:
        label = "" if key is None else f"key: {key} "
        raise InvalidArgument(
            f"Failed to process element: {index} {label}of 'instances' list."
            f" Error: {error.status_text}"
        ) from None
