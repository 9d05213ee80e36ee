"""Messages to and from a worker."""

from __future__ import annotations

import io
import pickle
import struct
from types import MappingProxyType
from typing import IO, Any, Final

_LENGTH: Final = struct.Struct("!Q")


def send(message: Any, stream: IO[bytes]) -> None:
    """Send a message, all of it or nothing.

    Raises:
        TypeError: it cannot be pickled.

    """
    whole = io.BytesIO()
    try:
        _Pickler(whole).dump(message)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise TypeError(f"this cannot be sent to another process: {error}") from None
    content = whole.getbuffer()
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def received(stream: IO[bytes]) -> Any:
    """The next message; an unreadable one does not spoil the next.

    Raises:
        EOFError: there are no more messages, or this one is truncated.

    """
    (length,) = _LENGTH.unpack(_whole(stream, _LENGTH.size))
    return pickle.loads(_whole(stream, length))


def _whole(stream: IO[bytes], length: int) -> bytes:
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return content


class _Pickler(pickle.Pickler):
    """Also pickles read-only views of mappings, which immutable values contain."""

    def reducer_override(self, value: Any) -> Any:
        return (_view, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def _view(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)
