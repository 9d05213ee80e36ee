"""``rewriter propose``: the catalog entry of a new family."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Unpack

import click

from rewriter.cli.declared_fields import DeclaredFields
from rewriter.cli.options import (
    Proposing,
    TemplatePath,
    field_option,
    limit_options,
    page_option,
    policy_option,
    recipe_options,
    verification_options,
)
from rewriter.cli.pages import check_targets
from rewriter.cli.progress import progress
from rewriter.cli.streams import STANDARD, display_name, read_input, say
from rewriter.cli.targets import Target
from rewriter.errors import BadInput, RewriteError

if TYPE_CHECKING:
    from rewriter.cli.variant_page import VariantPage
    from rewriter.engine.families import Policy
    from rewriter.rewriting.result import Rewrite

_POLICIES: Final[tuple[Policy, ...]] = ("strict", "trl")


@click.command()
@click.argument("file", metavar="FILE", type=TemplatePath)
@click.option("-o", "--out", type=TemplatePath, help="The file to write the proposal to.")
@click.option("--name", metavar="NAME", help="The family's name; the file's, if not given.")
@click.option("--title", metavar="TITLE", help="The family's name for people, such as 'Llama 3.1'.")
@page_option
@policy_option("trl")
@recipe_options
@verification_options
@field_option
@limit_options
def propose(
    file: Path,
    out: Path | None,
    name: str | None,
    title: str | None,
    page: Path | None,
    **settings: Unpack[Proposing],
) -> None:
    """Propose a proven recipe for the template in FILE (`-` is standard input), for your review.

    Prints the family's table for a catalog in `corpus/`, and to standard error what was verified.
    The variant is proven under both policies.
    """
    check_targets((page, out), (file,) if page else ())
    shown = display_name(file)
    target = Target(file, out or STANDARD)
    before = target.before()
    source = read_input(file)
    fields = DeclaredFields(settings["fields"], settings["limits"])
    settings["fields"] = fields.of(file)
    drawn = _page(page, source, shown, settings)
    with drawn.of_a_refusal():
        proven = _proven(source, shown, settings)
    fields.look(source)
    fields.tell_unread(file)
    chosen = proven[settings["policy"]]
    drawn.write(chosen)
    name = name or _name(file)
    text = _proposal(name, title or name, file.name, chosen, proven)
    target.deliver(text, f"a proposal for {name!r}", changed=True, before=before)


def _page(out: Path | None, source: str, title: str, settings: Proposing) -> VariantPage:
    from rewriter.cli.variant_page import VariantPage
    from rewriter.rewriting.request import Request
    from rewriter.tracing.fields import Fields

    request = Request(source, settings["policy"], fields=Fields.of(settings["fields"]))
    return VariantPage(out, title, request, settings["limits"])


def _proven(source: str, title: str, settings: Proposing) -> dict[Policy, Rewrite]:
    """The variant under each policy; only the requested policy must succeed."""
    from rewriter.api import rewrite

    chosen = settings["policy"]
    proven: dict[Policy, Rewrite] = {}
    for policy in sorted(_POLICIES, key=lambda policy: policy != chosen):
        try:
            given: Proposing = {**settings, "policy": policy}
            with progress(1):
                result = rewrite(source, name=title, verify="afresh", **given)
        except RewriteError as error:
            if policy == chosen:
                raise
            say(f"{title}: refused under {policy}: {error.message}")
            continue
        if not result.edits:
            raise BadInput("there is nothing to do, so there is no recipe to propose", name=title)
        proven[policy] = result
        say(f"{title}: {_summary(result)}")
    return proven


def _proposal(
    name: str, title: str, file: str, chosen: Rewrite, proven: dict[Policy, Rewrite]
) -> str:
    from rewriter.report.proposal import proposal
    from rewriter.verification.supports import supports

    return proposal(
        name,
        title,
        file,
        chosen.source,
        supports=supports(chosen.source),
        policy=chosen.policy,
        recipe=chosen.transforms,
        variants={
            policy: proven[policy].template
            for policy in _POLICIES
            if policy in proven and proven[policy].transforms == chosen.transforms
        },
    )


def _summary(result: Rewrite) -> str:
    report = result.report
    count = report.conversations if report else 0
    raised = f", of which {report.raised} raise" if report and report.raised else ""
    edits = f"{len(result.edits)} edit{'' if len(result.edits) == 1 else 's'}"
    return f"{result.policy}: {edits}, verified on {count} conversations{raised}"


def _name(file: Path) -> str:
    return re.sub(r"\W+", "_", file.stem).strip("_").lower() if file != STANDARD else "family"
