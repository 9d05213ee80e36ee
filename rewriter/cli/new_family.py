"""``rewriter new-family``: add a family to a repository that chooses among templates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack

import click

from rewriter.cli.kept_originals import remember_original
from rewriter.cli.options import (
    Proving,
    TemplatePath,
    check_option,
    diff_option,
    limit_options,
    page_option,
    recipe_options,
    verification_options,
)
from rewriter.cli.pages import check_targets
from rewriter.cli.progress import progress
from rewriter.cli.streams import display_name, read_input, say, show_diff
from rewriter.errors import BadInput, Refused

if TYPE_CHECKING:
    from rewriter.cli.registering import Change, Newcomer
    from rewriter.engine.registry import Registry
    from rewriter.engine.transforms import Goal
    from rewriter.rewriting.result import Rewrite


@click.command("new-family")
@click.argument("name", metavar="NAME")
@click.argument("template", metavar="TEMPLATE", type=TemplatePath)
@click.option(
    "--into",
    "repository",
    type=TemplatePath,
    required=True,
    metavar="REPO",
    help="The repository to add the family to.",
)
@click.option(
    "--registry",
    "layout",
    default="trl",
    show_default=True,
    metavar="NAME|FILE",
    help="How the repository is laid out: the name of a known layout, or a data file.",
)
@click.option("--title", metavar="TITLE", help="The family's name for people, such as 'Llama 3.1'.")
@click.option(
    "--model", metavar="MODEL", help="A model that ships the template, for the tests to load."
)
@click.option("--write", is_flag=True, help="Write the files instead of printing a diff.")
@check_option
@diff_option
@page_option
@click.option(
    "--goal",
    "goals",
    type=click.Choice(["assistant-mask", "prefix-preserving", "dict-arguments", "stop-token"]),
    multiple=True,
    show_default="all that the repository requires",
    help="What the variant is for. May be repeated.",
)
@recipe_options
@verification_options
@limit_options
def new_family(
    name: str,
    template: Path,
    repository: Path,
    layout: str,
    title: str | None,
    model: str | None,
    write: bool,
    check: bool,
    diff: bool,
    page: Path | None,
    goals: tuple[Goal, ...],
    **settings: Unpack[Proving],
) -> None:
    """Add the family NAME, with the original in TEMPLATE, to a repository, as one diff.

    The diff adds the original and its proven variant, the entries of the Python registry, sections
    of the documentation and parameters of the tests. It goes to standard output, for `git apply`,
    unless you use --write. Entries that exist already stay as they are.
    """
    from rewriter.cli.registering import changes, check_names, check_repository, training_text
    from rewriter.engine.registry import load_registry

    if write and (check or diff):
        raise click.UsageError("--write cannot be combined with --check or --diff.")
    check_targets((page,), (template,))
    registry = load_registry(layout)
    check_names(registry, name, title or "", model or "")
    check_repository(repository, registry)  # before the variant is proven, which takes longer
    result = _proven(template, registry, goals, page, settings)
    newcomer = _newcomer(name, title, model, result)
    found = changes(repository, registry, newcomer)
    _say_what_is_left(repository, registry, newcomer)
    if write:
        _write(found)
        variant = training_text(registry, newcomer)
        remember_original(newcomer.result.source, variant, newcomer.result.transforms)
    else:
        _show(found, as_diff=diff or not check)
    if not found:
        say(f"{name}: nothing to do")
    click.get_current_context().exit(int(bool(found) and (check or diff)))


def _proven(
    template: Path,
    registry: Registry,
    goals: tuple[Goal, ...],
    page: Path | None,
    settings: Proving,
) -> Rewrite:
    from rewriter.api import rewrite
    from rewriter.cli.variant_page import VariantPage
    from rewriter.rewriting.request import Request

    shown, wanted = display_name(template), goals or registry.goals
    source = read_input(template)
    drawn = VariantPage(page, shown, Request(source, registry.policy), settings["limits"])
    # Only a page needs the single sources, which a proof on file lacks.
    verify: Literal[True, "afresh"] = "afresh" if page else True
    with drawn.of_a_refusal():
        try:
            with progress(1):
                result = rewrite(
                    source,
                    name=shown,
                    policy=registry.policy,
                    goals=wanted,
                    verify=verify,
                    **settings,
                )
        except Refused as error:
            if not goals and len(wanted) > 1:
                less = f"--goal asks for less than {', '.join(wanted)}"
                error.hint = f"{error.hint}; {less}" if error.hint else less
            raise
    if not result.edits:
        raise BadInput("it is already marked, so there is no variant to make", name=shown)
    drawn.write(result)
    return result


def _newcomer(name: str, title: str | None, model: str | None, result: Rewrite) -> Newcomer:
    from rewriter.cli.registering import Newcomer
    from rewriter.engine.families import family_named
    from rewriter.verification.supports import supports

    known = family_named(result.family) if result.family else None
    return Newcomer(
        name=name,
        title=title or (known.title if known else name),
        model=model or "",
        supports=known.supports if known else supports(result.source),
        result=result,
    )


def _say_what_is_left(repository: Path, registry: Registry, newcomer: Newcomer) -> None:
    """Report which of the registry's files are left alone, and why."""
    from rewriter.cli.registering import absent_files

    absent = absent_files(repository, registry)
    for file in absent:
        say(f"{file}: not in this repository, so it is skipped")
    if registry.tests and registry.tests.file not in absent and not newcomer.model:
        say(f"{registry.tests.file}: left alone; use --model to name the model that its tests load")


def _show(changes: tuple[Change, ...], *, as_diff: bool) -> None:
    from rewriter.source.diff import unified_diff

    for each in changes:
        if not as_diff:
            say(f"{each.path}: would {'be written' if each.before is None else 'change'}")
            continue
        old = "/dev/null" if each.before is None else f"a/{each.file}"
        show_diff(unified_diff(each.before or "", each.after, old, f"b/{each.file}"))


def _write(changes: tuple[Change, ...]) -> None:
    from rewriter.carriers.files import encoded, write_all

    written = {each.path: encoded(each.after, each.encoding, str(each.path)) for each in changes}
    before = {each.path: _before(each) for each in changes}
    for remark in write_all(written, before):
        say(remark)
    for each in changes:
        say(f"{each.path}: {'written' if each.before is None else 'changed'}")


def _before(change: Change) -> bytes | None:
    return None if change.before is None else change.before.encode(change.encoding)
