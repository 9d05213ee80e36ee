"""Conversations that a family's variants are always judged on."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import AfterValidator

from rewriter.data import Record
from rewriter.tracing.conversation import Conversation


def _read(text: str) -> Conversation:
    try:
        return Conversation.from_data(json.loads(text))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"not JSON: {error.msg}, in its {where}") from error


def _readable(text: str) -> str:
    _read(text)
    return text


class Regression(Record):
    """A conversation that has shown an error in a variant of the family, no matter who wrote that.

    Attributes:
        note: what it shows, in a sentence.
        saved: the conversation as `rewriter verify --save` writes it, in JSON.

    """

    note: str
    saved: Annotated[str, AfterValidator(_readable)]

    @property
    def conversation(self) -> Conversation:
        """The conversation."""
        return _read(self.saved)
