"""A prediction without a door between the test and the model."""

from __future__ import annotations

from tests.models.inputs import floats
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.model_spec import ModelReference


def predict(server: ModelServer, reference: ModelReference) -> float:
    """What half_plus_two or half_plus_three, whichever it is, makes of 1.0."""
    with server.hold(reference) as model:
        outputs = model.prediction(model.signature(""), {"x": (floats(1.0), 1)}, dict).run()
        return float(outputs["y"][0])
