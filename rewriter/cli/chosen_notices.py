"""Which notices a command gives: those that are selected and not ignored.

Notices on how a template prints messages (`ABOUT_MESSAGES`) are given only if selected. Most
templates print no thoughts or calls, and that matters only if your data has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from rewriter.cli.streams import STANDARD

if TYPE_CHECKING:
    from rewriter.verification.notice import Notice, NoticeId

ALL: Final = "ALL"
Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ChosenNotices:
    """The choice on the command line, which overrides the project's.

    Attributes:
        select: the ids to give, or ``ALL``; if empty, all but `ABOUT_MESSAGES`.
        ignore: the ids to leave out.

    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def of(self, file: Path, notices: Iterable[Notice]) -> tuple[Notice, ...]:
        """Those of ``notices`` to give about a file, or standard input.

        Raises:
            BadInput: the project's table is invalid.

        """
        chosen = self.ids(file)
        return tuple(each for each in notices if each.id in chosen)

    def ids(self, file: Path) -> frozenset[NoticeId]:
        """The ids of the notices to give about a file, or standard input.

        Raises:
            BadInput: the project's table is invalid.

        """
        from rewriter.carriers.project import notices_for
        from rewriter.verification.notice import ABOUT_MESSAGES, NoticeId

        selected, ignored = notices_for(Path() / "-" if file == STANDARD else file)
        chosen = set(self.select or selected or set(NoticeId) - ABOUT_MESSAGES)
        if ALL in chosen:
            chosen = set(NoticeId)
        left_out = self.ignore or ignored
        return frozenset(each for each in NoticeId if each in chosen and each not in left_out)


def _ids(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    from rewriter.verification.notice import NoticeId

    named = [each.strip().upper() for text in given for each in text.split(",")]
    for each in named:
        if each not in (*NoticeId, ALL):
            known = f"{min(NoticeId)} to {max(NoticeId)}, and {ALL}"
            raise click.BadParameter(f"there is no notice {each!r}; they are {known}")
    return tuple(named)


def notice_options(command: Command) -> Command:
    """``--select`` and ``--ignore``, which the command gets as ``chosen_notices``."""

    @wraps(command)
    def choosing(*arguments: Any, select: Any, ignore: Any, **options: Any) -> object:
        return command(*arguments, chosen_notices=ChosenNotices(select, ignore), **options)

    for name, meaning in (
        ("--ignore", "Leave these notices out: ids such as N006,N007. May be repeated."),
        ("--select", "Give only these notices, or ALL of them. May be repeated."),
    ):
        choosing = click.option(name, metavar="ID", multiple=True, callback=_ids, help=meaning)(
            choosing
        )
    return cast("Command", choosing)
