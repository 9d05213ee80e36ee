"""The options of ``audit`` for reading data."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce, wraps
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

import click

if TYPE_CHECKING:
    from rewriter.auditing.audit import Engine

Command = TypeVar("Command", bound=Callable[..., Any])


class Reading(TypedDict):
    """The values of these options."""

    split: str | None
    rows: int | None
    columns: dict[str, str]
    roles: dict[str, str]
    engine: Engine
    num_proc: int


def _pairs(
    _context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    for each in given:
        if "=" not in each:
            raise click.BadParameter(f"{each!r} is not {option.metavar}")
    return dict(each.split("=", 1) for each in given)


def reading_options(command: Command) -> Command:
    """``--split``, ``--rows``, ``--column``, ``--role``, ``--engine`` and ``--num-proc``.

    The command gets them as ``reading``.
    """

    @wraps(command)
    def reading(*arguments: Any, **options: Any) -> object:
        given = {name: options.pop(name) for name in Reading.__annotations__}
        return command(*arguments, reading=given, **options)

    return cast("Command", reduce(lambda made, option: option(made), reversed(_OPTIONS), reading))


_OPTIONS = (
    click.option("--split", help="Audit this split, if the data has several."),
    click.option("--rows", type=click.IntRange(min=1), help="Audit only this many rows."),
    click.option(
        "--column",
        "columns",
        metavar="WHAT=NAME",
        multiple=True,
        callback=_pairs,
        help="Say which column has the messages, prompt, completion, tools or flags, or which key "
        "of a message has the role or the content. May be repeated.",
    ),
    click.option(
        "--role",
        "roles",
        metavar="OLD=NEW",
        multiple=True,
        callback=_pairs,
        help="Treat one role as another. May be repeated.",
    ),
    click.option(
        "--engine",
        type=click.Choice(["datasets", "ray"]),
        default="datasets",
        show_default=True,
        help="The engine that runs the audit.",
    ),
    click.option(
        "--num-proc",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="How many processes datasets uses.",
    ),
)
