"""The wire between judge and child: data of a closed list, in frames whose every length is checked before it is read.

None, bool, int, float, complex, str, bytes; list, tuple, dict of bounded depth and number; arrays and NumPy's scalars
as a type from a fixed table, a shape and bytes; some types by name; random generators as the name of a known one and
its state; functions of the judge as numbers. Nothing is looked up by a name that the other side chose, nothing is
pickled, and no method of a received object is called. A frame that breaks the rules is a WireError; what cannot be sent
at all is an Unsendable, with a sentence.
"""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

LARGEST_FRAME = 64 << 20  # bytes
MOST_ITEMS = 1_000_000  # values in a frame, counted through all depths
DEEPEST = 32
LARGEST_INT = 512  # bytes
MOST_AXES = 32

NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128"
DTYPES = tuple(np.dtype(name) for name in NAMES.split())
CODES = {dtype: code for code, dtype in enumerate(DTYPES)}
TYPES: tuple[type, ...] = (bool, int, float, complex, str, bytes, list, tuple, dict, *(dtype.type for dtype in DTYPES))
GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
FRAME = struct.Struct("<I")
COUNT = struct.Struct("<I")
LENGTH = struct.Struct("<Q")
INT = struct.Struct("<q")
FLOAT = struct.Struct("<d")
COMPLEX = struct.Struct("<dd")


class WireError(Exception):
    """The other side broke the rules of the wire."""


class Unsendable(TypeError):
    """A value that does not cross; the message says what does."""


class Functions:
    """The judge's functions that have crossed, by number, and what stands for them on the other side."""

    def __init__(self, stand_in: Callable[[int], Callable[..., Any]] | None = None) -> None:
        self.known: list[Callable[..., Any]] = []
        self.stand_in = stand_in  # in the child, which makes a caller of a number

    def number_of(self, function: Callable[..., Any]) -> int:
        number = getattr(function, "autograder_number", None)
        if self.stand_in is not None:
            if type(number) is not int:
                raise Unsendable("a function cannot be checked; return numbers, lists or arrays instead")
            return number
        for known, other in enumerate(self.known):
            if other is function:
                return known
        if len(self.known) >= 10_000:
            raise Unsendable("too many functions")
        self.known.append(function)
        return len(self.known) - 1

    def of_number(self, number: int) -> Callable[..., Any]:
        if self.stand_in is not None:
            return self.stand_in(number)
        if number >= len(self.known):
            raise WireError("an unknown function")
        return self.known[number]


# ---- encoding ----------------------------------------------------------------------------------------------------


def encode(value: Any, functions: Functions | None = None) -> bytes:
    """Return a value as bytes; raise Unsendable where there is no way to."""
    parts: list[bytes] = []
    _Encoder(parts, functions).put(value, 0)
    data = b"".join(parts)
    if len(data) > LARGEST_FRAME:
        raise Unsendable(f"a value of {len(data) >> 20} MiB is too large to be checked")
    return data


class _Encoder:
    def __init__(self, parts: list[bytes], functions: Functions | None) -> None:
        self.parts, self.functions, self.left = parts, functions, MOST_ITEMS

    def put(self, value: Any, depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise Unsendable("a value of so many or so deeply nested parts cannot be checked")
        write = self.parts.append
        kind = type(value)
        if value is None:
            write(b"N")
        elif kind is bool:
            write(b"T" if value else b"F")
        elif kind is float:
            write(b"f" + FLOAT.pack(value))
        elif isinstance(value, np.ndarray):
            self._array(value)
        elif isinstance(value, np.generic):
            code, scalar = _code(value.dtype), np.asarray(value).astype(value.dtype.newbyteorder("="))
            write(b"g" + bytes([code]) + scalar.tobytes())
        elif isinstance(value, bool | int):
            self._int(int(value))
        elif isinstance(value, float):
            write(b"f" + FLOAT.pack(value))
        elif isinstance(value, complex):
            write(b"c" + COMPLEX.pack(value.real, value.imag))
        elif isinstance(value, str):
            text = str.encode(value, "utf-8", "surrogatepass")
            write(b"s" + COUNT.pack(len(text)) + text)
        elif isinstance(value, bytes | bytearray):
            write(b"b" + COUNT.pack(len(value)) + bytes(value))
        elif isinstance(value, list | tuple):
            items = list(value)
            write((b"l" if isinstance(value, list) else b"t") + COUNT.pack(len(items)))
            for item in items:
                self.put(item, depth + 1)
        elif isinstance(value, dict):
            pairs = list(value.items())
            write(b"d" + COUNT.pack(len(pairs)))
            for key, item in pairs:
                self.put(key, depth + 1)
                self.put(item, depth + 1)
        elif isinstance(value, np.random.Generator):
            self._generator(value, depth)
        elif isinstance(value, np.dtype):
            write(b"y" + bytes([TYPES.index(DTYPES[_code(value)].type)]))
        elif isinstance(value, type) and value in TYPES:
            write(b"y" + bytes([TYPES.index(value)]))
        elif callable(value) and not isinstance(value, type) and self.functions is not None:
            write(b"k" + COUNT.pack(self.functions.number_of(value)))
        else:
            raise Unsendable(
                f"a value of type {_name(kind)} cannot be checked; numbers, strings, lists, tuples, dictionaries and "
                "arrays of numbers can"
            )

    def _int(self, value: int) -> None:
        if -(1 << 63) <= value < 1 << 63:
            self.parts.append(b"i" + INT.pack(value))
            return
        size = (value.bit_length() + 8) // 8
        if size > LARGEST_INT:
            raise Unsendable("a whole number of so many digits cannot be checked")
        self.parts.append(b"I" + COUNT.pack(size) + value.to_bytes(size, "little", signed=True))

    def _array(self, value: np.ndarray) -> None:
        plain = np.asarray(value)
        code = _code(plain.dtype)
        shape = plain.shape
        self.parts.append(b"a" + bytes([code, plain.ndim, plain.flags.writeable]))
        self.parts += [LENGTH.pack(length) for length in shape]
        self.parts.append(np.ascontiguousarray(plain, dtype=DTYPES[code]).tobytes())

    def _generator(self, value: np.random.Generator, depth: int) -> None:
        name = type(value.bit_generator).__name__
        if name not in GENERATORS:
            raise Unsendable(f"a random generator of type {_name(type(value.bit_generator))} cannot cross")
        self.parts.append(b"r" + bytes([GENERATORS.index(name)]))
        self.put(value.bit_generator.state, depth + 1)


def _code(dtype: np.dtype) -> int:
    code = CODES.get(dtype.newbyteorder("="))
    if code is None:
        raise Unsendable(
            f"an array of dtype {str(dtype)[:60]} cannot be checked; arrays of numbers and of booleans can"
        )
    return code


def _name(kind: type) -> str:
    return str(getattr(kind, "__name__", "?"))[:60]


# ---- decoding ----------------------------------------------------------------------------------------------------


def decode(data: bytes | bytearray | memoryview, functions: Functions | None = None) -> Any:
    """Return the value that these bytes stand for; raise WireError where they break the rules."""
    decoder = _Decoder(memoryview(data), functions)
    value = decoder.take(0)
    if decoder.at != len(decoder.data):
        raise WireError("more bytes than the value has")
    return value


class _Decoder:
    def __init__(self, data: memoryview, functions: Functions | None) -> None:
        self.data, self.at, self.functions, self.left = data, 0, functions, MOST_ITEMS

    def read(self, size: int) -> memoryview:
        if size < 0 or size > len(self.data) - self.at:
            raise WireError("a length beyond the end")
        start, self.at = self.at, self.at + size
        return self.data[start : self.at]

    def count(self, each: int = 1) -> int:
        """Read a number of things that take at least `each` bytes."""
        number: int = COUNT.unpack(self.read(4))[0]
        if number * each > len(self.data) - self.at:
            raise WireError("a length beyond the end")
        return number

    def take(self, depth: int) -> Any:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise WireError("too many or too deeply nested values")
        tag = bytes(self.read(1))
        if tag == b"N":
            return None
        if tag in b"TF":
            return tag == b"T"
        if tag == b"i":
            return INT.unpack(self.read(8))[0]
        if tag == b"f":
            return FLOAT.unpack(self.read(8))[0]
        if tag == b"a":
            return self._array()
        if tag == b"g":
            dtype = self._dtype()
            return np.frombuffer(self._numbers(dtype, 1), dtype)[0]
        if tag == b"s":
            return self._text(self.count())
        if tag == b"l":
            return [self.take(depth + 1) for _ in range(self.count())]
        if tag == b"t":
            return tuple([self.take(depth + 1) for _ in range(self.count())])
        if tag == b"d":
            return self._dict(depth)
        return self._rare(tag, depth)

    def _rare(self, tag: bytes, depth: int) -> Any:
        if tag == b"I":
            size = self.count()
            if size > LARGEST_INT:
                raise WireError("a whole number of too many digits")
            return int.from_bytes(self.read(size), "little", signed=True)
        if tag == b"c":
            return complex(*COMPLEX.unpack(self.read(16)))
        if tag == b"b":
            return bytes(self.read(self.count()))
        if tag == b"y":
            return self._choice(TYPES)
        if tag == b"r":
            return self._generator(depth)
        if tag == b"k" and self.functions is not None:
            return self.functions.of_number(COUNT.unpack(self.read(4))[0])
        raise WireError("an unknown kind of value")

    def _choice(self, table: Any) -> Any:
        number = self.read(1)[0]
        if number >= len(table):
            raise WireError("a number outside its table")
        return table[number]

    def _dtype(self) -> np.dtype:
        dtype: np.dtype = self._choice(DTYPES)
        return dtype

    def _numbers(self, dtype: np.dtype, size: int) -> bytes | bytearray:
        content = self.read(size * dtype.itemsize)
        if dtype.kind == "b":  # a byte that is neither 0 nor 1 is no truth value
            return bytes(np.frombuffer(content, np.uint8) != 0)
        return bytearray(content)

    def _array(self) -> np.ndarray:
        dtype = self._dtype()
        axes, writeable = self.read(2)
        if axes > MOST_AXES:
            raise WireError("an array of too many axes")
        shape = [LENGTH.unpack(self.read(8))[0] for _ in range(axes)]
        size = math.prod(shape)
        if size * dtype.itemsize > len(self.data) - self.at or any(length > 1 << 62 for length in shape):
            raise WireError("an array that is longer than its frame")
        try:
            array = np.frombuffer(bytearray(self._numbers(dtype, size)), dtype).reshape(shape)
        except ValueError:  # lengths beside a 0 whose product NumPy cannot hold
            raise WireError("an array of no possible shape") from None
        array.flags.writeable = bool(writeable)
        return array

    def _text(self, size: int) -> str:
        try:
            return str(self.read(size), "utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise WireError("a text that is none") from None

    def _dict(self, depth: int) -> dict[Any, Any]:
        found = {}
        for _ in range(self.count(each=2)):
            key = self.take(depth + 1)
            if not isinstance(key, str | int | float | bool | complex | bytes | tuple | np.generic | type(None)):
                raise WireError("a key that cannot be one")
            value = self.take(depth + 1)
            try:
                found[key] = value
            except TypeError:  # a tuple with a list in it
                raise WireError("a key that cannot be one") from None
        return found

    def _generator(self, depth: int) -> np.random.Generator:
        name = self._choice(GENERATORS)
        state = self.take(depth + 1)
        bits = getattr(np.random, name)(0)
        try:
            if type(state) is not dict or not _alike(bits.state, state):
                raise WireError("a state that is none")
            bits.state = state
        except (TypeError, ValueError, KeyError, OverflowError):
            raise WireError("a state that is none") from None
        return np.random.Generator(bits)


def _alike(known: Any, given: Any) -> bool:
    """Whether a state has the keys, types, shapes and dtypes of a known one."""
    if isinstance(known, dict):
        return (
            type(given) is dict
            and known.keys() == given.keys()
            and all(_alike(known[key], given[key]) for key in known)
        )
    if isinstance(known, np.ndarray):
        return isinstance(given, np.ndarray) and (known.shape, known.dtype) == (given.shape, given.dtype)
    if isinstance(known, str):
        return bool(given == known)
    return type(given) is int and 0 <= given < 1 << 128


# ---- frames ------------------------------------------------------------------------------------------------------


class Wire:
    """Sends and receives values on a stream socket."""

    def __init__(self, channel: socket.socket, functions: Functions) -> None:
        self.channel, self.functions = channel, functions
        self.wait: Callable[[], None] = lambda: None  # called before every read; may raise

    def send(self, value: Any) -> None:
        """Send a value; raises Unsendable before a byte has gone, OSError when the other end is closed."""
        self.send_encoded(encode(value, self.functions))

    def send_encoded(self, data: bytes) -> None:
        """Send what `encode` has made."""
        if len(data) < 1 << 16:
            self.channel.sendall(FRAME.pack(len(data)) + data)
        else:
            self.channel.sendall(FRAME.pack(len(data)))
            self.channel.sendall(data)

    def receive(self) -> Any:
        """Return the next value; raises EOFError when the other end has closed, WireError when it broke the rules."""
        size = FRAME.unpack(self._read(FRAME.size))[0]
        if size > LARGEST_FRAME:
            raise WireError("a frame that is too large")
        return decode(self._read(size), self.functions)

    def _read(self, size: int) -> bytearray:
        data = bytearray()
        while len(data) < size:  # grows with what has really arrived
            self.wait()
            piece = self.channel.recv(min(size - len(data), 1 << 18))
            if not piece:
                raise EOFError
            data += piece
        return data
