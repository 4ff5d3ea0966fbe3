"""Streams: whole or nothing, in bounded memory."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from insignia.api.errors import BodyCutOff, BodyTooLarge, EndMissing
from insignia.api.spool import spooled

LINE = b'{"email": "a@b.example"}\n'


def announced(body: bytes, *, length: int | None = None) -> WSGIRequest:
    """Make a request whose length was said beforehand."""
    return asked(io.BytesIO(body), CONTENT_LENGTH=str(len(body) if length is None else length))


def chunked(body: bytes) -> WSGIRequest:
    """Make a request that comes in pieces, of no known length."""
    return asked(io.BytesIO(body), HTTP_TRANSFER_ENCODING="chunked")


def asked(source: object, **more: str) -> WSGIRequest:
    plain = RequestFactory().post("/", content_type="application/x-ndjson").environ
    plain.pop("CONTENT_LENGTH", None)
    return WSGIRequest({**plain, "wsgi.input": source, **more})


def rows_of(request: WSGIRequest) -> bytes:
    with spooled(request) as whole:
        return whole.rows.read()


class TestAnnounced:
    @given(st.binary(max_size=200))
    def test_gives_what_was_sent(self, body: bytes) -> None:
        if body:
            assert rows_of(announced(body)) == body

    @given(st.integers(1, 5 * len(LINE)))
    def test_refuses_what_was_cut_anywhere(self, missing: int) -> None:
        body = LINE * 5
        with pytest.raises(BodyCutOff):
            rows_of(announced(body[:-missing], length=len(body)))


class TestChunked:
    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_gives_the_rows_before_the_line_that_ends_it(self, count: int) -> None:
        for end in (b'{"end": %d}', b'{"end":%d}\n', b'\n{"end": %d}\n\n'):
            assert rows_of(chunked(LINE * count + end % count)).strip() == (LINE * count).strip()

    @given(st.integers(0, 5 * len(LINE) + len(b'{"end": 5}') - 1))
    def test_refuses_what_was_cut_anywhere(self, kept: int) -> None:
        """Also between two lines, where what arrived looks whole."""
        whole = LINE * 5 + b'{"end": 5}'
        with pytest.raises(EndMissing):
            rows_of(chunked(whole[:kept]))

    @pytest.mark.parametrize(
        "end",
        [
            b'{"end": 2}',
            b'{"end": 4}',
            b'{"end": true}',
            b'{"end": "3"}',
            b'{"end": 3, "email": "x"}',
            b"end 3",
            b"",
        ],
    )
    def test_refuses_an_end_that_does_not_fit(self, end: bytes) -> None:
        with pytest.raises(EndMissing):
            rows_of(chunked(LINE * 3 + end))

    def test_counts_a_line_of_any_length_once(self) -> None:
        long = b'{"email": "' + b"x" * 300_000 + b'"}\n'
        assert rows_of(chunked(long + LINE + b'{"end": 2}')) == long + LINE


class TestSize:
    def test_has_a_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("insignia.api.spool.STREAM_BYTES", 1000)
        with pytest.raises(BodyTooLarge):
            rows_of(announced(LINE * 100))
        with pytest.raises(BodyTooLarge):
            rows_of(chunked(LINE * 100 + b'{"end": 100}'))

    def test_does_not_show_in_memory(self) -> None:
        """Twenty megabytes pass through four."""
        size = 20 * 2**20
        tracemalloc.start()
        with spooled(asked(Endless(size), CONTENT_LENGTH=str(size))) as whole:
            _now, peak = tracemalloc.get_traced_memory()
            assert len(whole.sha256) == 64
        tracemalloc.stop()
        assert peak < 4 * 2**20


class Endless:
    """A body that is made as it is read."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int) -> bytes:
        given, self.left = min(size, self.left), self.left - min(size, self.left)
        return (LINE * (given // len(LINE) + 1))[:given]

    def readline(self, size: int) -> bytes:
        return self.read(size)
