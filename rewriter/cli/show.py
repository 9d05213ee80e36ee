"""``rewriter show``: which parts of a conversation are trained on, and what printed them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import copy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from rewriter.cli.beside_tokenizer import notices_beside
from rewriter.cli.declared_fields import DeclaredFields
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.held_templates import templates_in, tokenizer_in
from rewriter.cli.in_order import in_order
from rewriter.cli.options import (
    TemplatePath,
    empty_thoughts_option,
    field_option,
    limit_options,
    policy_option,
)
from rewriter.cli.output import show_error
from rewriter.cli.streams import rendered, say, say_notices, terminal_width, write_output
from rewriter.cli.verbosity import quiet_option
from rewriter.errors import RewriteError

if TYPE_CHECKING:
    from rewriter.carriers.carried import Held
    from rewriter.cli.pages import Pages
    from rewriter.limits import Limits
    from rewriter.report.shown import Shown
    from rewriter.tracing.conversation import Conversation
    from rewriter.turns.parts import EmptyThoughts, Policy


class _Settings(TypedDict):
    """The options that are passed on to the library."""

    policy: Policy
    empty_thoughts: EmptyThoughts | None
    limits: Limits


@click.command()
@click.argument("file", metavar="FILE", type=TemplatePath)
@click.option(
    "--conversation",
    type=TemplatePath,
    help="Show only the conversations in this JSON file.",
)
@click.option(
    "--tokenizer",
    "tokenizer_folder",
    metavar="DIR",
    type=TemplatePath,
    help="Show tokens of the tokenizer in this folder, and those that the mask cuts.",
)
@policy_option("strict")
@click.option("--html", "out", metavar="OUT", type=TemplatePath, help="Write a page to this file.")
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
@field_option
@empty_thoughts_option
@quiet_option
@limit_options
def show(
    file: Path,
    conversation: Path | None,
    tokenizer_folder: Path | None,
    out: Path | None,
    opens: bool,
    fields: dict[str, str],
    **settings: Unpack[_Settings],
) -> None:
    """Show which parts of a conversation are trained on with the template in FILE.

    FILE is whatever `rewriter patch` takes. A template without marks is shown as its training
    variant would print. The page links the printed text with the source that printed it. For
    several templates, OUT is the folder for their pages.
    """
    from rewriter.carriers.conversations import read_conversations
    from rewriter.cli.pages import Pages

    if out and out.exists() and file.exists() and out.samefile(file):
        raise click.UsageError("The page would be written over the template.")
    given = read_conversations(conversation) if conversation else None
    tokenizer = tokenizer_in(tokenizer_folder) if tokenizer_folder else None
    found, code = templates_in(file, settings["limits"])
    pages = Pages(out, opens=opens, several=len(found) > 1)
    declared = DeclaredFields(fields, settings["limits"])
    asked = {"verify": "afresh" if pages.are_wanted else True, "tokenizer": tokenizer}
    draw = partial(_shown, given=given, declared=declared, settings={**settings, **asked})
    codes = in_order(
        lambda held: _exit_code(held, draw, pages, settings["limits"]),
        found,
        what="drawing",
        name=lambda held: held.title,
    )
    declared.tell_unread(file)
    click.get_current_context().exit(max([code, *codes]))


def _exit_code(held: Held, draw: Callable[[Held], Shown], pages: Pages, limits: Limits) -> int:
    """Show one template; an error is reported, located in the file, and stops no other."""
    from rewriter.carriers.located import located_error
    from rewriter.report.explanation import section_text, tried_by_reason

    try:
        with reporting_bugs(held.title):
            shown = draw(held)
            pages.write(shown)
            if not pages.are_wanted:
                _write_text(shown, held, limits)
            if error := shown.picture.refusal:
                raise error
    except RewriteError as error:
        for reason, plans in tried_by_reason(error.tried).items():
            say(section_text(f"tried: {reason}", plans))
        bare = copy(error)
        bare.tried = ()
        show_error(located_error(bare, held))
        return error.exit_code
    return 0


def _shown(
    held: Held,
    given: tuple[Conversation, ...] | None,
    declared: DeclaredFields,
    settings: dict[str, Any],
) -> Shown:
    from rewriter.api import show as shown

    path = held.carrier.path
    fields = declared.of(path)
    result = shown(held.text, given, fields=fields, name=held.title, **settings)
    declared.look(held.text)
    return result


def _write_text(shown: Shown, held: Held, limits: Limits) -> None:
    from rewriter.report.picture_text import picture_text

    text = picture_text(shown.picture, terminal_width(sys.stdout))
    write_output(rendered(text, sys.stdout))
    if held.carrier.path.is_file():
        say_notices(held.title, notices_beside(held.text, held.carrier.path, limits))
