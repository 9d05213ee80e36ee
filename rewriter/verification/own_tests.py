"""Tests that only the variant makes, and that came out one way on every conversation.

Who compares texts by conversations sees nothing of what a variant does in March, or where the third
character is a dash. So a test of its own that always had one answer is given the other: if another
text is printed then, nothing has shown that the two templates print the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from jinja2 import nodes

from rewriter.conversations.rendering import Outcome, Rendered, Renderings
from rewriter.errors import Place
from rewriter.source.template import Template
from rewriter.tracing.accounting import State
from rewriter.tracing.clock import told
from rewriter.tracing.compiled import plain, prepared
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.questions import Questioned, Reply, is_slice, questions_of
from rewriter.tracing.role_tests import RoleTests
from rewriter.verification.accounting import Accounted
from rewriter.verification.contracts import Contract
from rewriter.verification.judges import Pair

# On so many conversations that ask it, rendered by the original or not, a test is forced.
_ENOUGH: Final = 12
# A variant with more of them is another template.
_MOST_TESTS: Final = 200
_WIDTH: Final = 48


def one_sided(pair: Pair, conversations: Iterable[Conversation]) -> tuple[Accounted, ...]:
    """The variant's own tests of which only one answer is known to keep the text as it is."""
    original, template = pair.original, Template(pair.variant)
    roles = RoleTests.of(template.tree)
    known = set(map(repr, questions_of(Template(original))))
    own = [
        each
        for each in questions_of(template)
        if repr(each) not in known and not is_slice(each) and not roles.is_fixed(each)
    ]
    if not own or len(own) > _MOST_TESTS:
        return ()
    asking = _Asking(original, Questioned(template, own, {}), {n: set() for n in range(len(own))})
    asking.show(conversations)
    found = []
    for forced in asking.forced():
        if asking.differs(Questioned(template, own, forced), forced, pair.contract):
            found += [number for number in forced if number not in found]
    return tuple(_accounted(template, own[number]) for number in sorted(found))


@dataclass(slots=True)
class _Asking:
    """What was answered to a variant's questions, and where they were asked."""

    original: str
    questioned: Questioned
    answers: dict[int, set[bool]]
    rendered: Renderings = field(default_factory=Renderings)
    _asked: defaultdict[tuple[int, bool], list[Conversation]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def show(self, conversations: Iterable[Conversation]) -> None:
        """Ask on the conversations, until every question has had both answers."""
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
        """Answers that no conversation gave: each alone, then with what was never asked."""
        other = {n: not next(iter(a)) for n, a in self.answers.items() if len(a) == 1}
        never = [number for number, answers in self.answers.items() if not answers]
        for number, answer in other.items():
            yield {number: answer}
        for answer in (True, False) if never else ():
            yield {**other, **dict.fromkeys(never, answer)}

    def differs(
        self, questioned: Questioned, forced: Mapping[int, bool], contract: Contract
    ) -> bool:
        """Whether, so answered, another text is printed; what raises then tells nothing."""
        for number in forced:
            for conversation in (*self._asked[number, False], *self._asked[number, True]):
                reply = _reply(questioned, conversation)
                if reply.text is None:
                    continue
                original: Outcome = self.rendered(self.original, conversation)
                if contract.broken(conversation, original, Rendered(reply.text, ())):
                    return True
        return False


def _reply(questioned: Questioned, conversation: Conversation) -> Reply:
    prompted = {"add_generation_prompt": conversation.add_generation_prompt}
    with told(conversation.now):
        variables = {**plain(conversation.options), **prompted}
        return questioned.render(prepared(conversation.messages), variables)


def _accounted(template: Template, question: nodes.Expr) -> Accounted:
    span = template.outer(question)
    at = span.start if span else 0
    written = " ".join(template.source(question).split())[:_WIDTH]
    return Accounted(written, at, Place.at(template.text, at), State.ONE_SIDED)
