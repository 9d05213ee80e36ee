"""What goes to a worker and comes back."""

from __future__ import annotations

import io
import pickle
import struct
from types import MappingProxyType
from typing import IO, Any, Final

_LENGTH: Final = struct.Struct("!Q")


def send(message: Any, stream: IO[bytes]) -> None:
    """Send a message whole, or nothing of it.

    Raises:
        TypeError: something in it cannot be sent.

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
    """The next message; what cannot be read of one is no harm to the next.

    Raises:
        EOFError: there is none and will be none, or it is cut off.

    """
    (length,) = _LENGTH.unpack(_whole(stream, _LENGTH.size))
    return pickle.loads(_whole(stream, length))


def _whole(stream: IO[bytes], length: int) -> bytes:
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return content


class _Pickler(pickle.Pickler):
    """Sends read-only views of mappings too, which values that do not change hold."""

    def reducer_override(self, value: Any) -> Any:
        return (_view, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def _view(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)
