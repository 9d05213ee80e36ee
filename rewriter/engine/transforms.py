"""Transforms, read from data: what they match, write and promise."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import AfterValidator, Field

from rewriter.data import Record, data_folder, read_record
from rewriter.engine.pattern import Pattern
from rewriter.errors import BadInput


def _pattern(source: str) -> str:
    try:
        Pattern.parse(source)
    except BadInput as error:
        raise ValueError(error.message) from None
    return source


PatternText = Annotated[str, AfterValidator(_pattern)]
AS_WHEN_LAST: Final = "as when last"
Part: TypeAlias = Literal["reasoning", "tool arguments", "turn end"]
Goal: TypeAlias = Literal["assistant-mask", "prefix-preserving", "dict-arguments", "stop-token"]
MASK: Final = "assistant-mask"
STOP_TOKEN: Final = "stop-token"
GOALS: Final[tuple[Goal, ...]] = get_args(Goal)


class Replace(Record):
    """Replace an expression, or the test of an ``if``.

    ``operand`` limits it to operands of a chain of ``+``, ``prints`` to expressions that were seen
    to print that part of an assistant's message.
    """

    verb: Literal["replace"]
    match: PatternText
    write: str
    operand: bool = False
    prints: Part | None = None
    reason: str


class Keep(Record):
    """Resolve conditionals as if ``assume`` held, if the kept branch ``prints`` the given part.

    A negated pattern is assumed not to hold. ``as when last`` fixes the answers of tests that
    change when messages follow, to those of the turn as the last.
    """

    verb: Literal["keep"]
    assume: tuple[PatternText, ...] | Literal["as when last"]
    prints: Part | None = None
    reason: str


class Sink(Record):
    """Move output of this part after a conditional into each of its branches."""

    verb: Literal["sink"]
    part: Part
    reason: str


class Split(Record):
    """Cut an output between prompted and generated text."""

    verb: Literal["split"]
    reason: str


class Branch(Record):
    """Give the assistant a branch of its own in statements that print all roles' turns."""

    verb: Literal["branch"]
    reason: str


class Inline(Record):
    """Replace a call that prints more than generated text by the macro's body."""

    verb: Literal["inline"]
    reason: str


class Stop(Record):
    """End the assistant's turns without an end in the next turn's header.

    The model is stopped at this header: the user's after an answer, the tool's after a call. If
    nobody speaks next, it is printed; else the next speaker's own header is the end.
    """

    verb: Literal["stop"]
    reason: str


class End(Record):
    """End the assistant's turns without an end in ``eos_token``.

    If only the last turn has none, it is ended like the others.
    """

    verb: Literal["end"]
    reason: str


class Wrap(Record):
    """Put a block around each run of generated statements."""

    verb: Literal["wrap"]
    tag: str
    reason: str


class Guard(Record):
    """Leave a block out if it would be empty."""

    verb: Literal["guard"]
    tag: str
    reason: str


class Leave(Record):
    """Leave turns out of a block if their message's value for ``key`` is not true."""

    verb: Literal["leave"]
    tag: str
    key: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    reason: str


class Uncover(Record):
    """Keep a prefill outside of a block, if only the printed text shows it."""

    verb: Literal["uncover"]
    tag: str
    reason: str


Rule: TypeAlias = Annotated[
    Replace | Keep | Sink | Split | Branch | Inline | Stop | End | Wrap | Guard | Uncover | Leave,
    Field(discriminator="verb"),
]


class Contract(Record):
    """What a transform promises about the renders before and after.

    ``equal``: the same wherever the original renders. ``widens``: that, and more renders.
    ``differs``: like the original with ``assume`` of its rules true, and with the ends that a
    ``stop`` gives the last turn, or an ``end`` any turn. ``leaves_out``: the mask has nothing of
    turns whose message a ``leave`` leaves out, and all of the others. ``except`` is a predicate
    over a message; if a message fulfils it, the renders may differ.
    """

    relation: Literal["equal", "widens", "differs"]
    exempt: str | None = Field(default=None, alias="except")
    buys: str | None = None
    leaves_out: bool = False


class Example(Record):
    """A template before and after; without ``after``, nothing may change.

    ``behind`` are the transforms that are applied before it.
    """

    title: str
    before: str
    after: str | None = None
    policy: Literal["strict", "trl"] = "strict"
    behind: tuple[str, ...] = ()


class Transform(Record):
    """One declared rewriting."""

    name: str
    summary: str
    goal: Goal
    hazard: str | None = None
    contract: Contract
    rules: tuple[Rule, ...] = Field(alias="rule")
    examples: tuple[Example, ...] = Field(alias="example", min_length=2)

    def uses(self, *verbs: type[Record]) -> bool:
        """Whether one of its rules uses one of the ``verbs``."""
        return any(isinstance(rule, verbs) for rule in self.rules)


@cache
def load_transforms() -> tuple[Transform, ...]:
    """All transforms, by name.

    Raises:
        BadInput: a file does not fit the schema; the error names the file, the key and what is
            expected.

    """
    return tuple(_load(path) for path in sorted(data_folder("transforms").glob("*.toml")))


def _load(path: Path) -> Transform:
    transform = read_record(path, Transform)
    if transform.name != path.stem:
        raise BadInput(f"name: expected {path.stem!r}, as the file is called", name=str(path))
    return transform


def transform_named(name: str) -> Transform:
    """The transform called ``name``.

    Raises:
        BadInput: if there is none.

    """
    for transform in load_transforms():
        if transform.name == name:
            return transform
    known = ", ".join(transform.name for transform in load_transforms())
    raise BadInput(f"no transform is called {name!r}", hint=f"there are: {known}")
