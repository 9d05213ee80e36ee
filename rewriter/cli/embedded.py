"""Run a command on a file that holds templates within other text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rewriter.cli.attempts import Attempt
from rewriter.cli.compare import tell_change, would_change
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.inputs import carrier, edited, report_unreadable
from rewriter.cli.output import keep, show_error, tell_notices
from rewriter.cli.streams import STANDARD, say, write_output
from rewriter.cli.targets import Target
from rewriter.errors import RewriteError
from rewriter.source.diff import unified_diff
from rewriter.source.edits import apply

if TYPE_CHECKING:
    from rewriter.carriers.carried import Carried, Carrier
    from rewriter.limits import Limits
    from rewriter.source.edits import Edit
    from rewriter.verification.notice import Notice


@dataclass(frozen=True, slots=True)
class Change:
    """What a command does with one template.

    Attributes:
        edits: its edits, in order.
        said: a summary of them.
        on_delivery: is called once it is certain that the file is written.
        data: gives the JSON for it, from the file and the template's name.
        notices: what to know before training.
        is_wrong: whether the template itself is wrong, and is left alone.

    """

    edits: tuple[Edit, ...]
    said: str
    on_delivery: Callable[[], None] = lambda: None
    data: Callable[[str, str], dict[str, Any]] | None = None
    notices: tuple[Notice, ...] = ()
    is_wrong: bool = False


def attempt_carried(
    each: Target,
    change: Callable[[str], Change],
    limits: Limits,
    *,
    dry: bool = False,
    diff: bool = False,
) -> Attempt:
    """Change the templates in one file; one that fails is left alone."""
    try:
        with reporting_bugs(str(each.source)):
            return _attempted(each, change, limits, dry=dry, diff=diff)
    except RewriteError as error:
        show_error(error.named(str(each.source)))
        return Attempt(error.exit_code)


def _attempted(
    each: Target, change: Callable[[str], Change], limits: Limits, *, dry: bool, diff: bool
) -> Attempt:
    before = None if dry else each.before()
    opened = carrier(each.source, limits)
    unreadable = report_unreadable(opened)
    changes, code = _changes(opened, change)
    code = max(code, unreadable)
    if not changes:
        return Attempt(code)
    text = edited(opened, {held: done.edits for held, done in changes.items()}, limits)
    code = max(code, int(any(done.is_wrong for done in changes.values())))
    if not dry:
        _deliver(each, opened, text, changes, before)
        return Attempt(code, text != opened.text)
    found = _would_change(each, opened, text, changes, diff=diff)
    return Attempt(max(code, int(found)), found)


def _changes(
    opened: Carrier, change: Callable[[str], Change]
) -> tuple[Mapping[Carried, Change], int]:
    """The change of each template, and the exit code; an error does not stop the rest."""
    from rewriter.carriers.located import located_error, located_notice

    changes: dict[Carried, Change] = {}
    code = 0
    for held in opened.held:
        try:
            with reporting_bugs(held.title):
                done = change(held.text)
        except RewriteError as error:
            show_error(located_error(error, held))
            code = max(code, error.exit_code)
            continue
        tell_notices(held.title, held.file, [located_notice(each, held) for each in done.notices])
        say(f"{held.title}: {done.said}")
        if done.data:
            keep(done.data(held.file, held.template.name))
        changes[held.template] = done
    return changes, code


def _would_change(
    each: Target, opened: Carrier, text: str, changes: Mapping[Carried, Change], *, diff: bool
) -> bool:
    if not (diff and each.target == each.source and each.source.suffix.lower() == ".json"):
        return would_change(
            each.target,
            text,
            original=opened.text,
            name=str(each.source),
            diff=diff,
            encoding=opened.encoding,
        )
    # In JSON a template is one long line, in which no diff is readable.
    for held in opened.held:
        edits = changes[held.template].edits if held.template in changes else ()
        if shown := unified_diff(held.text, apply(held.text, edits), held.title, held.title):
            tell_change(held.file, "would change", shown)
    return text != opened.text


def _deliver(
    each: Target,
    opened: Carrier,
    text: str,
    changes: Mapping[Carried, Change],
    before: bytes | None,
) -> None:
    from rewriter.carriers.files import encoded

    content = encoded(text, opened.encoding, str(each.target))
    for change in changes.values():
        change.on_delivery()
    if each.target == STANDARD:
        write_output(text, opened.encoding)
    elif text != opened.text or each.target != each.source:
        each.write(content, before)
