"""Find tests whose answers change when messages follow, and their earlier answers.

Conversations are rendered up to each assistant's turn, and further. If earlier text is no longer
there, some test had another answer: on the position, on the next message, on the place of the last
query. With the earlier answer fixed, the text stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from jinja2 import nodes

from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.moves import Move, move_after, twin
from rewriter.tracing.questions import Questioned, Reply, asking, questions_of
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.variables import flags_of
from rewriter.turns.headers import agreement
from rewriter.turns.histories import NO_FLAG, TRUTHS, Key, Render, renders_for, renders_of

# Questions, by their node in the template's tree, each with one answer.
Answer: TypeAlias = tuple[nodes.Expr, bool]
Answers: TypeAlias = tuple[Answer, ...]
_SHOWN: Final = 40
_Numbered: TypeAlias = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Change:
    """An earlier text that is not kept.

    Attributes:
        printed: the earlier text, up to a few words.
        instead: the text when messages follow.
        at: the offset of the piece of the source that printed it, if known.

    """

    printed: str
    instead: str
    at: int | None


@dataclass(frozen=True, slots=True)
class EarlierAnswers:
    """The earlier answers of a template.

    Attributes:
        answers: tests, and the answer that each had when the turn was the last.
        change: a text that changes in spite of these answers.
        move: statements that have to be moved as well, if any.
        declared: the text to print: a template with the statements moved, and the answers of its
            tests.

    """

    answers: Answers
    change: Change | None
    move: Move | None = None
    declared: tuple[Template, Answers] | None = None


def earlier_answers(template: Template, further: Sequence[Conversation] = ()) -> EarlierAnswers:
    """Compare each turn of the histories, and ``further`` conversations, with earlier text."""
    search = _Search(template, further)
    found = search.found()
    move = search.move if found.change else None
    moved = _moved(template, move) if move else None
    if move is None or moved is None:
        return found
    there = _Search(moved, further)
    if not _differ_in_order(search.plain, there.plain):
        return found
    again = there.found(search.plain)
    twins = {
        id(same): here
        for here in search.questions
        if (same := twin(here, template, moved, move)) is not None
    }
    answers = [(twins.get(id(asked)), answer) for asked, answer in again.answers]
    if again.change or any(here is None for here, _ in answers):
        return found
    known = tuple((here, answer) for here, answer in answers if here is not None)
    return EarlierAnswers(known, None, move, (moved, again.answers))


def _moved(template: Template, move: Move) -> Template | None:
    try:
        return Template(move.applied(template.text))
    except BadInput:
        return None


@dataclass(frozen=True, slots=True)
class _Pair:
    """A conversation that ends with the assistant, and the same with messages after it."""

    key: Key
    longer_key: Key
    shorter: Reply
    longer: Reply

    @property
    def turns(self) -> int:
        """The number of messages in the shorter one."""
        return self.key[2]

    @property
    def prompted(self) -> bool:
        """Whether the longer one ends in a generation prompt."""
        return self.longer_key[3]

    @property
    def lost(self) -> int:
        """How many characters of the earlier text are not kept."""
        one, other = self.shorter.text or "", self.longer.text or ""
        if other.startswith(one):
            return 0
        return len(one) - agreement(one, other)

    def changed(self) -> Iterator[_Numbered]:
        """The tests whose answers differ in the longer one, with their earlier answers."""
        for (number, turn), answers in self.shorter.asked.items():
            since = self.longer.asked.get((number, turn))
            # The generation prompt may change the answers of tests outside all turns.
            counts = turn < self.turns if turn is not None else not self.prompted
            if counts and since and since[0] is not answers[0]:
                yield number, answers[0]


@dataclass
class _Search:
    template: Template
    further: Sequence[Conversation]
    move: Move | None = field(init=False, default=None)
    plain: Mapping[Key, Reply] = field(init=False)
    questions: Sequence[nodes.Expr] = field(init=False)
    _given: Sequence[Render] = field(init=False)
    # For each setting, the questions that read its flag.
    _asking: Sequence[frozenset[int] | None] = field(init=False)

    def __post_init__(self) -> None:
        self.questions = questions_of(self.template)
        self._given = (*renders_for(self.template), *renders_of(self.further))
        flags = flags_of(self.template.tree)
        by_flag = asking(self.template.tree, self.questions, flags)
        self._asking = (None, *(each for each in by_flag for _ in TRUTHS))
        self.plain = self._replies({})

    def found(self, first: Mapping[Key, Reply] | None = None) -> EarlierAnswers:
        """The answers that keep most, taken one by one as long as each keeps more.

        ``first`` is the template whose last turns are the expected text, if not this one.
        """
        answers: dict[int, bool] = {}
        replies = self.plain
        first = first or replies
        lost = _lost(replies)
        while lost:
            for number, answer in _candidates(replies):
                if number in answers:
                    continue
                tried = {**answers, number: answer}
                found = self._replies(tried)
                if (
                    _lost(found) < lost
                    and _keeps_last_turns(first, found)
                    and self._keeps_words(found)
                ):
                    answers, replies, lost = tried, found, _lost(found)
                    break
            else:
                break
        decided = tuple((self.questions[number], answers[number]) for number in sorted(answers))
        change = self._change(replies)
        if change is None and not _keeps_last_turns(first, replies):
            change = Change("", "", None)
        return EarlierAnswers(decided, change)

    def _keeps_words(self, replies: Mapping[Key, Reply]) -> bool:
        """Whether all that a message says is printed wherever the template printed it.

        If a flag exists to omit thoughts from a last turn, they stay omitted.
        """
        return all(
            word not in (self.plain[key].text or "") or word in (replies[key].text or "")
            for key, messages, _ in self._given
            if key[1] == NO_FLAG
            for message in messages
            for word in (message.get("content"), message.get("reasoning_content"))
            if isinstance(word, str)
        )

    def _replies(self, answers: Mapping[int, bool]) -> Mapping[Key, Reply]:
        questioned = Questioned(self.template, self.questions, answers)
        replies: dict[Key, Reply] = {}
        for key, messages, variables in self._given:
            history, setting, end, prompt = key
            # Most flags are only asked where the prompt is printed.
            unset = replies.get((history, NO_FLAG, end, prompt))
            if unset is None or unset.may_depend_on(self._asking[setting]):
                replies[key] = questioned.render(messages, variables)
            else:
                replies[key] = unset
        return replies

    def _change(self, replies: Mapping[Key, Reply]) -> Change | None:
        broken = (pair for pair in _pairs(replies) if pair.lost)
        pair = min(broken, key=lambda pair: pair.turns, default=None)
        if pair is None:
            return None
        one, other = pair.shorter.text or "", pair.longer.text or ""
        at = agreement(one, other)
        late = self._printed(pair.key, at)
        early = self._printed(pair.longer_key, at)
        if late is not None and early is not None:
            self.move = move_after(self.template, early, late)
        return Change(one[at : at + _SHOWN], other[at : at + _SHOWN], late)

    def _printed(self, key: Key, at: int) -> int | None:
        """The source that printed character ``at`` of a conversation."""
        messages, variables = next((m, v) for each, m, v in self._given if each == key)
        trace = TracedTemplate(self.template).render(messages, **variables)
        return next((run.sites[-1] for run in trace.runs if run.end > at and run.sites), None)


def _pairs(replies: Mapping[Key, Reply]) -> Iterator[_Pair]:
    """The same for other conversations, numbered from the end."""
    for (history, setting, end, prompt), longer in replies.items():
        for turns in range(2, end):
            key = (history, setting, turns, False)
            shorter = replies[key]
            is_answered = (history, setting, turns, True) not in replies
            if is_answered and shorter.text is not None and longer.text is not None:
                yield _Pair(key, (history, setting, end, prompt), shorter, longer)


def _lost(replies: Mapping[Key, Reply]) -> int:
    return sum(pair.lost for pair in _pairs(replies))


def _candidates(replies: Mapping[Key, Reply]) -> Sequence[_Numbered]:
    """The changed answers in all pairs that lose text, in the order of evaluation."""
    found = (answer for pair in _pairs(replies) if pair.lost for answer in pair.changed())
    return tuple(dict.fromkeys(found))


def _keeps_last_turns(before: Mapping[Key, Reply], after: Mapping[Key, Reply]) -> bool:
    """Whether everything still renders, and the assistant's first turns are unchanged."""
    return all(
        reply.text is None
        or (after[key].text is not None and (key[2] > 2 or after[key].text == reply.text))
        for key, reply in before.items()
    )


def _differ_in_order(before: Mapping[Key, Reply], after: Mapping[Key, Reply]) -> bool:
    """Whether the same text is printed, possibly in another order."""
    return all(
        sorted(reply.text or "") == sorted(after[key].text or "") for key, reply in before.items()
    )
