"""``rewriter docs``: a catalog's page, generated from the data and from the actual rewrites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from rewriter.cli.compare import would_change
from rewriter.cli.options import TemplatePath, check_option, diff_option
from rewriter.cli.progress import progress
from rewriter.cli.streams import STANDARD
from rewriter.cli.targets import Target

if TYPE_CHECKING:
    from rewriter.engine.families import Catalog
    from rewriter.rewriting.result import Rewrite

# The most lines of a diff that you can read at a glance.
_SHORT: Final = 30


@click.command()
@click.option(
    "--catalog", metavar="NAME", show_default="the newest", help="The catalog to document."
)
@click.option("--out", type=TemplatePath, metavar="FILE", help="The Markdown file to write to.")
@click.option("--diffs", is_flag=True, help="Show short diffs. They quote the vendors' templates.")
@check_option
@diff_option
def docs(catalog: str | None, out: Path | None, diffs: bool, check: bool, diff: bool) -> None:
    """Write a catalog as Markdown: its originals, its training variants, and the changes.

    The page goes to standard output, unless you name --out. Variants without a proof on file are
    proven first.
    """
    from rewriter.engine.families import load_catalog, newest_catalog
    from rewriter.report.catalog import catalog_page

    dry = check or diff
    if dry and out is None:
        raise click.UsageError("--check and --diff compare with the file that --out names.")
    target = Target(out or STANDARD, out or STANDARD)
    before = None if dry else target.before()
    name = catalog or newest_catalog()
    found = load_catalog(name)
    page = catalog_page(
        found,
        _results(name, found),
        f"rewriter docs --catalog {name}{' --diffs' if diffs else ''}",
        longest_diff=_SHORT if diffs else 0,
    )
    if out and dry:
        changed = would_change(out, page, original="", name="/dev/null", diff=diff)
        click.get_current_context().exit(int(changed))
    target.deliver(page, "written", changed=True, before=before)


def _results(name: str, catalog: Catalog) -> dict[str, Rewrite]:
    """The variant of every family that has a recipe, by the family's name."""
    from rewriter.api import rewrite
    from rewriter.carriers.packages import read_package

    chosen = [family for family in catalog.families if family.recipe]
    texts = read_package(catalog.package, {family.file: family.sha256 for family in chosen})
    results: dict[str, Rewrite] = {}
    with progress(len(chosen)) as bar:
        for family in chosen:
            results[family.name] = rewrite(
                texts[family.file],
                policy=family.policy,
                family=f"{name}/{family.name}",
                name=family.file,
            )
            bar.advance(family.title)
    return results
