"""A catalog as a Markdown page: its originals, their training variants, and the changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rewriter.engine.families import Catalog
from rewriter.report.sections import original_section, variant_section

if TYPE_CHECKING:
    from rewriter.rewriting.result import Rewrite

_INTRODUCTION = """\
# Chat templates of {package}

The chat templates that {package} carries, and the training variants that `rewriter` makes of them:
with the assistant's output between `{{% generation %}}` and `{{% endgeneration %}}`, so that the
loss mask can be taken from it. Nothing here is written by hand: it comes from the data, and from
what the rewriting did, by

```console
$ {command}
```"""


def catalog_page(
    catalog: Catalog, results: Mapping[str, Rewrite], command: str, *, longest_diff: int = 0
) -> str:
    """The page of a catalog.

    Args:
        catalog: the families.
        results: by the family's name, the result for each family that has a recipe.
        command: the command that regenerates the page.
        longest_diff: the most lines of a diff to show; 0 for no diff.

    """
    titles = ", ".join(family.title for family in catalog.families)
    package = f"{catalog.package.name} {catalog.package.version}"
    parts = [
        _INTRODUCTION.format(package=package, command=command),
        "## Supported model families",
        f"The following families are recognized: {titles}.",
        "## Original templates",
        *_originals(catalog, results),
        "## Training templates",
        *_variants(catalog, results, longest_diff),
    ]
    return "\n\n".join(parts) + "\n"


def _originals(catalog: Catalog, results: Mapping[str, Rewrite]) -> Iterator[str]:
    for family in catalog.families:
        section = original_section(family.title, family.file, family.supports)
        variant = "" if family.name in results else " No training variant is made of it."
        yield section + variant


def _variants(catalog: Catalog, results: Mapping[str, Rewrite], longest_diff: int) -> Iterator[str]:
    for family in catalog.families:
        if result := results.get(family.name):
            yield variant_section(
                family.title,
                family.file,
                family.training_file,
                result,
                longest_diff=longest_diff,
            )
