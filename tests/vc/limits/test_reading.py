from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from insignia.vc.errors import (
    BodyTooLarge,
    DuplicateKey,
    JsonNumberTooLong,
    JsonStringTooLong,
    JsonTooDeep,
    JsonTooManyNodes,
    MalformedJson,
    VcError,
)
from insignia.vc.limits import DEFAULT_LIMITS, parse_json, parse_object
from insignia.vc.model.json import Json
from tests.examples import examples
from tests.vc.strategies import json_values


class TestParseJson:
    @given(json_values)
    @examples(150)
    def test_reads_what_pythons_own_reader_reads(self, value: Json) -> None:
        raw = json.dumps(value).encode()
        assert parse_json(raw) == json.loads(raw)

    @given(st.binary(max_size=200) | st.text("[]{},:\"\\'0123456789.eE+-ntfNI u", max_size=60).map(str.encode))
    @examples(200)
    @example(b"-Infinity")
    @example(b'"\\ud800"')
    @example(b"\xff")
    @example(b"")
    def test_raises_nothing_but_the_kernels_error(self, raw: bytes) -> None:
        try:
            parse_json(raw)
        except VcError:
            return
        assert json.loads(raw) is not Ellipsis

    @pytest.mark.parametrize(
        ("raw", "error"),
        [
            (b'{"a":1,"a":1}', DuplicateKey),
            (b'{"b":{"a":1,"\\u0061":2}}', DuplicateKey),
            (b"[" * 65 + b"]" * 65, JsonTooDeep),
            (b"[" * 100_000, JsonTooDeep),
            (b"[" + b"1," * 50_001 + b"1]", JsonTooManyNodes),
            (b'"' + b"a" * (2**20 + 1) + b'"', JsonStringTooLong),
            (b"[" + b"9" * 5000 + b"]", JsonNumberTooLong),
            (b'"' + b" " * (20 * 2**20), BodyTooLarge),
            (b"NaN", MalformedJson),
            (b"[Infinity]", MalformedJson),
            (b"1e400", MalformedJson),
            (b'["\\ud800"]', MalformedJson),
            (b'{"\\udc00":1}', MalformedJson),
            (b"\xc3\x28", MalformedJson),
            (b"{'a':1}", MalformedJson),
            (b'{"a":1} x', MalformedJson),
        ],
    )
    def test_refuses_by_name(self, raw: bytes, error: type[VcError]) -> None:
        with pytest.raises(error):
            parse_json(raw)

    def test_accepts_what_lies_just_inside(self) -> None:
        assert parse_json(b"[" * 64 + b"]" * 64) is not None
        assert parse_json(b"\xef\xbb\xbf" + b'{"\\ud83d\\ude00": 1.5e3}') == {"😀": 1500.0}

    def test_reads_no_byte_twice_however_the_quotes_lie(self) -> None:
        hostile = b'"' + b'\\"' * 500_000
        started = time.process_time()
        with pytest.raises(VcError):
            parse_json(hostile)
        # Quadratic reading of a million bytes would take minutes; this guards the shape, not a speed.
        assert time.process_time() - started < 20

    @pytest.mark.parametrize("piece", [b"]", b"1 ", b'""', b"-", b"{", b",", b"true ", b'"\\\\"'])
    def test_stops_early_in_twenty_million_bytes_of_one_thing(self, piece: bytes) -> None:
        hostile = piece * (DEFAULT_LIMITS.file_bytes // len(piece))
        started = time.process_time()
        with pytest.raises(VcError):
            parse_json(hostile)
        # About 0.05 s; a reader that goes on to the end takes several.
        assert time.process_time() - started < 1.5

    def test_wants_an_object_where_one_is_asked_for(self) -> None:
        with pytest.raises(MalformedJson, match="not an object"):
            parse_object(b"[]")
        assert parse_object(b"{}") == {}
        assert DEFAULT_LIMITS.json_depth == 64
