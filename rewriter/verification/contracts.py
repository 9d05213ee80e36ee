"""What a variant promises about its text.

A transform promises one of three relations. A recipe promises what its transforms do together, and
nothing weaker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jinja2 import TemplateError, TemplateSyntaxError
from jinja2.environment import TemplateExpression

from rewriter.conversations.kinds import said
from rewriter.conversations.rendering import Oracle, Outcome, Raised
from rewriter.errors import BadInput, Place
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import prepared
from rewriter.turns.stop_headers import Stops
from rewriter.verification.turn_ends import TurnEnds

SAME_TEXT: Final = "where the original renders, the variant prints the same text"
KEPT_TURNS: Final = "an assistant's turn does not change once messages follow"
ORACLE_TEXT: Final = "the variant prints the original's text but for the declared difference"
AS_TEXT: Final = "where arguments had to be text, an object is printed as its JSON text"
STILL_RENDERS: Final = "where the original renders, the variant renders"
STILL_RAISES: Final = "where the original raises, the variant raises"
# The promises that the two texts alone decide.
OF_TEXTS: Final = frozenset({SAME_TEXT, ORACLE_TEXT, AS_TEXT, STILL_RENDERS, STILL_RAISES})


@dataclass(frozen=True, slots=True)
class Contract:
    """The text that a variant must print; by default, the text of the original.

    Attributes:
        widens: the variant may render where the original raises.
        as_text: the text for a conversation with its tool arguments as JSON text. Where the
            original raises only because they are objects, the variant prints this.
        excepting: Jinja expressions over a message. Only where some message satisfies one may the
            texts differ. They read the message's fields, the whole message as ``message``, and its
            content, with the text of blocks joined, as ``text``.
        oracle: gives the text to compare with instead of the original's.
        keeps_turns: the text up to the end of an assistant's turn is printed again when messages
            follow.
        stops: the text that ends turns which had no end. It is in the mask, even where the next
            turn begins with it. If another speaker than it names follows, the turn is kept without
            it.
        ends: the text that ends turns which had no end, anywhere.
        left_out: a key of the assistant's messages; if a message has it, and the value is not true,
            nothing of its turn is in the mask.

    """

    widens: bool = False
    as_text: Oracle | None = None
    excepting: tuple[str, ...] = ()
    oracle: Oracle | None = None
    keeps_turns: bool = False
    stops: Stops | None = None
    ends: TurnEnds | None = None
    left_out: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether the variant must print the same as the original, and raise where it does."""
        declared = self.widens, self.as_text, self.excepting, self.oracle, self.stops, self.ends
        return not any(declared)

    def broken(self, conversation: Conversation, original: Outcome, variant: Outcome) -> str | None:
        """The promise that the two outcomes break, if any."""
        expected = self.expected(conversation, original)
        if isinstance(expected, Raised):
            return None if self.widens or isinstance(variant, Raised) else STILL_RAISES
        if isinstance(variant, Raised):
            return AS_TEXT if self._is_as_text(original) else STILL_RENDERS
        if expected.text == variant.text or self.excepts(conversation):
            return None
        if self.ends and self.ends.allow(conversation, expected.text, variant.text):
            return None
        if self._is_as_text(original):
            return AS_TEXT
        return ORACLE_TEXT if self.oracle else SAME_TEXT

    def expected(self, conversation: Conversation, original: Outcome) -> Outcome:
        """The text that the variant must print: the original's, up to a declared difference."""
        expected = self.oracle(conversation) if self.oracle else original
        if isinstance(expected, Raised) and isinstance(original, Raised) and self.as_text:
            return self.as_text(conversation)
        return expected

    def _is_as_text(self, original: Outcome) -> bool:
        return self.as_text is not None and isinstance(original, Raised)

    def excepts(self, conversation: Conversation) -> bool:
        """Whether the texts may differ on ``conversation``."""
        return any(
            _holds(expression, message)
            for expression in self.excepting
            for message in prepared(conversation.messages)
        )


EQUAL: Final = Contract()
WIDENS: Final = Contract(widens=True)


def differs(*, excepting: str = "", oracle: Oracle | None = None) -> Contract:
    """Declare a difference: on which conversations, or to which text.

    Raises:
        BadInput: ``excepting`` is not a Jinja expression.

    """
    if excepting:
        _compiled(excepting)
    return Contract(excepting=(excepting,) if excepting else (), oracle=oracle)


def composed(contracts: Iterable[Contract]) -> Contract:
    """The combined promise of several transforms, applied one after the other.

    Raises:
        ValueError: more than one has an oracle, and oracles cannot be combined.

    """
    every = tuple(contracts)
    oracles = [contract.oracle for contract in every if contract.oracle]
    as_text = [contract.as_text for contract in every if contract.as_text]
    stops = [contract.stops for contract in every if contract.stops]
    ends = [contract.ends for contract in every if contract.ends]
    left_out = [contract.left_out for contract in every if contract.left_out]
    if len(oracles) > 1:
        raise ValueError("two oracles do not compose")
    return Contract(
        widens=any(contract.widens for contract in every),
        excepting=tuple(dict.fromkeys(e for contract in every for e in contract.excepting)),
        oracle=oracles[0] if oracles else None,
        as_text=as_text[0] if as_text else None,
        keeps_turns=any(contract.keeps_turns for contract in every),
        stops=stops[0] if stops else None,
        ends=ends[0] if ends else None,
        left_out=left_out[0] if left_out else "",
    )


@cache
def _compiled(expression: str) -> TemplateExpression:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    try:
        return ImmutableSandboxedEnvironment().compile_expression(expression)
    except TemplateSyntaxError as error:
        raise BadInput(
            f"not a Jinja expression: {error.message}", place=Place.at(expression, 0)
        ) from error


def _holds(expression: str, message: Mapping[str, Any]) -> bool:
    try:
        return bool(_compiled(expression)({**message, "message": message, "text": said(message)}))
    except (TypeError, AttributeError, TemplateError):
        # Such as a substring test on `None`: the message is not of the excepted kind.
        return False
