"""What a pseudo-terminal was shown."""

import os
from collections.abc import Iterator


def read_to_the_end(terminal: int) -> Iterator[bytes]:
    """A terminal holds only so much, and its writer waits until that is read."""
    while True:
        try:
            read = os.read(terminal, 65536)
        except OSError:  # as Linux says that nobody writes any more
            return
        if not read:
            return
        yield read
