"""A picture of a template: conversations as it prints them, and which text is trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from rewriter.errors import RewriteError
from rewriter.source.edits import Edit
from rewriter.source.lexer import Span
from rewriter.turns.parts import Policy
from rewriter.verification.accounting import Accounted
from rewriter.verification.notice import Notice


class Part(StrEnum):
    """The part of a conversation that a printed character belongs to."""

    HEADER = "header"
    """The assistant's role header: the model is prompted with it."""
    PREFILL = "prefill"
    """Thinking that the generation prompt opens."""
    REASONING = "reasoning"
    CONTENT = "content"
    CALL = "tool call"
    TURN_END = "turn end"
    """What the model must write to stop."""
    SPACE = "space after"
    """White space that the template prints after the end of an assistant's turn."""
    GIVEN = "not the model's"
    """Text in an assistant's turn that the model is given, or that is nobody's."""
    RESULT = "tool result"
    SAID = "said"
    """Text of anyone who is neither the assistant nor a tool."""
    TOOLS = "tools, documents"
    TEMPLATE = "template"
    """The template's own text around others' text, such as headers and ends."""


GENERATED: Final = (Part.REASONING, Part.CONTENT, Part.CALL, Part.TURN_END)
"""The parts that the model writes, in the order to show them."""


@dataclass(frozen=True, slots=True)
class PrintedRun:
    """A run of characters ``[start, end)`` of a printed text that are alike.

    Attributes:
        start, end: the span of the characters.
        part: their part.
        trained: whether the mask holds them.
        turn: the index of the message whose turn they are in, or ``None``.
        sources: the template's source that printed them, the most exact first: the characters of a
            literal, or an expression; then the tags that passed it on.

    """

    start: int
    end: int
    part: Part
    trained: bool
    turn: int | None
    sources: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedToken:
    """A token, which stands for the characters ``[start, end)``.

    ``trained`` says whether transformers puts it into the mask; ``is_cut``, whether the mask holds
    only some of its characters.
    """

    start: int
    end: int
    trained: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class DrawnConversation:
    """One conversation as the template prints it.

    Attributes:
        title: what it shows.
        data: the conversation itself, as JSON data.
        roles: the role of each message.
        text: the printed text; empty if the template raises.
        runs: the text run by run, without gaps.
        raised: the error that the template raises, or an empty string.
        tokens: the text token by token, or ``None`` without a tokenizer.
        remarks: a sentence for each disagreement between characters and tokens.

    """

    title: str
    data: Mapping[str, Any]
    roles: tuple[str, ...]
    text: str
    runs: tuple[PrintedRun, ...]
    raised: str = ""
    tokens: tuple[PrintedToken, ...] | None = None
    remarks: tuple[str, ...] = ()

    def has(self, part: Part) -> bool:
        """Whether any text has this part."""
        return any(run.part is part for run in self.runs)

    def units(self) -> Iterator[tuple[Part, bool, int]]:
        """The amounts of text: each with its part, whether it is trained, and its size.

        The unit is tokens if there are any, else characters. A token has the part of its first
        character.
        """
        if self.tokens is None:
            yield from ((run.part, run.trained, run.end - run.start) for run in self.runs)
            return
        runs = iter(self.runs)
        run = next(runs, None)
        for token in self.tokens:
            while run is not None and run.end <= token.start:
                run = next(runs, None)
            if run is not None and token.start < token.end:
                yield run.part, token.trained, 1


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the printed text is trained on.

    ``unit`` is ``characters`` or ``tokens``. ``parts`` has, for each printed part, how much is
    trained, and how much there is; the parts that a model writes come first.
    """

    unit: str
    trained: int
    total: int
    parts: tuple[tuple[Part, int, int], ...]

    @property
    def percent(self) -> float:
        """The share in percent."""
        return 100 * self.trained / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A template, drawn.

    Attributes:
        name: its name.
        source: the template as it was given.
        template: the template that prints the conversations: the training variant, or the source if
            there is nothing to do, or no variant.
        policy: where the mask's edges lie.
        conversations: the drawn conversations.
        edits: the edits that turn the source into the variant, in order; offsets count the source's
            characters.
        transforms: the names of the transforms that changed something.
        family: the known family that it belongs to, or ``None``.
        proof: how the variant is proven, as `Rewrite.proof` has it.
        is_marked: whether the source came with marks.
        notices: what to know before training.
        account: each source of the variant's text, and what is known about it.
        tried: a line for each plan that was tried and rejected.
        refusal: why there is no variant, or ``None``.

    """

    name: str
    source: str
    template: str
    policy: Policy
    conversations: tuple[DrawnConversation, ...]
    edits: tuple[Edit, ...] = ()
    transforms: tuple[str, ...] = ()
    family: str | None = None
    proof: str = "none"
    is_marked: bool = False
    notices: tuple[Notice, ...] = ()
    account: tuple[Accounted, ...] = ()
    tried: tuple[str, ...] = ()
    refusal: RewriteError | None = None

    @property
    def share(self) -> Share:
        """How much of all conversations is trained on, by part."""
        return share_of(self.conversations)


def share_of(conversations: Iterable[DrawnConversation]) -> Share:
    """How much of these conversations' text is trained on, by part."""
    trained, total = Counter[Part](), Counter[Part]()
    unit = "characters"
    for each in conversations:
        unit = unit if each.tokens is None else "tokens"
        for part, is_trained, count in each.units():
            total[part] += count
            trained[part] += count if is_trained else 0
    order = sorted(filter(total.get, Part), key=lambda part: part not in GENERATED)
    parts = tuple((part, trained[part], total[part]) for part in order)
    return Share(unit, trained.total(), total.total(), parts)
