"""A cache of originals, by the SHA-256 of the variants that this machine wrote for them.

A variant does not show which original it was made from: `{{ 'a' }}{{ b }}` and `{{ 'a' ~ b }}` are
cut to the same text. So whoever writes a variant also remembers its original.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rewriter.carriers.kept import keep, kept_text
from rewriter.carriers.packages import cache_folder
from rewriter.source.digest import digest_of

_DAYS: Final = 365


def remember(variant: str, original: str) -> None:
    """Keep the original for `original_of`; those not used for a year are cleared.

    Raises:
        BadInput: the cache cannot be written.

    """
    keep(_file(variant), original, days=_DAYS)


def original_of(variant: str) -> str | None:
    """The original that the variant was made from, if this machine made it.

    Raises:
        BadInput: the file is damaged; it is removed.

    """
    return kept_text(_file(variant))


def _file(variant: str) -> Path:
    digest = digest_of(variant)
    return cache_folder() / "originals" / f"{digest}.kept"
