"""The originals of the variants that were written on this machine, by the variant's SHA-256.

A variant does not tell which original it was made of: `{{ 'a' }}{{ b }}` and `{{ 'a' ~ b }}` are
cut to the same. So whoever writes one remembers the other.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

from rewriter.carriers.kept import keep, kept
from rewriter.carriers.packages import cache_folder

_DAYS: Final = 365


def remember(variant: str, original: str) -> None:
    """Keep the original, so that `original_of` finds it; one that is not used in a year is cleared.

    Raises:
        BadInput: the cache cannot be written.

    """
    keep(_file(variant), original, days=_DAYS)


def original_of(variant: str) -> str | None:
    """The original that the variant was made of, if it was made on this machine.

    Raises:
        BadInput: what is there is not what was kept; it is taken away.

    """
    return kept(_file(variant))


def _file(variant: str) -> Path:
    digest = sha256(variant.encode(errors="surrogatepass")).hexdigest()
    return cache_folder() / "originals" / f"{digest}.kept"
