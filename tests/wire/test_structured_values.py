"""Structured values read as TensorFlow prints them."""

from __future__ import annotations

import pytest
from google.protobuf import text_format

from tfs_notebook.wire.messages import POOL, StructuredValue
from tfs_notebook.wire.structured_values import structured_text


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("none_value {}", "None"),
        ("float64_value: 2.5", "2.5"),
        ("int64_value: -3", "-3"),
        ('string_value: "it\'s"', '"it\'s"'),
        ("bool_value: true", "True"),
        ("tensor_shape_value { dim { size: -1 } dim { size: 2 } }", "TensorShape([None, 2])"),
        ("tensor_shape_value { unknown_rank: true }", "TensorShape(None)"),
        ("tensor_dtype_value: DT_HALF", "tf.float16"),
        ("tensor_dtype_value: DT_FLOAT_REF", "tf.float32_ref"),
        ("tensor_dtype_value: DT_STRING", "tf.string"),
        ("list_value { values { int64_value: 1 } values { none_value {} } }", "[1, None]"),
        ("tuple_value { values { int64_value: 1 } }", "(1,)"),
        ("tuple_value {}", "()"),
        (
            (
                'dict_value { fields { key: "b" value { int64_value: 1 } } '
                'fields { key: "a" value { list_value {} } } }'
            ),
            "{'a': [], 'b': 1}",
        ),
        (
            'named_tuple_value { name: "Point" values { key: "x" value { int64_value: 1 } } }',
            "Point(x=1)",
        ),
        (
            'tensor_spec_value { name: "x" dtype: DT_INT64 shape { dim { size: -1 } } }',
            "TensorSpec(shape=(None,), dtype=tf.int64, name='x')",
        ),
        (
            "tensor_spec_value { dtype: DT_BOOL shape { unknown_rank: true } }",
            "TensorSpec(shape=<unknown>, dtype=tf.bool, name=None)",
        ),
        (
            (
                "bounded_tensor_spec_value { dtype: DT_FLOAT shape {} "
                "minimum { dtype: DT_FLOAT tensor_shape {} float_val: 0 } "
                "maximum { dtype: DT_FLOAT tensor_shape {} float_val: 1 } }"
            ),
            (
                "BoundedTensorSpec(shape=(), dtype=tf.float32, name=None, "
                "minimum=array(0., dtype=float32), maximum=array(1., dtype=float32))"
            ),
        ),
        (
            (
                'type_spec_value { type_spec_class_name: "SparseTensorSpec" type_state { '
                "tuple_value { values { tensor_shape_value { dim { size: 4 } } } "
                "values { tensor_dtype_value: DT_FLOAT } } } }"
            ),
            "SparseTensorSpec(TensorShape([4]), tf.float32)",
        ),
        (
            'type_spec_value { type_spec_class_name: "OwnSpec" type_state { int64_value: 1 } }',
            "OwnSpec(1)",
        ),
        (
            "numpy_value { dtype: DT_INT32 tensor_shape { dim { size: 2 } } int_val: 7 }",
            "array([7, 7], dtype=int32)",
        ),
        ("", "?"),
    ],
)
def test_text(message: str, text: str) -> None:
    value = text_format.Parse(message, StructuredValue(), descriptor_pool=POOL)
    assert structured_text(value) == text
