"""How much of an output's text is before and after the generated text.

If an expression prints header and body together and cannot be split, its text can be, as long as
the parts at either end always have the same length.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rewriter.tracing.origins import Literal
from rewriter.tracing.trace import Run
from rewriter.turns.parts import ASSISTANT, FOREIGN, GENERATED, PREFILL, PROMPT, TRAILING, Parts


@dataclass(frozen=True, slots=True)
class Edges:
    """Numbers of characters: of the header, of thinking after it, of white space at the end."""

    header: int
    prefill: int
    trailing: int


class SeenEdges:
    """Collects the edges of each output.

    Edges that vary are unknown, and so are those with anything but the template's own text, since
    the length of a special token depends on the tokenizer.
    """

    def __init__(self, outputs: Container[int]) -> None:
        self._outputs = outputs
        self._found: dict[int, Edges | None] = {}

    def of(self, site: int) -> Edges | None:
        """The edges of the output at an offset, if they are known."""
        return self._found.get(site)

    def learn(self, parts: Parts, messages: Sequence[Mapping[str, Any]]) -> None:
        """Learn from what each output printed in the assistant's turns."""
        for site, start, end in self._printed(parts, messages):
            # Without message text, white space may be at either edge.
            if not {GENERATED, FOREIGN} & set(parts.kinds[start:end]):
                continue
            edges = _edges(parts, start, end)
            self._found[site] = edges if self._found.get(site, edges) == edges else None

    def _printed(
        self, parts: Parts, messages: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[int, int, int]]:
        """The stretches ``[start, end)`` that the output at a site printed in one turn."""
        open_: dict[int, tuple[int, int]] = {}
        for run in parts.trace.runs:
            own = run.turn is not None and messages[run.turn].get("role") == ASSISTANT
            sites = {site for site in run.sites if site in self._outputs} if own else set()
            for site in [site for site in open_ if site not in sites]:
                yield site, *open_.pop(site)
            for site in sites:
                open_[site] = open_.get(site, (run.start, 0))[0], run.end
        for site, stretch in open_.items():
            yield site, *stretch


def _edges(parts: Parts, start: int, end: int) -> Edges | None:
    kinds = parts.kinds[start:end]
    rest = kinds.lstrip(PROMPT)
    said = rest.lstrip(PREFILL)
    body = said.rstrip(TRAILING)
    first, last = end - len(said), start + len(kinds.rstrip(TRAILING))
    outer = (run for run in parts.trace.runs if start <= run.start < end)
    own = all(_is_own(run) for run in outer if run.start < first or run.end > last)
    if body.strip(GENERATED) or not own:
        return None
    return Edges(len(kinds) - len(rest), len(rest) - len(said), len(said) - len(body))


def _is_own(run: Run) -> bool:
    return run.is_role or isinstance(run.origin, Literal)
