"""A line for each printing statement with what it was seen to print, for people to check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rewriter.engine.context import atoms, united_label
from rewriter.engine.draft import Statement, statements
from rewriter.engine.plan import Subject
from rewriter.errors import Place
from rewriter.turns.label import Label

_PARTS: Final = {
    Label.PROMPT: "the role header",
    Label.PREFILL: "a prefill",
    Label.NO_THOUGHT: "an empty thought",
    Label.GENERATED: "what the assistant generates",
    Label.TRAILING: "white space after a turn",
    Label.ELSEWHERE: "what others say",
    Label.FOREIGN: "what no model writes",
}
_WIDTH: Final = 60


def seen_prints(subject: Subject) -> tuple[str, ...]:
    """The statements that print, each with its line and what the probes saw of it."""
    return tuple(_seen_prints(subject))


def _seen_prints(subject: Subject) -> Iterator[str]:
    labels = subject.labels
    yield f"{labels.rendered} probe conversations render; the generation prompt is {_cue(subject)}"
    for statement in statements(subject.outline.body()):
        if any(True for _ in atoms(statement)):
            yield _seen_print(statement, subject.template.text)


def _cue(subject: Subject) -> str:
    return repr(subject.labels.cue.text) if subject.labels.cue.text else "not printed"


def _seen_print(statement: Statement, text: str) -> str:
    label = united_label(atoms(statement))
    parts = [words for part, words in _PARTS.items() if label & part]
    assert statement.leaf is not None, "nothing was added yet"
    start, end = statement.leaf.span
    code = " ".join(text[start:end].split())
    shown = code if len(code) <= _WIDTH else code[: _WIDTH - 1] + "…"
    return f"line {Place.at(text, start).line}: {shown}: {', '.join(parts) or 'never printed'}"
