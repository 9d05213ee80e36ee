"""What each output and each written character of a template was seen to print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from rewriter.tracing.calls import raises
from rewriter.tracing.origins import Literal, Origin
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run
from rewriter.turns.label import OF_TURN, Label
from rewriter.turns.parts import (
    FOREIGN,
    GENERATED,
    NO_THOUGHT,
    OUTSIDE,
    PREFILL,
    PROMPT,
    TRAILING,
)
from rewriter.turns.stretches import Stretch

# Kinds of an end that the next turn prints, besides those of `parts`.
LATE: Final = "l"
AFTER_ANSWER: Final = "a"
AFTER_CALLS: Final = "c"
_HEADER: Final = Label.LATE | Label.ELSEWHERE
_BITS: Final = {
    AFTER_ANSWER: (_HEADER | Label.ENDS_ANSWER).value,
    AFTER_CALLS: (_HEADER | Label.ENDS_CALLS).value,
    LATE: (Label.GENERATED | Label.LATE).value,
    OUTSIDE: Label.ELSEWHERE.value,
    FOREIGN: Label.FOREIGN.value,
    PROMPT: Label.PROMPT.value,
    PREFILL: Label.PREFILL.value,
    GENERATED: Label.GENERATED.value,
    NO_THOUGHT: Label.NO_THOUGHT.value,
    TRAILING: Label.TRAILING.value,
}


class LabelStore:
    """The labels that renders have shown so far, by output site and by written character."""

    def __init__(self, traced: TracedTemplate) -> None:
        self.traced = traced
        # Plain bits while learning, since a Flag costs a call for every character.
        self._sites: dict[int, int] = defaultdict(int)
        self._written: dict[int, int] = defaultdict(int)
        self._prompts: set[int] = set()
        self._foreign: dict[int, dict[str, None]] = defaultdict(dict)

    def site(self, offset: int) -> Label:
        """What the expression or tag at a site printed."""
        return Label(self._sites.get(offset, 0))

    def is_of_prompt(self, offset: int) -> bool:
        """Whether a character of a literal was seen in the generation prompt."""
        return offset in self._prompts

    def foreign(self, offset: int) -> tuple[str, ...]:
        """The foreign keys and variables at a site."""
        return tuple(self._foreign.get(offset, ()))

    def rows(self, offsets: Iterable[int]) -> Iterator[tuple[int, Label]]:
        """The start of each run of characters with the same labels, with the labels.

        ``offsets`` are those of the characters of a template text or of a string literal.
        """
        last: int | None = None
        for offset in offsets:
            bits = self._written.get(offset, 0)
            if bits != last:
                yield offset, Label(bits)
            last = bits

    @cached_property
    def has_unsure_prefill(self) -> bool:
        """Whether something printed prefilled text, and at other times generated text."""
        return self._prints_both(Label.PREFILL | Label.GENERATED)

    @cached_property
    def has_unsure_thought(self) -> bool:
        """Whether something printed a part of a real thought, and at times of an empty one."""
        return self._prints_both(Label.NO_THOUGHT | Label.GENERATED)

    def _prints_both(self, label: Label) -> bool:
        both = label.value
        return any(bits & both == both for bits in (*self._sites.values(), *self._written.values()))

    def add(self, origin: Origin, sites: tuple[int, ...], kinds: str, label: int = 0) -> None:
        """Label what some sites, or a literal's characters, have printed as of these kinds."""
        for kind in set(kinds):
            label |= _BITS[kind]
        for site in sites:
            self._sites[site] |= label
        if isinstance(origin, Literal):
            offsets = self.traced.source_offsets(origin, len(kinds))
            for offset, kind in zip(offsets, kinds, strict=False):
                self._written[offset] |= _BITS[kind]

    def is_new(self, run: Run, *, own: bool) -> bool:
        """Whether a run's source was never seen to print: in the assistant's turn, or at all."""
        wanted = OF_TURN.value if own else ~0
        if isinstance(run.origin, Literal):
            offsets = self.traced.source_offsets(run.origin, run.end - run.start)
            return any(not self._written.get(offset, 0) & wanted for offset in offsets)
        return bool(run.sites) and not self._sites.get(run.sites[0], 0) & wanted

    @property
    def lacks_some(self) -> bool:
        """Whether some text, or an output that does not just raise, was never seen to print."""
        return not self._printing.issubset(self._sites)

    @cached_property
    def _printing(self) -> frozenset[int]:
        """The sites of the template's texts and outputs, but for those that raise."""
        template = self.traced.template
        texts = (span for span in template.data_spans.values() if span.of(template.text).strip())
        outputs = (at for at, node in template.output_tags.items() if not raises(node))
        return frozenset((*(span.start for span in texts), *outputs))

    def add_foreign(self, site: int, name: str) -> None:
        """Note the name of a foreign key or variable that a site has printed."""
        self._foreign[site][name] = None

    def has_site(self, site: int) -> bool:
        """Whether a site was seen to print anything."""
        return site in self._sites

    def add_prompt(self, prompt: Iterable[Stretch], late_end: str) -> None:
        """Label the text of a prompt as prompted, except for the end of the previous turn."""
        end = 0
        for text, origin, sites in prompt:
            if not late_end.startswith(text, end):
                self.add(origin, sites, PROMPT * len(text))
            if isinstance(origin, Literal):
                self._prompts.update(self.traced.source_offsets(origin, len(text)))
            end += len(text)
