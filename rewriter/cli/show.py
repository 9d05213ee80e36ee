"""``rewriter show``: which parts of a conversation are trained on, and what printed them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from rewriter.cli.beside_tokenizer import notices_beside
from rewriter.cli.declared_fields import DeclaredFields
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.held_templates import templates_in, tokenizer_in
from rewriter.cli.options import (
    TemplatePath,
    empty_thoughts_option,
    field_option,
    limit_options,
    policy_option,
)
from rewriter.cli.output import show_error
from rewriter.cli.streams import rendered, say, say_notices, terminal_width, write_output
from rewriter.errors import RewriteError

if TYPE_CHECKING:
    from rewriter.carriers.carried import Held
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
    for held in found:
        with _reported(held) as failed:
            asked = {"verify": "afresh" if pages.are_wanted else True, "tokenizer": tokenizer}
            shown = _shown(held, given, declared, {**settings, **asked})
            pages.write(shown)
            if not pages.are_wanted:
                width = terminal_width(sys.stdout)
                write_output(_text(shown, width))
                path = held.carrier.path
                if path.is_file():
                    beside = notices_beside(held.text, path, settings["limits"])
                    say_notices(held.title, beside)
            if error := shown.picture.refusal:
                raise error
        code = max([code, *failed])
    declared.tell_unread(file)
    click.get_current_context().exit(code)


@contextmanager
def _reported(held: Held) -> Iterator[list[int]]:
    """Report an error about one template, located in the file, and list its exit code."""
    from rewriter.carriers.located import located_error
    from rewriter.report.explanation import section_text, tried_by_reason

    codes: list[int] = []
    try:
        with reporting_bugs(held.title):
            yield codes
    except RewriteError as error:
        for reason, plans in tried_by_reason(error.tried).items():
            say(section_text(f"tried: {reason}", plans))
        bare = copy(error)
        bare.tried = ()
        show_error(located_error(bare, held))
        codes.append(error.exit_code)


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


def _text(shown: Shown, width: int) -> str:
    from rewriter.report.picture_text import picture_text

    return rendered(picture_text(shown.picture, width), sys.stdout)
