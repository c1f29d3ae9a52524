"""Requests that come compressed."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.frontends.rest_requests import EACH_METHOD, PREDICT, error_text, raw, request_head
from tests.half_plus_two import ANSWER, BODY
from tests.server_process import ServerProcess
from tfs_notebook.frontends.rest.compression import LARGEST_INFLATED, inflate

MIB = 1024 * 1024
GZIP = {"Content-Encoding": "gzip"}
EMPTY = "JSON Parse error: The document is empty"


def saying(size: int, body: bytes) -> bytes:
    """A stream whose footer says another size."""
    return gzip.compress(body, 1)[:-4] + size.to_bytes(4, "little")


def test_gzip(http: httpx.Client) -> None:
    response = http.post(PREDICT, content=gzip.compress(BODY), headers=GZIP)
    assert response.json() == ANSWER
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("method", EACH_METHOD)
def test_every_method(http: httpx.Client, method: str) -> None:
    path, body = EACH_METHOD[method]
    plain = http.post(path, content=body)
    assert plain.status_code == 200
    assert http.post(path, content=gzip.compress(body), headers=GZIP).content == plain.content


@pytest.mark.parametrize("encoding", ["x-gzip", "my_gzip", "gzip, identity", "br, gzip"])
def test_the_word_is_looked_for_anywhere(http: httpx.Client, encoding: str) -> None:
    headers = {"Content-Encoding": encoding}
    assert http.post(PREDICT, content=gzip.compress(BODY), headers=headers).json() == ANSWER
    assert error_text(http.post(PREDICT, content=BODY, headers=headers)) == EMPTY


@pytest.mark.parametrize("encoding", ["br", "deflate", "identity", "GZIP", ""])
def test_other_encodings_are_not_looked_at(http: httpx.Client, encoding: str) -> None:
    headers = {"Content-Encoding": encoding}
    assert http.post(PREDICT, content=BODY, headers=headers).json() == ANSWER


def test_a_large_body(http: httpx.Client) -> None:
    numbers = list(range(200_000))
    content = gzip.compress(b'{"instances": ' + str(numbers).encode() + b"}")
    answer = http.post(PREDICT, content=content, headers=GZIP).json()["predictions"]
    assert answer == [number / 2 + 2 for number in numbers]


def test_a_compressed_body_in_chunks(server: ServerProcess) -> None:
    content = gzip.compress(BODY)
    head = request_head(
        None, b"Transfer-Encoding: chunked", b"Content-Encoding: gzip", b"Connection: close"
    )
    pieces = [b"1\r\n" + content[index : index + 1] + b"\r\n" for index in range(len(content))]
    received = raw(server, head, *pieces, b"0\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200")
    assert b'"predictions": [2.5' in received


@pytest.mark.parametrize(
    "content",
    [
        BODY,
        gzip.compress(BODY)[:-4],
        gzip.compress(BODY)[:12],
        zlib.compress(BODY),
        b"",
        gzip.compress(BODY[:20]) + gzip.compress(BODY[20:]),
        gzip.compress(BODY) + b"\0",
        gzip.compress(BODY) + gzip.compress(BODY)[-8:],
        gzip.compress(BODY)[:-8] + bytes(4) + gzip.compress(BODY)[-4:],
        saying(len(BODY) - 1, BODY),
        saying(len(BODY) + 1, BODY),
    ],
    ids=[
        "not compressed", "no end", "cut off", "zlib", "nothing", "two members",
        "a byte behind it", "its end twice", "another checksum", "says less", "says more",
    ],
)  # fmt: skip
def test_what_cannot_be_inflated_is_an_empty_document(
    http: httpx.Client, content: bytes
) -> None:
    assert error_text(http.post(PREDICT, content=content, headers=GZIP), 400) == EMPTY


NAME, COMMENT = b"body.json\0", b"a comment\0"
EXTRA = b"\3\0foo"


@pytest.mark.parametrize(
    ("flags", "fields"),
    [
        (0, b""),
        (8, NAME),
        (8, b"\0"),
        (16, COMMENT),
        (4, EXTRA),
        (4, b"\0\0"),
        (4 | 8 | 16, EXTRA + NAME + COMMENT),
        (2 | 4 | 8 | 16, EXTRA + NAME + COMMENT),
    ],
    ids=["none", "name", "no name", "comment", "extra", "no extra", "all", "with a checksum"],
)
def test_what_a_header_may_hold(flags: int, fields: bytes) -> None:
    content = gzip.compress(BODY)
    header = content[:3] + bytes([flags]) + content[4:10] + fields
    if flags & 2:
        header += (zlib.crc32(header) & 0xFFFF).to_bytes(2, "little")
    assert inflate(header + content[10:]) == BODY


def test_the_limit(http: httpx.Client) -> None:
    def padded(size: int) -> bytes:
        return gzip.compress(BODY + b" " * (size - len(BODY)), 1)

    response = http.post(PREDICT, content=padded(LARGEST_INFLATED + 1), headers=GZIP)
    assert error_text(response, 400) == EMPTY
    response = http.post(PREDICT, content=padded(LARGEST_INFLATED), headers=GZIP)
    assert response.json() == ANSWER


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_bomb_takes_no_memory(server: ServerProcess, http: httpx.Client) -> None:
    """One GiB of spaces that says it is nothing much."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(deflater.compress(b" " * (64 * MIB)) for _ in range(16)) + deflater.flush()
    bomb = bomb[:-4] + (20 * MIB).to_bytes(4, "little")
    process = Path(f"/proc/{server.process.pid}")
    (process / "clear_refs").write_text("5")
    before = peak_bytes(process)
    assert error_text(http.post(PREDICT, content=bomb, headers=GZIP), 400) == EMPTY
    assert peak_bytes(process) - before < 100 * MIB


def peak_bytes(process: Path) -> int:
    lines = (process / "status").read_text().splitlines()
    [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peak) * 1024


@pytest.mark.parametrize(
    ("body", "most"),
    [
        (gzip.compress(b" " * (120 * MIB), 1), 0.1),
        (saying(8 * MIB, b" " * (90 * MIB)), 12),
        (gzip.compress(b" " * (64 * MIB), 1), 76),
    ],
    ids=["refused at once", "says less than it is", "within the limit"],
)
def test_no_more_is_held_than_is_said(body: bytes, most: float) -> None:
    tracemalloc.start()
    try:
        inflate(body)
        assert tracemalloc.get_traced_memory()[1] < most * MIB
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=200_000), st.integers(0, 9))
def test_whatever_was_compressed_comes_back(body: bytes, level: int) -> None:
    assert inflate(gzip.compress(body, level)) == body


@given(st.data())
def test_a_stream_that_was_changed_is_never_something_else(data: st.DataObject) -> None:
    content = bytearray(gzip.compress(BODY))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    assert inflate(bytes(content)) in (b"", BODY)


@given(st.binary(max_size=100))
def test_noise(noise: bytes) -> None:
    assert inflate(noise) == b"" or noise[:2] == b"\x1f\x8b"
