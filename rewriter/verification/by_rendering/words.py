"""Unique words, so that finding one in a text shows whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_WORD: Final = re.compile(r"qz[a-z]+\d+x")


class Owner(StrEnum):
    """Who writes a field. Unknown fields are left out of the mask, like given text."""

    GENERATED = "generated"
    GIVEN = "environment"
    HEADER = "header"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and the field that has it.

    Attributes:
        text: the word.
        message: the index of the message, or ``None`` for a tool, document or variable.
        owner: who writes it.
        key: the name of the field.
        says: whether it is in a message's content or reasoning.

    """

    text: str
    message: int | None
    owner: Owner
    key: str
    says: bool = False


@dataclass(slots=True)
class Vocabulary:
    """Makes words, and remembers them all."""

    known: dict[str, Word] = field(default_factory=dict)

    def word(
        self, key: str, message: int | None, owner: Owner, *, says: bool = False, about: str = ""
    ) -> str:
        """A new word."""
        letters = re.sub(r"[^a-z]", "", (about or key).lower()) or "some"
        text = f"qz{letters}{len(self.known)}x"
        self.known[text] = Word(text, message, owner, key, says)
        return text


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word in a text."""

    word: Word
    start: int
    end: int
    nth: int


def occurrences(text: str, known: Mapping[str, Word]) -> Iterator[Occurrence]:
    """Every known word in the text, from left to right; ``nth`` counts from 0 for each."""
    seen: dict[str, int] = {}
    for match in _WORD.finditer(text):
        word = known.get(match.group())
        if word is not None:
            nth = seen.get(word.text, 0)
            seen[word.text] = nth + 1
            yield Occurrence(word, match.start(), match.end(), nth)
