"""The tasks of ``rewriter regenerate`` for a catalog."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from rewriter.cli.batch import Task
from rewriter.cli.options import Regenerating
from rewriter.engine.families import load_catalog
from rewriter.errors import BadInput
from rewriter.rewriting.request import Request
from rewriter.tracing.fields import Fields

if TYPE_CHECKING:
    from rewriter.engine.families import Catalog, Family, Policy
    from rewriter.report.outcome import Outcome
    from rewriter.rewriting.result import Rewrite


def catalog_tasks(name: str, families: Sequence[str], settings: Regenerating) -> list[Task]:
    """A task for each family named; without names, for each that has a recipe.

    Raises:
        BadInput: there is no such catalog or family, or its package is not available.

    """
    from rewriter.carriers.packages import read_package

    catalog = load_catalog(name)
    chosen = _chosen(catalog, families)
    texts = read_package(catalog.package, {family.file: family.sha256 for family in chosen})
    return [
        Task(
            family.title,
            family.file,
            family.training_file,
            Request(
                texts[family.file],
                settings["policy"] or family.policy,
                family=family,
                verify="afresh",
                examples=settings["examples"],
                seed=settings["seed"],
                header_comment=settings["header_comment"],
                fields=Fields.of(settings["fields"]),
                empty_thoughts=settings["empty_thoughts"],
            ),
            settings["limits"],
        )
        for family in chosen
    ]


def _chosen(catalog: Catalog, names: Sequence[str]) -> list[Family]:
    package = f"{catalog.package.name}-{catalog.package.version}"
    with_recipe = {family.name: family for family in catalog.families if family.recipe}
    if unknown := [name for name in names if name not in with_recipe]:
        hint = f"there is one for: {', '.join(with_recipe) or 'no family yet'}"
        raise BadInput(f"there is no recipe for {unknown[0]!r}", name=package, hint=hint)
    if not with_recipe:
        raise BadInput("this catalog has no recipes yet", name=package)
    return [family for name, family in with_recipe.items() if not names or name in names]


def record(catalog: str, tasks: Iterable[Task], finished: Iterable[Outcome]) -> None:
    """Record the proven variants in the catalog's files, with the edits that make them.

    Raises:
        BadInput: the file cannot be written.

    """
    from rewriter.carriers.corpus import record_edits, record_variants
    from rewriter.rewriting.kept_edits import line_of

    families = {family.file: family for family in load_catalog(catalog).families}
    lines: list[str] = []
    for task, outcome in zip(tasks, finished, strict=True):
        if outcome.template is not None and not outcome.exit_code:
            digest = sha256(outcome.template.encode()).hexdigest()
            policy: Policy = task.request.policy
            family = families[task.original]
            record_variants(catalog, policy, {family.name: digest})
            if line := line_of(_on_file(task.request, family, digest)):
                lines.append(line)
    record_edits(catalog, lines)


def _on_file(request: Request, family: Family, digest: str) -> Rewrite:
    """A variant as it is planned again once it is on file."""
    from rewriter.rewriting.rewrite import planned

    variant = family.variant.model_copy(update={request.policy: digest})
    known = family.model_copy(update={"variant": variant})
    return planned(replace(request, family=known, verify=False))
