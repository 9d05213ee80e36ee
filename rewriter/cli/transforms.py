"""``rewriter transforms``: list the transforms, and run their examples."""

from __future__ import annotations

import click

from rewriter.cli.streams import say, show


@click.command()
def transforms() -> None:
    """List the transforms and run their examples; exit 1 if one fails."""
    from rewriter.engine.examples import check_examples
    from rewriter.engine.transforms import load_transforms
    from rewriter.report.table import transforms_table

    rows, broken = [], []
    for each in load_transforms():
        results = check_examples(each)
        failed = [result for result in results if not result.ok]
        held = f"{len(results) - len(failed)} of {len(results)} hold"
        rows.append((each.name, each.goal, each.contract.relation, each.summary, held))
        broken += [f"{each.name}: {result.title}: {result.message}" for result in failed]
    show(transforms_table(rows))
    for message in broken:
        say(message)
    click.get_current_context().exit(1 if broken else 0)
