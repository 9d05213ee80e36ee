"""``rewriter families``: list the known families."""

from __future__ import annotations

import click

from rewriter.cli.streams import show


@click.command()
def families() -> None:
    """List the families that are recognised, and the transforms that each takes."""
    from rewriter.engine.families import catalog_names, load_catalog
    from rewriter.report.table import families_table

    show(families_table({name: load_catalog(name) for name in catalog_names()}))
