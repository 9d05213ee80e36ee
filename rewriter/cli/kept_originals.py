"""Keep the original of each variant that is written, so that ``rewriter strip`` can restore it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from rewriter.errors import BadInput


def remember_original(original: str, variant: str, transforms: Sequence[str]) -> None:
    """Keep the original of a variant that prints the same, if the cache can be written.

    ``strip`` works without it. From a variant that is declared to print something else it only
    removes the tags, so such an original is not kept.
    """
    from rewriter.carriers.originals import remember
    from rewriter.engine.transforms import transform_named

    relations = {transform_named(name).contract.relation for name in transforms}
    if relations == {"equal"}:
        with suppress(BadInput):
            remember(variant, original)
