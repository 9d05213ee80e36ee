"""The options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar, cast

import click
from click.core import ParameterSource

from rewriter.limits import GENEROUS, Limits

if TYPE_CHECKING:
    from rewriter.engine.families import Policy
    from rewriter.engine.transforms import Goal
    from rewriter.turns.parts import EmptyThoughts

Command = TypeVar("Command", bound=Callable[..., Any])


class Proving(TypedDict):
    """The options of every proof, as arguments for the library."""

    family: str | None
    transforms: tuple[str, ...] | None
    examples: int
    seed: int
    limits: Limits
    fields: dict[str, str]


class Proposing(Proving):
    """The options of ``propose``, as arguments for the library."""

    policy: Policy


class Verifying(Proposing):
    """The options of ``verify``, as arguments for the library."""

    empty_thoughts: EmptyThoughts | None


class Rewriting(Verifying):
    """The options of ``patch``, as arguments for the library."""

    goals: tuple[Goal, ...]
    header_comment: bool
    exclude_turns_by: str | None


class Regenerating(TypedDict):
    """The options of ``regenerate`` for every template; the default policy is each recipe's own."""

    policy: Policy | None
    goals: tuple[Goal, ...]
    examples: int
    seed: int
    limits: Limits
    header_comment: bool
    fields: dict[str, str]
    empty_thoughts: EmptyThoughts | None


# Each selects a recipe, so either one on the command line overrides both of the project.
_RECIPES: Final = frozenset({"family", "transforms"})
TemplatePath = click.Path(path_type=Path)


def given_options() -> frozenset[str]:
    """The names of the options on the command line."""
    context = click.get_current_context()
    return frozenset(
        name
        for name in context.params
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )


def dry_options() -> str:
    """The options on the command line that stop it from writing, as text."""
    return " ".join(f"--{name}" for name in ("check", "diff") if name in given_options())


def project_settings(file: Path, names: Iterable[str]) -> dict[str, Any]:
    """The project's settings for a file, of those in ``names`` that are not on the command line.

    Standard input counts as a file in the working directory.

    Raises:
        BadInput: the project's table is invalid.

    """
    from rewriter.carriers.project import settings_for

    given = given_options()
    if given & _RECIPES:
        given |= _RECIPES
    said = settings_for(Path() / "-" if str(file) == "-" else file)
    return {name: said[name] for name in names if name in said and name not in given}


def policy_option(default: str | None) -> Callable[[Command], Command]:
    """``--policy``; without a default, each recipe uses its own."""
    return click.option(
        "--policy",
        type=click.Choice(["strict", "trl"]),
        default=default,
        show_default=True if default else "each recipe's own",
        help="Where the mask's edges lie.",
    )


def _declared(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    """The declared writer of each field, by name."""
    from rewriter.errors import BadInput
    from rewriter.tracing.fields import Fields

    declared = {}
    for each in given:
        name, is_told, whose = each.partition("=")
        if not is_told:
            raise click.BadParameter(f"{each!r} is not NAME=generated|environment|header")
        declared[name] = whose
    try:
        Fields.of(declared)
    except BadInput as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise click.BadParameter(f"{error.message}{hint}") from None
    return declared


field_option = click.option(
    "--field",
    "fields",
    metavar="NAME=WHOSE",
    multiple=True,
    callback=_declared,
    help="Say who writes a key of the assistant's messages, or a variable: generated (the model), "
    "environment or header. May be repeated.",
)


empty_thoughts_option = click.option(
    "--empty-thoughts",
    type=click.Choice(["generated", "prompted"]),
    show_default="depends on the policy",
    help="Whether empty thoughts that the template adds are in the mask (generated) or not "
    "(prompted).",
)


exclude_option = click.option(
    "--exclude-turns-by",
    metavar="KEY",
    help="Leave a turn out of the mask if its message has this key, such as train, loss_mask or "
    "weight, and the value is not true.",
)


def verification_options(command: Command) -> Command:
    """``--examples`` and ``--seed``."""
    seed = click.option(
        "--seed",
        type=int,
        default=0,
        show_default=True,
        help="The seed for the generated conversations.",
    )
    examples = click.option(
        "--examples",
        type=click.IntRange(min=1),
        default=200,
        show_default=True,
        help="How many conversations to check on.",
    )
    return examples(seed(command))


def limit_options(command: Command) -> Command:
    """``--time-limit`` and ``--memory-limit``, which the command gets as ``limits``."""

    @wraps(command)
    def limited(*arguments: Any, time_limit: float, memory_limit: int, **options: Any) -> object:
        limits = Limits(seconds=time_limit or None, megabytes=memory_limit or None)
        return command(*arguments, limits=limits, **options)

    memory = click.option(
        "--memory-limit",
        type=click.IntRange(min=0),
        default=GENEROUS.megabytes,
        show_default=True,
        metavar="MB",
        help="Stop work on a file that needs more memory than this; 0 for no limit.",
    )
    time = click.option(
        "--time-limit",
        type=click.FloatRange(min=0),
        default=GENEROUS.seconds,
        show_default=True,
        metavar="SECONDS",
        help="Stop work on a file after this much processor time; 0 for no limit.",
    )
    return cast("Command", time(memory(limited)))


goal_option = click.option(
    "--goal",
    "goals",
    type=click.Choice(["assistant-mask", "prefix-preserving", "dict-arguments", "stop-token"]),
    multiple=True,
    default=["assistant-mask"],
    show_default=True,
    help="What the variant is for. May be repeated.",
)


def recipe_options(command: Command) -> Command:
    """``--family`` and ``--transform``: choose a recipe by hand."""
    transform = click.option(
        "--transform",
        "transforms",
        metavar="NAME",
        multiple=True,
        callback=lambda _context, _option, names: names or None,
        help="Apply this transform instead of a family's recipe. May be repeated, in order.",
    )
    family = click.option(
        "--family",
        metavar="NAME",
        help="Use this family's recipe instead of recognising the family.",
    )
    return family(transform(command))


jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="one per processor",
    help="How many templates to work on at a time.",
)

header_comment_option = click.option(
    "--header-comment", is_flag=True, help="List the changes in a comment at the top of the file."
)
check_option = click.option(
    "--check", is_flag=True, help="Write nothing; exit 1 if something would change."
)
diff_option = click.option(
    "--diff", is_flag=True, help="Write nothing; print what would change, and exit 1 if it would."
)
page_option = click.option(
    "--html",
    "page",
    metavar="OUT",
    type=TemplatePath,
    help="Also write a page to this file that shows the variant, or why there is none.",
)
