"""The wire carries what it should, unchanged; and whatever bytes arrive, the decoder gives a value or a WireError."""

import contextlib
import math
import socket
import struct
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder import wire
from autograder.wire import Functions, Unsendable, Wire, WireError, decode, encode

numbers = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.text(), st.binary(),
    st.integers(-(1 << 4000), 1 << 4000),
)  # fmt: skip
keys = st.one_of(st.booleans(), st.integers(), st.text(), st.floats(allow_nan=False), st.binary(), st.none())
arrays = st.builds(
    lambda dtype, shape, seed: np.random.default_rng(seed).integers(0, 256, (*shape, dtype.itemsize), np.uint8)
    .view(dtype).reshape(shape) if dtype.kind != "b" else np.random.default_rng(seed).random(shape) < 0.5,
    st.sampled_from(wire.DTYPES), st.lists(st.integers(0, 4), max_size=4).map(tuple), st.integers(0, 1000),
)  # fmt: skip
values = st.recursive(
    st.one_of(numbers, arrays),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.lists(inner, max_size=5).map(tuple), st.dictionaries(keys, inner, max_size=5)
    ),
    max_leaves=12,
)


def same(one, other):
    if isinstance(one, np.ndarray):
        return (
            type(other) is np.ndarray
            and (one.dtype, one.shape) == (other.dtype, other.shape)
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        pairs = zip(one.items(), other.items(), strict=True)
        return type(other) is dict and len(one) == len(other) and all(same(a, b) for a, b in pairs)
    if isinstance(one, float):
        return type(other) is float and struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, complex):
        return type(other) is complex and same([one.real, one.imag], [other.real, other.imag])
    return type(one) is type(other) and one == other


@given(values)
@settings(max_examples=200, deadline=None)
def test_what_crosses_arrives_as_it_was(value):
    assert same(value, decode(encode(value)))


@pytest.mark.parametrize("dtype", wire.DTYPES, ids=str)
def test_scalars_and_arrays_of_every_type_cross(dtype):
    scalar = dtype.type(1)
    arrived = decode(encode(scalar))
    assert type(arrived) is type(scalar)
    assert arrived == scalar
    swapped = np.arange(3).astype(dtype.newbyteorder(">"))
    arrived = decode(encode(swapped))
    assert arrived.dtype == dtype
    np.testing.assert_array_equal(arrived, swapped)


def test_arrays_arrive_writeable_or_not_whatever_their_layout():
    a = np.arange(12.0).reshape(3, 4)
    for view in (a.T, a[::2, ::-1], np.asfortranarray(a), np.broadcast_to(a[0], (2, 4)), np.array(5.0), a[:0]):
        arrived = decode(encode(view))
        np.testing.assert_array_equal(arrived, view)
        assert arrived.flags.writeable == view.flags.writeable
        assert arrived.base is None or not np.shares_memory(arrived, view)
    assert type(decode(encode(np.ma.masked_array([1, 2])))) is np.ndarray


@pytest.mark.parametrize("kind", wire.GENERATORS)
def test_a_random_generator_goes_on_where_it_was(kind):
    rng = np.random.Generator(getattr(np.random, kind)(7))
    rng.random(5)
    arrived = decode(encode(rng))
    np.testing.assert_array_equal(arrived.random(10), rng.random(10))


def test_types_cross_by_name():
    for kind in wire.TYPES:
        assert decode(encode(kind)) is kind
    assert decode(encode(np.dtype("float32"))) is np.float32


class Named(tuple):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        object(), {1, 2}, range(3), (n for n in ()), len, lambda: 0, np.array(["a"]), np.array([None]),
        np.longdouble(1), np.datetime64("2020-01-01"), Exception("x"), open, type, [[object()]], 1 << 5000, slice(3),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_cannot_cross_is_said_in_a_sentence(value):
    with pytest.raises(Unsendable, match="cannot"):
        encode(value)


def test_a_value_that_contains_itself_or_is_too_large_is_refused():
    ring = []
    ring.append(ring)
    with pytest.raises(Unsendable, match="deeply nested"):
        encode(ring)
    with pytest.raises(Unsendable, match="so many"):
        encode([0] * (wire.MOST_ITEMS + 1))
    with pytest.raises(Unsendable, match="too large"):
        encode(np.zeros(wire.LARGEST_FRAME // 8 + 1))


def test_subclasses_arrive_as_what_they_are_made_of():
    assert decode(encode(Named((1, 2)))) == (1, 2)
    assert type(decode(encode(Named((1, 2))))) is tuple
    assert type(decode(encode(np.float64(2.5)))) is np.float64


# ---- bytes from a hostile side -----------------------------------------------------------------------------------


def decoded(data):
    """Decode, and allow no other end than a value or a WireError."""
    with contextlib.suppress(WireError):
        decode(data, Functions())


PIECES = [
    b"l", b"t", b"d", b"a", b"g", b"r", b"k", b"y", b"s", b"b", b"I", b"i", b"N", b"\xff" * 4, b"\x01\0\0\0",
    b"\0\0\0\0", b"\x0b", b"\x02", b"\xff" * 8, b"\0" * 8,
]  # fmt: skip
hostile = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))


@given(hostile)
@settings(max_examples=500, deadline=None)
@example(b"a\x0b\x20" + b"\x01" + b"\0" * 256)
@example(b"a\x0b\x02\x01" + struct.pack("<QQ", 1 << 62, 0))
@example(b"a\x0b\x02\x01" + struct.pack("<QQ", 1 << 40, 1 << 40))
@example(b"l" * 100_000)
def test_any_bytes_give_a_value_or_a_wire_error(data):
    decoded(data)


@pytest.mark.prove
@given(hostile)
@settings(max_examples=200_000, deadline=None)
def test_any_bytes_at_full_strength(data):
    decoded(data)


@given(values, st.data())
@settings(max_examples=200, deadline=None)
def test_any_damage_gives_a_value_or_a_wire_error(value, data):
    good = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    decoded(good[: data.draw(st.integers(0, len(good)))])


@given(hostile)
@settings(max_examples=100, deadline=None)
def test_no_announced_length_is_believed_before_it_is_there(data):
    tracemalloc.start()
    decoded(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x", b"NN", b"i\0", b"s\xff\xff\xff\xff", b"s\x01\0\0\0\xff", b"l\xff\xff\xff\x7f",
        b"I\x01\x02\0\0" + b"\0" * 513, b"d\x01\0\0\0l\0\0\0\0N", b"d\x01\0\0\0t\x01\0\0\0l\0\0\0\0N",
        b"a\x63\0\1", b"g\x63", b"y\x63", b"r\x63N", b"r\0N",
        b"k\0\0\0\0", b"a\x0b\x21\1", b"a\x0b\x01\1\xff\xff\xff\xff\xff\xff\xff\xff", b"l\x01\0\0\0" * 40 + b"N",
    ],
)  # fmt: skip
def test_what_breaks_the_rules_is_a_wire_error(data):
    with pytest.raises(WireError):
        decode(data, Functions())


def test_a_forged_state_of_a_random_generator_is_refused():
    good = np.random.default_rng(0).bit_generator.state
    for forged in (
        {**good, "state": {"state": -1, "inc": 1}},
        {**good, "state": {"state": "x", "inc": 1}},
        {**good, "uinteger": 1 << 200},
        {**good, "bit_generator": "MT19937"},
        {"bit_generator": "PCG64"},
        [],
    ):
        with pytest.raises(WireError):
            decode(b"r\0" + encode(forged))


# ---- frames ------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    yield Wire(ours, Functions()), theirs
    ours.close()
    theirs.close()


def test_frames_of_every_size_arrive_in_order(pair):
    receiver, theirs = pair
    sent = [None, "a" * 70_000, np.arange(300_000.0), [1, 2]]
    sender = Wire(theirs, Functions())
    thread = threading.Thread(target=lambda: [sender.send(value) for value in sent])
    thread.start()
    assert all(same(value, receiver.receive()) for value in sent)
    thread.join()


def test_a_frame_that_is_too_large_is_refused_before_it_is_read(pair):
    receiver, theirs = pair
    theirs.sendall(struct.pack("<I", wire.LARGEST_FRAME + 1))
    with pytest.raises(WireError, match="too large"):
        receiver.receive()


def test_a_closed_pipe_is_the_end(pair):
    receiver, theirs = pair
    theirs.sendall(struct.pack("<I", 100) + b"half")
    theirs.close()
    with pytest.raises(EOFError):
        receiver.receive()


def test_functions_cross_as_numbers_that_only_the_judge_gives():
    judge, child = Functions(), Functions(stand_in=lambda number: lambda: number)
    arrived = decode(encode([math.sin, math.sin, math.cos], judge), child)
    assert [function() for function in arrived] == [0, 0, 1]
    with pytest.raises(WireError, match="unknown function"):
        decode(b"k" + struct.pack("<I", 2), judge)
    assert decode(b"k" + struct.pack("<I", 1), judge) is math.cos
    with pytest.raises(Unsendable):
        encode(math.sin, child)
