"""A promise that a conversation shows to be broken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken promise.

    Attributes:
        promise: the promise.
        at: the first character of the variant's text that breaks it, if there is one.
        texts: the expected and the printed text, if they differ.
        printed: the piece of the variant's source that printed the character, if known.

    """

    promise: str
    at: int | None = None
    texts: tuple[str, str] = ("", "")
    printed: int | None = None
