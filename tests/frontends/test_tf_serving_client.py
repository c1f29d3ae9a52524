"""The REST door, asked by the package tf-serving: a client of others, on aiohttp."""

from __future__ import annotations

import tf.serving as tfs

from tests.server_process import ServerProcess, free_port

ENDPOINT = "/v1/models/readings:predict"


async def test_predict(server: ServerProcess) -> None:
    images = [tfs.encode64(b"one")]
    answer = await tfs.predict(images, port=server.rest_port, endpoint=ENDPOINT)
    assert answer.tag == "right"
    [read] = answer.value
    assert (read.preds, read.logprobs) == (["one", "ONE"], [-0.25, -1.5])


async def test_a_large_answer_which_comes_compressed(server: ServerProcess) -> None:
    words = [f"word {number}" for number in range(2000)]
    images = [tfs.encode64(word.encode()) for word in words]
    answer = await tfs.predict(images, port=server.rest_port, endpoint=ENDPOINT)
    assert [read.preds[0] for read in answer.value] == words


async def test_several_batches(server: ServerProcess) -> None:
    batches = [[tfs.encode64(b"a"), tfs.encode64(b"b")], [tfs.encode64(b"c")] * 2]
    answer = await tfs.multipredict(batches, port=server.rest_port, endpoint=ENDPOINT)
    read = [[each[0] for each in batch] for batch in answer.value]
    assert read == [[("a", -0.25), ("b", -0.25)], [("c", -0.25), ("c", -0.25)]]


async def test_errors(server: ServerProcess) -> None:
    image = [tfs.encode64(b"one")]
    answer = await tfs.predict(
        image, port=server.rest_port, endpoint="/v1/models/nobody:predict"
    )
    assert (answer.tag, answer.value.tag) == ("left", "tfserving-error")
    assert answer.value.error == "Servable not found for request: Latest(nobody)"
    answer = await tfs.predict([], port=server.rest_port, endpoint=ENDPOINT)
    assert answer.value.tag == "tfserving-error"
    assert "No values in 'instances' array" in answer.value.error
    answer = await tfs.predict(image, port=free_port(), endpoint=ENDPOINT)
    assert answer.value.tag == "connection-error"
