"""Content codings: any cut, any limit, any backend; what is corrupt or cut short is an error."""

import gzip
import importlib
import itertools
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

BACKENDS = ("zlib", "isal.isal_zlib", "zlib_ng.zlib_ng")
TEXT = b"hello world, " * 40


@pytest.fixture
def coding(lib):
    return lib.load("_wire.coding")


@pytest.fixture
def errors(lib):
    return lib.load("_wire.errors")


@pytest.fixture(params=BACKENDS)
def backend(request, coding):
    module = pytest.importorskip(request.param)
    coding.set_zlib_backend(module)
    yield module
    coding.set_zlib_backend(None)


@pytest.fixture(
    params=[*((name, backend) for name in ("gzip", "deflate") for backend in BACKENDS), ("br", ""), ("zstd", "")]
)
def name(request, coding):
    """Every coding, those of zlib with every backend."""
    name, backend = request.param
    coding.set_zlib_backend(pytest.importorskip(backend) if backend else None)
    yield name
    coding.set_zlib_backend(None)


def encode(coding, name, data):
    encoder = coding.make_encoder(name)
    return encoder.compress(data) + encoder.flush()


def raw_deflate(data):
    encoder = zlib.compressobj(6, zlib.DEFLATED, -15)
    return encoder.compress(data) + encoder.flush()


def drain(decoder, pieces, limit):
    out = bytearray()
    for piece in pieces:
        got = decoder.decompress(piece, limit)
        assert not limit or len(got) <= limit
        out += got
        while not decoder.needs_input:
            got = decoder.decompress(b"", limit)
            assert not limit or len(got) <= limit
            out += got
    decoder.flush()
    assert decoder.eof
    return bytes(out)


def cut(data, cuts):
    points = [0, *sorted(point % (len(data) + 1) for point in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(points)]


bodies = st.one_of(
    st.binary(max_size=300), st.builds(lambda piece, count: piece * count, st.binary(max_size=20), st.integers(0, 3000))
)


def loaded(lib_name="aiohttp_fast"):
    return importlib.import_module(f"{lib_name}._wire.coding")


@pytest.mark.parametrize("backend_name", BACKENDS)
@pytest.mark.parametrize("name", ["gzip", "deflate", "raw", "br", "zstd"])
@settings(max_examples=60, deadline=None)
@given(members=st.lists(bodies, min_size=1, max_size=4), cuts=st.lists(st.integers(0, 5000), max_size=6),
       limit=st.sampled_from([0, 1, 7, 100, 4096]))  # fmt: skip
def test_round_trip(backend_name, name, members, cuts, limit):
    coding = loaded()
    if name in ("br", "zstd") and backend_name != "zlib":
        return
    coding.set_zlib_backend(pytest.importorskip(backend_name))
    try:
        if name == "br":
            members = members[:1]
        if limit == 1:
            members = [member[:200] for member in members]
        if name == "raw":
            name, packed = "deflate", b"".join(map(raw_deflate, members))
        else:
            packed = b"".join(encode(coding, name, member) for member in members)
        assert drain(coding.make_decoder(name), cut(packed, cuts), limit) == b"".join(members)
        assert coding.decode_whole(name, packed) == b"".join(members)
    finally:
        coding.set_zlib_backend(None)


def test_byte_by_byte(coding, name):
    packed = encode(coding, name, TEXT)
    pieces = [packed[i : i + 1] for i in range(len(packed))]
    assert drain(coding.make_decoder(name), pieces, 0) == TEXT
    assert drain(coding.make_decoder(name), pieces, 10) == TEXT


def test_every_truncation_is_an_error(coding, errors, name):
    packed = encode(coding, name, TEXT)
    for end in range(1, len(packed)):
        with pytest.raises(errors.ContentEncodingError):
            coding.decode_whole(name, packed[:end])


def test_truncated_raw_deflate(coding, errors, backend):
    packed = raw_deflate(TEXT)
    for end in range(1, len(packed)):
        with pytest.raises(errors.ContentEncodingError):
            coding.decode_whole("deflate", packed[:end])


def test_trailing_junk_is_an_error(coding, errors, name):
    with pytest.raises(errors.ContentEncodingError, match=name):
        coding.decode_whole(name, encode(coding, name, TEXT) + b"\xffjunkjunkjunk")


def test_nothing_is_an_empty_body(coding, name):
    assert coding.decode_whole(name, b"") == b""


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(["gzip", "deflate", "br", "zstd"]), data=st.binary(max_size=60), at=st.integers(0, 60),
       backend_name=st.sampled_from(BACKENDS), limit=st.sampled_from([0, 64]))  # fmt: skip
def test_any_bytes_decode_or_raise_the_documented_error(name, data, at, backend_name, limit):
    coding = loaded()
    errors = importlib.import_module("aiohttp_fast._wire.errors")
    coding.set_zlib_backend(pytest.importorskip(backend_name))
    try:
        packed = encode(coding, name, TEXT)
        for body in (data, packed[:at] + data + packed[at + len(data) :]):
            try:
                drain(coding.make_decoder(name), [body], limit)
            except errors.ContentEncodingError:
                pass
    finally:
        coding.set_zlib_backend(None)


def test_bomb_is_bounded(coding, errors, name):
    packed = encode(coding, name, bytes(15_000_000))
    decoder = coding.make_decoder(name)
    assert len(decoder.decompress(packed, 65536)) <= 65536
    assert not decoder.needs_input
    assert len(drain(coding.make_decoder(name), [packed], 131072)) == 15_000_000
    with pytest.raises(errors.DecompressSizeError, match="1000000 bytes"):
        coding.decode_whole(name, packed, 1_000_000)
    assert len(coding.decode_whole(name, packed[:0] + encode(coding, name, TEXT), len(TEXT))) == len(TEXT)


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_flood_of_tiny_members_is_refused(coding, errors, name):
    empty = encode(coding, name, b"")
    assert coding.decode_whole(name, empty * 500) == b""
    with pytest.raises(errors.ContentEncodingError, match="1024 tiny members"):
        coding.decode_whole(name, empty * 200_000)


def test_file_of_many_blocks_is_welcome(coding, backend):
    import random

    block = random.Random(1).randbytes(4000)
    assert coding.decode_whole("gzip", gzip.compress(block, 1) * 2500) == block * 2500


def test_skippable_zstd_frame(coding):
    frame = encode(coding, "zstd", TEXT)
    assert coding.decode_whole("zstd", frame + b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + frame) == TEXT * 2


def test_zstd_window_is_limited(coding, errors):
    zstd = importlib.import_module("backports.zstd")
    parameter = zstd.CompressionParameter
    encoder = zstd.ZstdCompressor(options={parameter.window_log: 27, parameter.checksum_flag: 1})
    packed = encoder.compress(TEXT) + encoder.flush()
    with pytest.raises(errors.ContentEncodingError, match="zstd"):
        coding.decode_whole("zstd", packed)


def test_what_is_supported(coding, lib):
    codings = lib.load("_wire.codings")
    assert codings.accept_encoding() == "gzip, deflate, br, zstd"
    for name in ("identity", "x-gzip", "gzip, br", "", "GZIP"):
        assert not codings.is_supported(name)
        with pytest.raises(ValueError, match="no decoder"):
            coding.make_decoder(name)
        with pytest.raises(ValueError, match="no encoder"):
            coding.make_encoder(name)


def test_levels(coding, backend):
    for name, levels in (("gzip", (None, 0, 1, 6, 9, -1)), ("br", (0, 11)), ("zstd", (1, 19))):
        for level in levels:
            encoder = coding.make_encoder(name, level)
            assert coding.decode_whole(name, encoder.compress(TEXT) + encoder.flush()) == TEXT


def test_default_backend_is_an_installed_one(coding):
    assert coding.zlib_backend().decompressobj


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["gzip", "deflate", "br", "zstd"]),
    body=bodies,
    cuts=st.lists(st.integers(0, 5000), max_size=6),
    limits=st.lists(st.sampled_from([0, 1, 50, 3000]), min_size=1, max_size=6),
)
def test_fed_too_early_and_with_changing_limits(name, body, cuts, limits):
    coding = loaded()
    decoder = coding.make_decoder(name)
    out = bytearray()
    for number, piece in enumerate(cut(encode(coding, name, body), cuts)):
        out += decoder.decompress(piece, limits[number % len(limits)])
    while not decoder.needs_input:
        out += decoder.decompress(b"", 4096)
    decoder.flush()
    assert bytes(out) == body


def test_flush_before_all_is_out_is_an_error(name, coding, errors):
    decoder = coding.make_decoder(name)
    decoder.decompress(encode(coding, name, TEXT), 10)
    assert not decoder.eof
    with pytest.raises(errors.ContentEncodingError, match="cut short"):
        decoder.flush()
