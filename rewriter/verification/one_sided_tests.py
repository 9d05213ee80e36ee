"""Tests that only one of two templates has, and that had one answer on every conversation.

Comparing texts on conversations does not show what a variant does only in March, or only if the
third character is a dash, nor what it no longer does. So if a test in only one of the two always
had the same answer, it is forced to the other. If that changes the text, nothing has shown that the
templates print the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import nodes

from rewriter.conversations.rendering import Rendered, Renderings
from rewriter.errors import Place
from rewriter.source.template import Template
from rewriter.source.walk import find_all
from rewriter.tracing.accounting import State
from rewriter.tracing.clock import at_time
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import plain, prepared
from rewriter.tracing.questions import Questioned, Reply, is_slice, operands_of
from rewriter.tracing.role_tests import RoleTests
from rewriter.verification.accounting import Accounted
from rewriter.verification.pair_judge import PairJudge

# How many conversations that reach a test to force it on, whether or not the original renders them.
_ENOUGH: Final = 12
# A variant with more such tests is a different template.
_MOST_TESTS: Final = 200
_WIDTH: Final = 48


def one_sided(pair: PairJudge, conversations: Sequence[Conversation]) -> Iterator[Accounted]:
    """The tests in only one of a pair, if the texts are equal under only one of their answers."""
    yield from _one_sided(pair.variant, pair.original, State.ONE_SIDED, conversations, pair)
    yield from _one_sided(pair.original, pair.variant, State.NOT_TAKEN_OVER, conversations, pair)


def _one_sided(
    source: str, other: str, state: State, conversations: Iterable[Conversation], pair: PairJudge
) -> Iterator[Accounted]:
    template = Template(source)
    roles = RoleTests.of(template.tree)
    known = set(map(repr, _tests_of(Template(other))))
    own = [t for t in _tests_of(template) if repr(t) not in known and not roles.is_fixed(t)]
    if not own or len(own) > _MOST_TESTS:
        return
    answers = _Answers(other, Questioned(template, own, {}), {n: set() for n in range(len(own))})
    answers.show(conversations)
    found: dict[int, None] = {}
    for forced in answers.forced():
        if not found.keys() >= forced.keys():
            for conversation, text in answers.texts(Questioned(template, own, forced), forced):
                outcomes = [answers.rendered(other, conversation), Rendered(text, ())]
                if source == pair.original:
                    outcomes.reverse()
                if pair.contract.broken(conversation, *outcomes):
                    found |= dict.fromkeys(n for n in forced if n not in found)
                    break
    for number in sorted(found):
        yield _accounted(template, own[number], state)


def _tests_of(template: Template) -> tuple[nodes.Expr, ...]:
    """A template's tests: the operands of its conditions, and comparisons elsewhere."""
    found: dict[nodes.Expr, None] = {}
    tested: Iterator[Any] = find_all(template.tree, (nodes.If, nodes.CondExpr, nodes.For))
    for node in tested:
        if node.test is not None:
            found |= dict.fromkeys(operands_of(node.test))
    found |= dict.fromkeys(find_all(template.tree, (nodes.Compare, nodes.Test)))
    return tuple(each for each in found if not is_slice(each))


@dataclass(slots=True)
class _Answers:
    """The answers of a variant's tests, and the conversations that reached them."""

    other: str
    questioned: Questioned
    answers: dict[int, set[bool]]
    rendered: Renderings = field(default_factory=Renderings)
    _asked: defaultdict[tuple[int, bool], list[Conversation]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def show(self, conversations: Iterable[Conversation]) -> None:
        """Render the conversations until every test has had both answers."""
        for conversation in conversations:
            if all(len(each) == 2 for each in self.answers.values()):
                return
            reply = _reply(self.questioned, conversation)
            for (number, _), answers in reply.asked.items():
                self.answers[number].update(answers)
                asked = self._asked[number, reply.text is None]
                if len(asked) < _ENOUGH:
                    asked.append(conversation)

    def forced(self) -> Iterator[Mapping[int, bool]]:
        """Answers that no conversation gave: each alone, then combined with tests never reached."""
        other = {n: not next(iter(a)) for n, a in self.answers.items() if len(a) == 1}
        never = [number for number, answers in self.answers.items() if not answers]
        for number, answer in other.items():
            yield {number: answer}
        for answer in (True, False) if never else ():
            yield {**other, **dict.fromkeys(never, answer)}

    def texts(
        self, questioned: Questioned, forced: Iterable[int]
    ) -> Iterator[tuple[Conversation, str]]:
        """The texts under these answers; a render that raises shows nothing."""
        for number in forced:
            for conversation in (*self._asked[number, False], *self._asked[number, True]):
                reply = _reply(questioned, conversation)
                if reply.text is not None:
                    yield conversation, reply.text


def _reply(questioned: Questioned, conversation: Conversation) -> Reply:
    prompted = {"add_generation_prompt": conversation.add_generation_prompt}
    with at_time(conversation.now):
        variables = {**plain(conversation.options), **prompted}
        return questioned.render(prepared(conversation.messages), variables)


def _accounted(template: Template, question: nodes.Expr, state: State) -> Accounted:
    span = template.outer(question)
    at = span.start if span else 0
    written = " ".join(template.source(question).split())[:_WIDTH]
    return Accounted(written, at, Place.at(template.text, at), state)
