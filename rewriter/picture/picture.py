"""A picture of a template: conversations as it prints them, and what of them is trained on."""

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
    """What a printed character is of a conversation."""

    HEADER = "header"
    """The assistant's role header: the model is prompted with it."""
    PREFILL = "prefill"
    """Thinking that the generation prompt opens."""
    REASONING = "reasoning"
    CONTENT = "content"
    CALL = "tool call"
    TURN_END = "turn end"
    """What the model must write to stop."""
    SPACE = "space behind"
    """White space that the template prints behind the end of an assistant's turn."""
    GIVEN = "not the model's"
    """In an assistant's turn, and given to the model, or nobody's."""
    RESULT = "tool result"
    SAID = "said"
    """What anybody says who is neither the assistant nor a tool."""
    TOOLS = "tools, documents"
    TEMPLATE = "template"
    """The template's own text around what others say: their headers, their ends."""


GENERATED: Final = (Part.REASONING, Part.CONTENT, Part.CALL, Part.TURN_END)
"""What the model writes, in the order in which a person wants to read of it."""


@dataclass(frozen=True, slots=True)
class PrintedRun:
    """Neighbouring characters ``[start, end)`` of a printed text that are alike.

    Attributes:
        start, end: which characters.
        part: what they are.
        trained: whether the mask holds them.
        turn: the index of the message whose turn they are in, or ``None``.
        sources: what in the template printed them, the most exact first: the characters of a
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

    ``trained`` is what transformers makes of the mask; ``is_cut``: the mask holds some of the
    characters and not others.
    """

    start: int
    end: int
    trained: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class DrawnConversation:
    """One conversation as the template prints it.

    Attributes:
        title: what there is to see in it.
        data: the conversation itself, as JSON data.
        roles: who speaks, message by message.
        text: what is printed; empty where the template raises.
        runs: the text run by run, without a gap.
        raised: what the template raises instead, or nothing.
        tokens: the text token by token, or ``None`` where there is no tokenizer.
        remarks: what goes wrong between characters and tokens, a sentence each.

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
        """Whether any of it is such a part."""
        return any(run.part is part for run in self.runs)

    def units(self) -> Iterator[tuple[Part, bool, int]]:
        """What there is of each kind: its part, whether it is trained, how many.

        Tokens where there are any, else characters. A token is of the part that it begins in.
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
    """How much of what was printed is trained on.

    ``unit`` is what is counted: ``characters`` or ``tokens``. ``parts`` has for each part that is
    printed how much of it is trained, and how much there is, those first that a model writes.
    """

    unit: str
    trained: int
    total: int
    parts: tuple[tuple[Part, int, int], ...]

    @property
    def percent(self) -> float:
        """The share in hundredths."""
        return 100 * self.trained / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What there is to see of a template.

    Attributes:
        name: what it is called.
        source: the template as it was given.
        template: what the conversations are printed with: the training variant, or the source
            where there is nothing to do, or no variant.
        policy: where the mask's edges lie.
        conversations: what it prints.
        edits: what makes the variant of the source, in order; offsets count its characters.
        transforms: the names of those that changed something.
        family: the known family that it is of, or ``None``.
        proof: how the variant is proven, as `Rewrite.proof` has it.
        is_marked: whether the source came with marks.
        notices: what to know before training.
        account: each source of the variant's text, and what is known of it.
        tried: what was tried and not taken, a line each.
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
        """How much of all its conversations is trained on, and of what."""
        return share_of(self.conversations)


def share_of(conversations: Iterable[DrawnConversation]) -> Share:
    """How much of what is printed of the conversations is trained on, and of what."""
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
