"""The messages of TensorFlow Serving and of TensorFlow, under their short names.

::

    from tfs_notebook.wire.messages import PredictRequest, TensorProto

Every message and enum that the files in ``protos/`` declare at their top level
is an attribute here; nested ones are attributes of the outer class, as always
(``ModelVersionStatus.State``). ``messages.pyi`` has the types; both it and the
descriptor set are written by :mod:`tfs_notebook.wire.compile_protos`.

The classes are of a private pool. Three things follow:

* They are not those of ``tensorflow`` or ``tensorflow_serving``; to get from
  one to the other, go through bytes.
* ``text_format`` and ``json_format`` look up what is inside an ``Any`` in the
  default pool unless told otherwise: pass ``descriptor_pool=POOL``.
* ``Any`` and the wrappers such as ``Int64Value`` are the pool's own as well:
  import them from here.

The import takes about 10 ms once protobuf itself is imported. Classes, ``POOL``
and ``SERVICES`` may be used from any thread, and are not to be changed.

Attributes:
    POOL: the private pool.
    SERVICES: the classes of every method, by the full name of the service and
        the name of the method.
"""

from __future__ import annotations

from google.protobuf.descriptor_pool import DescriptorPool

from tfs_notebook.wire.descriptors import (
    MethodMessages,
    load_files,
    services,
    top_level_types,
)

# And the messages and enums: their names are in the stub.
__all__ = ["POOL", "SERVICES", "MethodMessages"]

POOL = DescriptorPool()

_FILES = load_files(POOL)

SERVICES = services(_FILES)

globals().update(top_level_types(_FILES, __name__))
