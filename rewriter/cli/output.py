"""Print a command's messages in the requested format, for people or for programs.

Text is printed at once; on GitHub, annotations follow it. For programs, messages are collected, and
printed to standard output as one document when the command ends.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO, TypeAlias, TypeVar, cast

import click

from rewriter import __version__
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.held_back import can_be_held_back
from rewriter.cli.streams import QUIET, in_colour, rendered, terminal_width, write_output
from rewriter.errors import RewriteError

if TYPE_CHECKING:
    from rewriter.report.message import Level, Message
    from rewriter.verification.notice import Notice
    from rewriter.verification.report import Report

Format: TypeAlias = Literal["text", "json", "github", "sarif"]
Command = TypeVar("Command", bound=Callable[..., Any])

_FORMATS: Final[tuple[Format, ...]] = ("text", "json", "github", "sarif")


@dataclass(frozen=True, slots=True)
class _Output:
    format: Format = "text"
    messages: list[Message] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    own: list[object] = field(default_factory=list)

    @property
    def is_for_programs(self) -> bool:
        return self.format in ("json", "sarif")

    def document(self) -> str:
        """The document with all messages."""
        if self.format == "sarif":
            from rewriter.report.sarif import sarif

            return sarif(self.messages, __version__)
        from rewriter.report.data import VERSION
        from rewriter.report.message import message_data

        messages = [message_data(each) for each in self.messages]
        said = {"version": VERSION, "messages": messages, "results": self.results}
        data = self.own[0] if self.own else said
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


_current: ContextVar[_Output | None] = ContextVar("output", default=None)


def _output() -> _Output:
    return _current.get() or _Output()


def is_for_programs() -> bool:
    """Whether the only output is a document on standard output."""
    return _output().is_for_programs


def asked_format() -> Format:
    """The requested format."""
    return _output().format


def check_output_format(*, diff: bool) -> None:
    """Raise a usage error if the requested format cannot hold a diff."""
    if diff and asked_format() == "sarif":
        raise click.UsageError("SARIF cannot hold a diff: use --check, or another format.")


@can_be_held_back
def tell(message: Message, text: str = "", *, result: bool = False) -> None:
    """Report something about a template.

    Args:
        message: the message.
        text: the text for people, if it should be printed now.
        result: whether it is the command's result, rather than a remark.

    """
    output = _output()
    if output.is_for_programs:
        output.messages.append(message)
        return
    if text and result:
        write_output(text)
    elif text:
        click.echo(text, err=True)
    if output.format == "github":
        from rewriter.report.github import annotation

        click.echo(annotation(message), err=True)


def tell_notices(name: str, file: str, notices: Iterable[Notice]) -> None:
    """Report the notices about the template called ``name``, which is in the file.

    JSON has them among its results.
    """
    from rewriter.report.message import of_notice

    if asked_format() == "json":
        return
    for notice in notices:
        text = "" if QUIET.get() else f"{name}: {notice}"
        if text or asked_format() == "sarif":
            tell(of_notice(notice, file), text)


def show_error(error: RewriteError, level: Level = "error") -> None:
    """Report the whole error; for people, on stderr."""
    from rewriter.report.message import of_error

    tell(of_error(error, level), error_text(error))


def error_text(error: RewriteError) -> str:
    """The full text of the error for stderr, with the failures of a verification."""
    from rewriter.verification.report import VerificationFailed

    if not isinstance(error, VerificationFailed):
        return str(error)
    # The error's own text has the conversation in one line; this shows it in full, with both texts.
    return f"{RewriteError.__str__(error)}\n{failures_text(error.report, sys.stderr)}"


def failures_text(report: Report, stream: TextIO) -> str:
    """Every failure in the report, in colour if the stream supports it."""
    from rewriter.report.failures import failure_text

    brackets, width = not in_colour(stream), terminal_width(stream)
    texts = [failure_text(each, brackets=brackets, width=width) for each in report.failures]
    return "\n".join(rendered(text, stream) for text in texts)


@can_be_held_back
def keep(result: dict[str, Any]) -> None:
    """Keep a template's result for the JSON document."""
    _output().results.append(result)


def keep_document(data: object) -> None:
    """Keep a document of the command's own, which is printed as JSON instead of the usual one."""
    _output().own.append(data)


def output_format_option(command: Command) -> Command:
    """Add ``--output-format``, and print its document when the command ends."""
    return _output_option(_FORMATS, "text; github in GitHub Actions", command)


def text_or_json_option(command: Command) -> Command:
    """The same for a command whose results are not about places in a file."""
    return _output_option(("text", "json"), "text", command)


def _output_option(formats: Sequence[Format], default: str, command: Command) -> Command:
    @wraps(command)
    def wrapped(*arguments: Any, output_format: Format | None, **options: Any) -> object:
        output = _Output(output_format or _usual_format(formats))
        usual, loud = _current.set(output), QUIET.set(QUIET.get() or output.is_for_programs)
        try:
            code = _exit_code(command, arguments, options)
            if output.is_for_programs:
                write_output(output.document())
        finally:
            _current.reset(usual)
            QUIET.reset(loud)
        click.get_current_context().exit(code)

    option = click.option(
        "--output-format",
        type=click.Choice(formats),
        default=None,
        show_default=default,
        help="How to print the results: as text, or as one document on standard output.",
    )
    return cast("Command", option(wrapped))


def _exit_code(command: Command, arguments: tuple[Any, ...], options: dict[str, Any]) -> int:
    try:
        with reporting_bugs():
            command(*arguments, **options)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except RewriteError as error:
        show_error(error)
        return error.exit_code
    return 0


def _usual_format(formats: Sequence[Format]) -> Format:
    is_in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    return "github" if is_in_actions and "github" in formats else "text"
