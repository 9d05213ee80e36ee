"""A picture of a template for a terminal: conversations by part, and what is trained on.

Each part has rows of its own after its name, and trained text follows a bar, so you can read the
picture without colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.text import Text

from rewriter.picture.picture import DrawnConversation, Part, Picture, PrintedRun, Share, share_of
from rewriter.report.explanation import PROOFS
from rewriter.report.marked import visible

BAR: Final = "▌"
# Shown between tokens, and where an edge of the mask cuts a token.
TOKEN_EDGE: Final = "·"
CUT: Final = "✂"
_LINE_END: Final = "↵"
# Long texts of other speakers are shortened to this many first and last lines.
_LONGEST: Final = 10
_KEPT: Final = (6, 2)
_LEAST_WIDTH: Final = 50
# The widths of the columns for the speaker and for the part.
_ROLE: Final = 11
_NAME: Final = max(map(len, Part)) + 1

STYLES: Final = {
    Part.HEADER: "cyan",
    Part.PREFILL: "yellow",
    Part.REASONING: "magenta",
    Part.CONTENT: "green",
    Part.CALL: "blue",
    Part.TURN_END: "bold red",
    Part.SPACE: "dim",
    Part.GIVEN: "dim yellow",
    Part.RESULT: "default",
    Part.SAID: "default",
    Part.TOOLS: "dim",
    Part.TEMPLATE: "dim",
}
# Which part names a row of another speaker that has several.
_TELLING: Final = (Part.RESULT, Part.SAID, Part.TOOLS, Part.TEMPLATE)


def picture_text(picture: Picture, width: int) -> Text:
    """The whole picture, in lines of at most ``width`` columns."""
    lines = [*_lines(picture, max(width, _LEAST_WIDTH))]
    return Text("\n").join(lines) + Text("\n")


def share_line(share: Share) -> str:
    """How much is trained on, by part, in one line."""
    parts = [f"{part} {trained:,}" for part, trained, _ in share.parts if trained]
    of = f": {', '.join(parts)}" if parts else ""
    percent = f"{share.percent:.0f}" if share.percent >= 1 or not share.trained else "under 1"
    return f"trained: {share.trained:,} of {share.total:,} {share.unit} ({percent} %){of}"


def outcome_line(picture: Picture) -> str:
    """The variant and how it came about, or why there is none."""
    if picture.refusal:
        return f"no training variant under the policy {picture.policy}: nothing is trained"
    if picture.is_marked:
        return "already marked: shown with its own marks"
    edits = f"{len(picture.edits)} edit{'' if len(picture.edits) == 1 else 's'}"
    made = f"{edits} by {', '.join(picture.transforms) or 'no transform'}"
    return f"training variant, {picture.policy}: {made}; {PROOFS[picture.proof]}"


def _lines(picture: Picture, width: int) -> Iterator[Text]:
    yield Text.assemble((picture.name, "bold"), f": {outcome_line(picture)}")
    shown = [part for part in Part if any(each.has(part) for each in picture.conversations)]
    if shown:
        yield Text()
        yield _legend(shown, tokens=any(each.tokens for each in picture.conversations))
    for conversation in picture.conversations:
        yield Text()
        yield Text(conversation.title, "bold underline")
        yield from _conversation(conversation, width)
    if len(picture.conversations) > 1:
        yield Text()
        yield Text(f"all together {share_line(picture.share)}", "bold")
    for notice in picture.notices:
        yield Text(str(notice), "yellow")


def _legend(parts: Sequence[Part], *, tokens: bool) -> Text:
    legend = Text.assemble((BAR, "bold green"), (" trained", "bold"), "   ")
    for part in parts:
        legend.append(f"{part}  ", STYLES[part])
    if tokens:
        legend.append(f" {TOKEN_EDGE} between tokens  {CUT} an edge of the mask cuts a token")
    return legend


def _conversation(drawn: DrawnConversation, width: int) -> Iterator[Text]:
    if drawn.raised:
        yield Text(f"the template raises {drawn.raised}", "bold red")
        return
    speaker: object = None
    for row in _rows(drawn):
        text = _text(drawn, row)
        lines = text.wrap(_console(width), width - _ROLE - _NAME - 2, overflow="fold")
        shortened = _shortened([*lines], row)
        for number, line in enumerate(shortened):
            is_new = number == 0 and row.speaker != speaker
            role = row.speaker[1] if is_new else ""
            name = row.name if number == 0 else ""
            bar = (f"{BAR} ", "bold green") if row.trained else "  "
            yield Text.assemble(
                (f"{role[: _ROLE - 1]:<{_ROLE}}", "bold"),
                (f"{name:<{_NAME}}", STYLES[row.name]),
                bar,
                line,
            )
        speaker = row.speaker
    yield Text(share_line(share_of([drawn])), "italic")
    for remark in drawn.remarks:
        yield Text(f"{CUT} {remark}", "yellow")


@dataclass(frozen=True, slots=True)
class _Row:
    """Neighbouring runs that are shown as one row."""

    speaker: tuple[int | None, str]
    name: Part
    trained: bool
    runs: tuple[PrintedRun, ...]

    @property
    def is_others(self) -> bool:
        return self.name in _TELLING and not self.trained


def _rows(drawn: DrawnConversation) -> Iterator[_Row]:
    for (turn, trained, _), runs in groupby(drawn.runs, key=_kind):
        row = tuple(runs)
        parts = {run.part for run in row}
        name = next((part for part in _TELLING if part in parts), row[0].part)
        role = "" if turn is None else drawn.roles[turn]
        yield _Row((turn, role), name, trained, row)


def _kind(run: PrintedRun) -> tuple[int | None, bool, Part]:
    return run.turn, run.trained, Part.TEMPLATE if run.part in _TELLING else run.part


def _text(drawn: DrawnConversation, row: _Row) -> Text:
    """The text of a row, with signs for line breaks and between tokens."""
    text = Text()
    start, end = row.runs[0].start, row.runs[-1].end
    edges = {token.start for token in drawn.tokens or () if start < token.start < end}
    cut = [token for token in drawn.tokens or () if token.is_cut]
    if any(token.start < start < token.end for token in cut):
        text.append(CUT, "bold yellow")
    for run in row.runs:
        style = STYLES[run.part] + (" bold" if run.trained else "")
        inner = sorted(edges & {*range(run.start + 1, run.end)})
        for one, other in zip([run.start, *inner], [*inner, run.end], strict=True):
            if one in edges:
                text.append(TOKEN_EDGE, "dim")
            text.append(visible(drawn.text[one:other]).replace("\n", f"{_LINE_END}\n"), style)
    if any(token.start < end < token.end for token in cut):
        text.append(CUT, "bold yellow")
    if text.plain.endswith("\n"):
        text.right_crop(1)
    return text


def _shortened(lines: list[Text], row: _Row) -> list[Text]:
    if not row.is_others or len(lines) <= _LONGEST:
        return lines
    head, tail = _KEPT
    left_out = Text(f"… {len(lines) - head - tail} more lines …", "dim italic")
    return [*lines[:head], left_out, *lines[-tail:]]


def _console(width: int) -> Console:
    return Console(width=width)
