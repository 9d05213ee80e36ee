"""The tasks of ``rewriter regenerate`` for a catalog."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from rewriter.cli.batch import Task
from rewriter.cli.options import Regenerating
from rewriter.engine.families import load_catalog
from rewriter.errors import BadInput
from rewriter.rewriting.asked import Asked
from rewriter.tracing.fields import Fields

if TYPE_CHECKING:
    from rewriter.engine.families import Catalog, Family, Policy
    from rewriter.report.outcome import Outcome


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
            Asked(
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
    """Record the proven variants in the catalog's file.

    Raises:
        BadInput: the file cannot be written.

    """
    from rewriter.carriers.corpus import record_variants

    families = {family.file: family.name for family in load_catalog(catalog).families}
    for task, outcome in zip(tasks, finished, strict=True):
        if outcome.template is not None and not outcome.exit_code:
            digest = sha256(outcome.template.encode()).hexdigest()
            policy: Policy = task.asked.policy
            record_variants(catalog, policy, {families[task.original]: digest})
