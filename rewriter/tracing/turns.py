"""What each character of a rendered conversation is: prompted, generated, or neither.

The generation prompt is the judge. For the assistant's message number ``i`` the conversation
before it is rendered with ``add_generation_prompt``: what that prints after the last message is
the cue, and what the assistant's turn begins with and the cue has too is not the model's to
write. Everything after it is, up to the whitespace behind the turn's end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from typing import Any, Final, NamedTuple, TypeAlias
from typing import Literal as OneOf

from jinja2 import nodes

from rewriter.tracing.leads import ROLE_WORD, header_of_turns, is_lead, late_end, lead
from rewriter.tracing.probes import ANSWERS, QUESTIONS, SPECIAL_TOKENS, probes
from rewriter.tracing.provenance import Field, Input, Literal, Origin
from rewriter.tracing.render import Run, Trace, TracedTemplate

OUTSIDE: Final = "."
PROMPT: Final = "p"
PREFILL: Final = "f"
GENERATED: Final = "g"
TRAILING: Final = "t"
# Neither the cue nor provenance tells what it is.
UNTOLD: Final = "?"

Policy: TypeAlias = OneOf["strict", "trl"]
INSIDE: Final[Mapping[Policy, frozenset[str]]] = {
    "strict": frozenset({GENERATED}),
    "trl": frozenset({GENERATED, PREFILL, TRAILING}),
}
ASSISTANT: Final = "assistant"

# Text, where it comes from, and the sites that passed it on.
Stretch: TypeAlias = tuple[str, Origin, tuple[int, ...]]

_NEVER_FLAGS: Final = frozenset({"messages", "message", "loop", "add_generation_prompt"})
# How the cues of many families open what they prefill.
_THINKING = re.compile(r"<\|?(?:think|thinking|thought|reasoning)\|?>|\[THINK\]", re.IGNORECASE)
_SPECIAL = re.compile(r"<[^<>\s]{1,60}>|\[[A-Z_/]{2,40}\]")

# A role header that is spelled otherwise than the cue: the role, and what closes it.
_NAMES_ROLE = re.compile(
    rf"(?:{ROLE_WORD.pattern})\w*(?:\|?>|[\]):]|{_SPECIAL.pattern})?\s*", re.IGNORECASE
)

_LETTERS = "".join(filter(str.isalnum, map(chr, range(128))))
# What a cue may begin with that ends the turn before it.
_ENDS_TURN = re.compile(rf"\s+|(?:{_SPECIAL.pattern})(?=\s*<|\s*\[|\s*\w)")


@dataclass(frozen=True, slots=True)
class Parts:
    """A trace, and one of the kinds above for each of its characters.

    ``late`` are those of an end of the assistant's turn that the next turn prints.
    """

    trace: Trace
    kinds: str
    late: frozenset[int] = frozenset()

    def inside(self, policy: Policy) -> tuple[tuple[int, int], ...]:
        """The spans that the mask must hold."""
        inside = INSIDE[policy]
        spans: list[tuple[int, int]] = []
        for at, kind in enumerate(self.kinds):
            if kind in inside:
                if spans and spans[-1][1] == at:
                    spans[-1] = (spans[-1][0], at + 1)
                else:
                    spans.append((at, at + 1))
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class Cue:
    """What the generation prompt prints; ``role`` is it without a thinking prefill.

    Where a template prints none, ``is_told`` by the turns themselves, if they tell.
    """

    text: str
    role: str
    is_told: bool = False

    @property
    def prefill(self) -> str:
        """The thinking that it opens."""
        return self.text[len(self.role) :]

    @property
    def is_known(self) -> bool:
        """Whether anything tells where the assistant's turn begins."""
        return bool(self.text) or self.is_told


class Turns:
    """Tells the parts of the conversations that one template renders.

    ``rough`` takes the cue to depend on no more than the role of the message before it, which
    saves most renders. That is good enough to plan by; a proof asks for each cue anew.
    """

    def __init__(self, traced: TracedTemplate, *, rough: bool = False) -> None:
        self.traced = traced
        self._rough = rough
        self._cues: dict[str, Cue] = {}

    def parts(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> Parts:
        """The parts of ``messages``, rendered without a generation prompt.

        ``options`` are those of `TracedTemplate.render`. Raises whatever the template raises.
        """
        trace = self.traced.render(messages, **options)
        kinds = [OUTSIDE] * len(trace.text)
        late: set[int] = set()
        for index, message in enumerate(messages):
            if message.get("role") == ASSISTANT:
                cue = self._cue_before(messages[:index], options)
                _mark_turn(trace, index, (cue, self.cue), kinds, rough=self._rough)
                if not self.late_end:
                    _mark_trailing(trace, index, kinds, anyway=self._rough)
                _mark_headers(trace, index, self.cue.role, kinds)
            if index and self.late_end:
                own = messages[index - 1].get("role") == ASSISTANT
                late.update(_mark_late_end(trace, index, self.late_end, kinds, own=own))
        if messages and messages[-1].get("role") == ASSISTANT:
            _mark_end(trace, self.cue, self.late_end, kinds)
        return Parts(trace, "".join(kinds), frozenset(late))

    @cached_property
    def late_end(self) -> str:
        """What the end of a turn is, where the next turn prints it; else empty."""
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True):
            trace = self._rendered([question, answer, question], SPECIAL_TOKENS)
            if trace is not None:
                return late_end(trace, 0, 1, 2)
        return ""

    @cached_property
    def prompts(self) -> tuple[tuple[Stretch, ...], ...]:
        """The generation prompt after a user's message: by default, then with each flag set."""
        settings = [{}, *({n: v} for n in sorted(self._prompt_flags) for v in (True, False))]
        for question in QUESTIONS:
            found = [self._prompt([question], {**SPECIAL_TOKENS, **flags}) for flags in settings]
            if found[0] and not self._is_ending(_text(found[0]), question):
                return tuple(tuple(prompt or ()) for prompt in found)
        return ((),)

    def _is_ending(self, text: str, question: Mapping[str, Any]) -> bool:
        """Whether what is printed last is printed without a prompt too, and begins no answer."""
        bare = self._rendered([question], SPECIAL_TOKENS)
        if bare is None or not bare.text.endswith(text):
            return False
        answer = ANSWERS[QUESTIONS.index(question)]
        answered = self._rendered([question, answer], SPECIAL_TOKENS)
        return answered is not None and text.strip() not in lead(answered, 1)

    @cached_property
    def cue(self) -> Cue:
        """The cue after a user's message."""
        default, *others = self.prompts
        text = _text(default)
        if not text:
            header = self._header_of_turns()
            return Cue(header or "", header or "", is_told=header is not None)
        ends = [_shared(default, o) or _agreement(text, _text(o)) for o in others if o]
        if thinking := _THINKING.search(text):
            ends.append(thinking.start())
        return Cue(text, text[: min(ends, default=len(text))])

    def _cue_before(self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Cue:
        """The cue after ``messages``, whatever the flags: the default prompt decides."""
        if self.cue.is_told:
            return self.cue
        role = str(messages[-1].get("role")) if messages else ""
        if role in self._cues:
            return self._cues[role]
        kept = {name: options[name] for name in options if name not in self._prompt_flags}
        prompt = self._prompt(messages, kept) if messages and self.cue.text else None
        if prompt is None:
            return self.cue
        text, prefill = _text(prompt), self.cue.prefill
        # What some messages have the prompt add is no more prefilled than what a flag has it add.
        adds = not prefill and text.startswith(self.cue.role)
        cue = self.cue if adds else Cue(text, text.removesuffix(prefill))
        if self._rough:
            self._cues[role] = cue
        return cue

    def _header_of_turns(self) -> str | None:
        found = ((self._rendered(messages, options), messages) for messages, options in probes())
        header = header_of_turns(((t, messages) for t, messages in found if t), ASSISTANT)
        # A thought that every turn opens is the model's to open.
        return None if header and _THINKING.search(header) else header

    def _prompt(
        self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> Sequence[Stretch] | None:
        """What the generation prompt prints after ``messages``, or ``None`` if it raises."""
        prompted = self._rendered(messages, {**options, "add_generation_prompt": True})
        if prompted is None:
            return None
        start = _last_turn_end(prompted)
        if start and prompted.text[start:].strip():
            return _stretches(prompted, start)
        # The prompt may be printed within the loop, so in somebody's turn.
        bare = self._rendered(messages, {**options, "add_generation_prompt": False})
        if bare is not None:
            start = _shared(_stretches(prompted), _stretches(bare))
        return _stretches(prompted, start)

    def _rendered(
        self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> Trace | None:
        try:
            return self.traced.render(messages, **options)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 — a template may raise anything; a guard is not a fault
            return None

    @cached_property
    def _prompt_flags(self) -> frozenset[str]:
        """The variables that decide how the generation prompt is printed, itself apart.

        Those among them that decide what others of them are set to.
        """
        found = self._asked_in_prompts() - _NEVER_FLAGS
        more = found
        while more := self._deciding(more) - found - _NEVER_FLAGS if more else set():
            found |= more
        return frozenset(found)

    def _asked_in_prompts(self) -> set[str]:
        found: set[str] = set()
        for block in self.traced.template.tree.find_all(nodes.If):
            if "add_generation_prompt" in _names(block.test):
                for inner in block.body:
                    tests: tuple[Any, ...] = (nodes.If, nodes.CondExpr)
                    for conditional in inner.find_all(tests):
                        found |= _names(conditional.test)
                    if isinstance(inner, nodes.If):
                        found |= _names(inner.test)
        return found

    def _deciding(self, names: Set[str]) -> set[str]:
        """What is asked before one of ``names`` is assigned."""
        return {
            asked
            for block in self.traced.template.tree.find_all(nodes.If)
            if any(_target(each) in names for each in block.find_all(nodes.Assign))
            for asked in _names(block.test)
        }


def _target(assignment: nodes.Assign) -> str | None:
    return assignment.target.name if isinstance(assignment.target, nodes.Name) else None


def _names(node: nodes.Node) -> set[str]:
    own = {node.name} if isinstance(node, nodes.Name) else set()
    return own | {name.name for name in node.find_all(nodes.Name)}


def _last_turn_end(trace: Trace) -> int:
    return max((run.end for run in trace.runs if run.turn is not None), default=0)


def _stretches(trace: Trace, start: int = 0) -> Sequence[Stretch]:
    """The text from ``start`` on, a stretch a run."""
    found: list[Stretch] = []
    for run in trace.runs:
        at = max(run.start, start)
        if at < run.end:
            origin = run.origin
            if isinstance(origin, Literal):
                origin = Literal(origin.at, origin.index + at - run.start)
            found.append((trace.text[at : run.end], origin, run.sites))
    return found


def _text(stretches: Iterable[Stretch]) -> str:
    return "".join(text for text, _, _ in stretches)


def _shared(one: Sequence[Stretch], other: Sequence[Stretch]) -> int:
    """How many first characters agree on what they are and on who printed them."""
    length = 0
    for (mine, *who), (its, *by) in zip(one, other, strict=False):
        if (mine, who) != (its, by):
            same = who == by
            return length + (_agreement(mine, its) if same else 0)
        length += len(mine)
    return length


def _agreement(one: str, other: str) -> int:
    """How many first characters two texts share."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _mark_turn(
    trace: Trace, index: int, cues: Sequence[Cue], kinds: list[str], *, rough: bool
) -> None:
    """Mark the characters that the assistant's message number ``index`` printed.

    ``rough``: as generated too what begins like a whole thought that is prefilled, and is none.
    """
    own = [run for run in trace.runs if run.turn == index]
    places = [at for run in own for at in range(run.start, run.end)]
    header = _header(lead(trace, index), cues)
    prefill = GENERATED if rough and header.prefill == UNTOLD else header.prefill
    for number, at in enumerate(places):
        kinds[at] = (
            PROMPT if number < header.role else prefill if number < header.end else GENERATED
        )
    if not header.end and not rough:
        _mark_openings(trace, own, cues, kinds)
    prefilled = [run for run in own if PREFILL in kinds[run.start : run.end]]
    for run in prefilled[1:] if not rough else ():
        # An empty thought printed by what frames a thought: the second tag is prompted here only.
        if _literal(run) != _literal(prefilled[0]):
            told = kinds[run.start : run.end]
            kinds[run.start : run.end] = "".join(told).replace(PREFILL, UNTOLD)
    for run in own:
        if is_environment(run, index):
            kinds[run.start : run.end] = OUTSIDE * (run.end - run.start)


def _mark_openings(trace: Trace, own: Sequence[Run], cues: Sequence[Cue], kinds: list[str]) -> None:
    """Mark what opens a thought in a turn that goes on without a header.

    Behind a header the prompt prefills it, and one literal cannot be in the mask and out of it.
    """
    prefills = [cue.prefill for cue in cues if cue.prefill.strip()]
    for run in own:
        text = trace.text[run.start : run.end]
        opens = any(_shared_tokens(text, prefill) == len(text) for prefill in prefills)
        if opens and isinstance(run.origin, Literal):
            kinds[run.start : run.end] = UNTOLD * len(text)


def _literal(run: Run) -> int | None:
    return run.origin.at if isinstance(run.origin, Literal) else None


def is_environment(run: Run, index: int) -> bool:
    """Whether a run in the turn of message ``index`` holds what others said or were given."""
    if isinstance(run.origin, Field):
        return run.origin.message != index
    return isinstance(run.origin, Input) and run.origin.name in ("tools", "documents")


def _mark_headers(trace: Trace, index: int, role: str, kinds: list[str]) -> None:
    """Mark each further role header that the template prints within the turn."""
    if not _SPECIAL.search(role):
        return
    at = trace.text.find(role)
    while at >= 0:
        end = at + len(role)
        over = [run for run in trace.runs if run.start < end and at < run.end]
        if all(run.turn == index and is_lead(run) for run in over):
            kinds[at:end] = PROMPT * len(role)
        at = trace.text.find(role, end)


def _mark_trailing(trace: Trace, index: int, kinds: list[str], *, anyway: bool) -> None:
    """Mark the white space behind a turn's end; where nothing is said, it is behind no end.

    ``anyway``: there as well, since in another turn the same is behind one.
    """
    own = [run for run in trace.runs if run.turn == index]
    behind = list(takewhile(lambda place: _is_own_space(trace, *place), _backwards(own)))
    last = next(islice(_backwards(own), len(behind), None), None)
    is_said = last is not None and kinds[last[1]] == GENERATED
    for _, at in behind:
        if kinds[at] == GENERATED:
            kinds[at] = TRAILING if is_said or anyway else UNTOLD


def _backwards(runs: Sequence[Run]) -> Iterator[tuple[Run, int]]:
    return ((run, at) for run in reversed(runs) for at in range(run.end - 1, run.start - 1, -1))


def _is_own_space(trace: Trace, run: Run, at: int) -> bool:
    return trace.text[at].isspace() and not isinstance(run.origin, Field)


class _Header(NamedTuple):
    """Where a turn's header is; ``prefill`` is what lies between ``role`` and ``end``."""

    start: int
    role: int
    end: int
    prefill: str = PREFILL


def _header(beginning: str, cues: Sequence[Cue]) -> _Header:
    """What of a turn's first characters is prompted.

    ``beginning`` is what the turn prints before anything that its message says, ``cues`` are what
    may prompt it, the likeliest first. Of a prefill a turn may print a part only: an empty thought
    where the cue begins one. A header that is spelled otherwise than the cue is one all the same.
    """
    whole = [found for cue in cues if (found := _found(beginning, cue.role, cue.prefill))]
    if whole:
        # A cue that is no more than a turn's end is found at the end of a turn that says nothing.
        return min(whole, key=lambda found: found.start)
    agreeing = (_agreeing(beginning, cue) for cue in cues)
    header = next((each for each in agreeing if each.end), _Header(0, 0, 0))
    if named := _NAMES_ROLE.search(beginning, header.end):
        return _Header(named.start(), named.end(), named.end())
    return header


def _agreeing(beginning: str, cue: Cue) -> _Header:
    """As much of a cue as a turn begins with."""
    length = _shared_tokens(beginning, cue.text)
    agreeing = _Header(0, min(length, len(cue.role)), length)
    # What the prompt ends with in white space, a turn may lack.
    bare = _found(beginning, cue.role.rstrip(), "")
    return bare if bare and bare.role > agreeing.role else agreeing


def _found(beginning: str, role: str, prefill: str) -> _Header | None:
    """Where a turn prints a header, or what is left of it without the end of the turn before."""
    for header in _headers(role):
        at = beginning.find(header)
        if at >= 0:
            end = at + len(header)
            shared = _shared_tokens(beginning[end:], prefill)
            # Who prefills a whole thought has not asked for the one that the turn begins.
            is_other = prefill[shared:].strip()
            return _Header(at, end, end + shared, UNTOLD if is_other else PREFILL)
    return None


def _headers(role: str) -> Iterator[str]:
    """A cue, and then it without what may end the turn before it: white space, special tokens."""
    start = 0
    while role[start:].strip():
        yield role[start:]
        ended = _ENDS_TURN.match(role, start)
        if ended is None:
            return
        start = ended.end()


def _shared_tokens(beginning: str, text: str) -> int:
    """How many first characters two texts share, none of a token or a word that they do not."""
    length = _agreement(beginning, text)
    if length < min(len(beginning), len(text)) and beginning[length].isalnum():
        length = len(beginning[:length].rstrip(_LETTERS))
    for token in _SPECIAL.finditer(beginning):
        if token.start() < length < token.end():
            return token.start()
    return length


def _mark_late_end(
    trace: Trace, index: int, late: str, kinds: list[str], *, own: bool
) -> Sequence[int]:
    """Mark what ends the turn before that of message ``index``, and is printed in it.

    ``own``: that turn was the assistant's.
    """
    if not lead(trace, index).startswith(late):
        return ()
    turn = (at for run in trace.runs if run.turn == index for at in range(run.start, run.end))
    places = list(islice(turn, len(late)))
    for number, at in enumerate(places):
        kind = GENERATED if late[number:].strip() else TRAILING
        kinds[at] = kind if own else OUTSIDE
    return places


def _mark_end(trace: Trace, cue: Cue, late: str, kinds: list[str]) -> None:
    """Mark what is printed after the loop over a conversation that the assistant ends.

    The header of the next turn is no end.
    """
    end = _last_turn_end(trace)
    behind = trace.text[end:].rstrip()
    if behind and cue.role.startswith(behind.lstrip()) and behind.strip() != late.strip():
        return
    for run in trace.runs:
        if end and run.start >= end and not isinstance(run.origin, Field):
            for at in range(run.start, run.end):
                if not trace.text[at].isspace():
                    kinds[at] = GENERATED
