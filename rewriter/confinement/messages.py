"""What goes to a worker and comes back."""

from __future__ import annotations

import io
import pickle
from types import MappingProxyType
from typing import IO, Any


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
    stream.write(whole.getbuffer())
    stream.flush()


def received(stream: IO[bytes]) -> Any:
    """The next message; raises ``EOFError`` if there is none and will be none."""
    return pickle.load(stream)


class _Pickler(pickle.Pickler):
    """Sends read-only views of mappings too, which values that do not change hold."""

    def reducer_override(self, value: Any) -> Any:
        return (_view, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def _view(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)
