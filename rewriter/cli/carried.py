"""A command on a file that holds templates within text of another kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rewriter.cli.compare import would_change
from rewriter.cli.errors import show_error
from rewriter.cli.opened import told_of_the_rest
from rewriter.cli.streams import STANDARD, say, write_output
from rewriter.cli.targets import Target
from rewriter.cli.telling import keep
from rewriter.errors import RewriteError

if TYPE_CHECKING:
    from rewriter.carriers.carried import Carried, Carrier
    from rewriter.source.edits import Edit


@dataclass(frozen=True, slots=True)
class Change:
    """What a command makes of a template.

    Attributes:
        edits: what it does to it, in order.
        said: that in words.
        on_delivery: what is to be done once it is certain that the file is written.
        data: what programs are told of it, given the file and the template's name.

    """

    edits: tuple[Edit, ...]
    said: str
    on_delivery: Callable[[], None] = lambda: None
    data: Callable[[str, str], dict[str, Any]] | None = None


def attempt_carried(
    each: Target, change: Callable[[str], Change], *, dry: bool = False, diff: bool = False
) -> int:
    """Change the templates in one file and return its exit code; one that fails stays as it is."""
    from rewriter.carriers.carrier import read_carrier

    try:
        before = None if dry else each.before()
        carrier = read_carrier(each.source)
        told = told_of_the_rest(carrier)
        changes, code = _changes(carrier, change)
        code = max(code, told)
        if changes:
            text = carrier.with_edits({held: done.edits for held, done in changes.items()})
            done = _would_change(each, carrier, text, diff=diff) if dry else False
            code = max(code, int(done))
            if not dry:
                _deliver(each, carrier, text, changes, before)
    except RewriteError as error:
        show_error(error.named(str(each.source)))
        return error.exit_code
    return code


def _changes(
    carrier: Carrier, change: Callable[[str], Change]
) -> tuple[Mapping[Carried, Change], int]:
    """What became of each template, which is said, and the exit code of those that failed."""
    from rewriter.carriers.located import located_error

    changes: dict[Carried, Change] = {}
    code = 0
    for held in carrier.held:
        try:
            done = change(held.text)
        except RewriteError as error:
            show_error(located_error(error, held))
            code = max(code, error.exit_code)
            continue
        say(f"{held.title}: {done.said}")
        if done.data:
            keep(done.data(held.file, held.template.name))
        changes[held.template] = done
    return changes, code


def _would_change(each: Target, carrier: Carrier, text: str, *, diff: bool) -> bool:
    return would_change(
        each.target,
        text,
        original=carrier.text,
        name=str(each.source),
        diff=diff,
        encoding=carrier.encoding,
    )


def _deliver(
    each: Target,
    carrier: Carrier,
    text: str,
    changes: Mapping[Carried, Change],
    before: bytes | None,
) -> None:
    from rewriter.carriers.files import encoded

    content = encoded(text, carrier.encoding, str(each.target))
    for change in changes.values():
        change.on_delivery()
    if each.target == STANDARD:
        write_output(text, carrier.encoding)
    elif text != carrier.text or each.target != each.source:
        each.write(content, before)
