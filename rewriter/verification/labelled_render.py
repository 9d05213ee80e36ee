"""Labels for each character of a render, and the promises that a mask breaks there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Final

from rewriter.conversations.rendering import Spans
from rewriter.tracing.fields import Whose
from rewriter.tracing.origins import Field
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import Cue
from rewriter.turns.openings import EMPTY_THOUGHT, ROLE_WORD
from rewriter.turns.parts import (
    ASSISTANT,
    FOREIGN,
    GENERATED,
    INSIDE,
    NO_THOUGHT,
    OUTSIDE,
    PREFILL,
    PROMPT,
    TRAILING,
    UNTOLD,
    EmptyThoughts,
    Policy,
)
from rewriter.verification.mask_promises import (
    ANYBODY,
    BETWEEN_TURNS,
    ENVIRONMENT,
    FRAME,
    HEADER,
    IN_ORDER,
    LEFT_OUT,
    NO_PREFILL,
    NO_TRAILING,
    NOT_EMPTY,
    NOTHING_THOUGHT,
    PROMPTED,
    PROMPTED_SPACE,
    SPOKEN,
    TURN_END,
    UNLISTED,
    WITH_PREFILL,
)
from rewriter.verification.spans import IN, OUT, first_out_of_order, has_empty, marked, stretches

_ANY: Final = "?"
_OUTSIDE_KINDS: Final = {
    PREFILL: NO_PREFILL,
    TRAILING: NO_TRAILING,
    NO_THOUGHT: NOTHING_THOUGHT,
}
# Kinds that may be in the mask or not.
_FREE: Final[dict[Policy, str]] = {"strict": UNTOLD, "trl": UNTOLD + TRAILING}


@dataclass(frozen=True)
class LabelledRender:
    """A render with a label for each character.

    ``late`` are the characters of ends that the next turn prints.
    """

    trace: Trace
    kinds: str
    roles: tuple[str, ...]
    cue: Cue
    late: frozenset[int]
    empty_thoughts: EmptyThoughts | None
    is_prompted: bool = False

    def without(self, left_out: Set[int]) -> LabelledRender:
        """The same, but with the turns of some messages left out of training.

        So are their ends, even if they are printed by the next turn or after all turns.
        """
        return self._relabelled(left_out, OUTSIDE, LEFT_OUT) if left_out else self

    def with_or_without(self, free: Set[int]) -> LabelledRender:
        """The same, but the mask may hold the turns of some messages, or leave them out."""
        return self._relabelled(free, UNTOLD, ANYBODY) if free else self

    def _relabelled(self, turns: Set[int], kind: str, role: str) -> LabelledRender:
        kinds = list(self.kinds)
        last = len(self.roles) - 1
        for run in self.trace.runs:
            for at in range(run.start, run.end):
                if run.turn is None:
                    index = last if at >= self.trace.last_turn_end else None
                else:
                    index = run.turn - 1 if at in self.late else run.turn
                if index is not None and index in turns:
                    kinds[at] = kind
        roles = tuple(role if index in turns else own for index, own in enumerate(self.roles))
        return replace(self, kinds="".join(kinds), roles=roles)

    def broken(self, mask: Spans, policy: Policy) -> Iterator[tuple[str, int | None]]:
        """Each promise that ``mask`` breaks, at the start of each stretch of one origin."""
        if (at := first_out_of_order(mask)) is not None:
            yield IN_ORDER, at
            return
        if has_empty(mask):
            # The text after an empty span is not wrong.
            yield NOT_EMPTY, None
        kinds = self._proven_kinds(policy)
        masked = marked(mask, len(kinds))
        wanted = kinds.translate(_wanted(policy))
        pairs = enumerate(zip(wanted, masked, strict=True))
        wrong = [at for at, (want, given) in pairs if want not in (given, _ANY)]
        runs = iter(self.trace.runs)
        run = next(runs, None)
        for stretch in stretches(wrong, masked):
            if self._is_slack(stretch, kinds, masked, policy):
                continue
            last: tuple[str, Run] | None = None
            for at in self._output(stretch):
                while run is not None and run.end <= at:
                    run = next(runs, None)
                if run is not None:
                    promise_of = self._kept_out if masked[at] == IN else self._kept_in
                    promise = promise_of(run, kinds, at)
                    if last != (promise, run):
                        last = promise, run
                        yield promise, at

    def prompted_space(self, mask: Spans) -> Iterator[tuple[str, int]]:
        """Where ``mask`` holds white space of the header's close."""
        masked = marked(mask, len(self.kinds))
        pairs = enumerate(zip(self.kinds, masked, strict=True))
        held = [at for at, (kind, given) in pairs if kind == PROMPT and given == IN]
        for stretch in stretches(held, masked):
            if self.trace.text[stretch.start : stretch.stop].isspace():
                yield PROMPTED_SPACE, stretch.start

    def _proven_kinds(self, policy: Policy) -> str:
        """The kinds, except that provenance decides for message text."""
        kinds = list(self.kinds)
        for run in self.trace.runs:
            origin = run.origin
            if isinstance(origin, Field):
                if origin.path == ("role",) and run.start in self.late:
                    continue  # it belongs to a header that is also an end
                if self.roles[origin.message] == ANYBODY:
                    continue
                if self.roles[origin.message] != ASSISTANT:
                    kinds[run.start : run.end] = OUTSIDE * (run.end - run.start)
                elif self._is_spoken(run, origin):
                    kinds[run.start : run.end] = GENERATED * (run.end - run.start)
        if policy == "strict":
            self._free_said_prefills(kinds)
        if self.empty_thoughts == "prompted":
            self._free_said_thoughts(kinds)
        return "".join(kinds)

    def _is_spoken(self, run: Run, origin: Field) -> bool:
        """Whether it is text of the assistant in its own turn, or after all turns.

        Text after all turns is the last turn, unless its message has a turn of its own and is
        quoted, or is to be continued. Text of the first message is often somebody else's.
        """
        if run.whose is not Whose.GENERATED:
            return False
        if run.turn == origin.message:
            return True
        is_after = run.turn is None and run.start >= self.trace.last_turn_end
        return is_after and not self.is_prompted and 0 < origin.message not in self._printed

    @cached_property
    def _printed(self) -> frozenset[int | None]:
        """The messages that print something in their own turn."""
        return frozenset(run.turn for run in self.trace.runs)

    def _free_said_prefills(self, kinds: list[str]) -> None:
        """Allow a mask to hold or omit text that begins a message just like a prefill.

        The assistant said it, and is also prompted with it.
        """
        prefill = self.cue.prefill
        for opened in {prefill, prefill.rstrip()} - {""}:
            at = self.trace.text.find(opened)
            while at >= 0:
                end = at + len(opened)
                if at and kinds[at - 1] == PROMPT and set(kinds[at:end]) <= {GENERATED, UNTOLD}:
                    kinds[at:end] = UNTOLD * len(opened)
                at = self.trace.text.find(opened, end)

    def _free_said_thoughts(self, kinds: list[str]) -> None:
        """Allow a mask to hold or omit an empty thought that is partly from the message.

        The message may have all of it, or begin with the closing tag of a thought opened for it.
        """
        for found in EMPTY_THOUGHT.finditer(self.trace.text):
            start, end = found.span()
            # White space before it may belong to the header.
            start = next((at for at in range(start, end) if kinds[at] != PROMPT), end)
            is_said = {GENERATED} <= set(kinds[start:end]) <= {GENERATED, PREFILL, UNTOLD}
            if start and kinds[start - 1] in (PROMPT, OUTSIDE) and is_said:
                kinds[start:end] = UNTOLD * (end - start)

    def _is_slack(self, stretch: range, kinds: str, masked: str, policy: Policy) -> bool:
        """Whether it is the template's own white space at the edge of generated text."""
        if not self.trace.text[stretch.start : stretch.stop].isspace():
            return False
        neighbours = (stretch.start - 1, stretch.stop)
        known = [at for at in neighbours if 0 <= at < len(kinds)]
        if masked[stretch.start] == IN:
            trails = policy == "strict" and TRAILING in kinds[stretch.start : stretch.stop]
            # Text that a mask may hold or omit counts as generated where it is held.
            beside = any(
                kinds[at] == GENERATED or (kinds[at] == UNTOLD and masked[at] == IN) for at in known
            )
            return not trails and beside
        said = any(
            isinstance(run.origin, Field) and run.start < stretch.stop and stretch.start < run.end
            for run in self.trace.runs
        )
        return not said and (
            len(known) < len(neighbours) or any(kinds[at] != GENERATED for at in known)
        )

    def _output(self, stretch: range) -> Iterator[int]:
        """The characters that name a wrong stretch: white space only if there is nothing else."""
        text = self.trace.text
        yield from [at for at in stretch if not text[at].isspace()] or stretch

    def _kept_out(self, run: Run, kinds: str, at: int) -> str:
        """The promise broken by a character that is wrongly in the mask."""
        if isinstance(run.origin, Field) and self.roles[run.origin.message] != ASSISTANT:
            return f"what a {self.roles[run.origin.message]} says is outside the mask"
        if kinds[at] == FOREIGN:
            return UNLISTED if run.whose is Whose.UNKNOWN else ENVIRONMENT
        if kinds[at] == PROMPT:
            return HEADER if self._is_header(kinds, at) else PROMPTED
        if kinds[at] in _OUTSIDE_KINDS:
            return _OUTSIDE_KINDS[kinds[at]]
        if run.turn is None:
            return BETWEEN_TURNS
        role = self.roles[run.turn]
        return ENVIRONMENT if role == ASSISTANT else f"the turn of a {role} is outside the mask"

    def _is_header(self, kinds: str, at: int) -> bool:
        """Whether the prompted text at a character belongs to the header after a user's turn."""
        start = len(kinds[:at].rstrip(PROMPT))
        end = len(kinds) - len(kinds[at:].lstrip(PROMPT))
        prompted, header = self.trace.text[start:end].strip(), self.cue.role.strip()
        named = ROLE_WORD.search(prompted) is not None
        return named or (bool(header) and (prompted in header or header in prompted))

    def _kept_in(self, run: Run, kinds: str, at: int) -> str:
        """The promise broken by a character that is wrongly missing from the mask."""
        if kinds[at] == PREFILL:
            return WITH_PREFILL
        if isinstance(run.origin, Field):
            return SPOKEN.get(str(run.origin.path[0]), FRAME) if run.origin.path else FRAME
        more = any(
            later.start > at and later.turn == run.turn and isinstance(later.origin, Field)
            for later in self.trace.runs
        )
        own = run.turn is not None and self.roles[run.turn] == ASSISTANT
        return FRAME if more and own else TURN_END


@cache
def _wanted(policy: Policy) -> Mapping[int, str]:
    """For each kind, whether a mask should hold it."""
    kinds = (FOREIGN, GENERATED, NO_THOUGHT, OUTSIDE, PREFILL, PROMPT, TRAILING, UNTOLD)
    inside = {ord(kind): IN if kind in INSIDE[policy] else OUT for kind in kinds}
    return inside | {ord(kind): _ANY for kind in _FREE[policy]}
