"""The originals of the variants that were written on this machine, by the variant's SHA-256.

A variant does not tell which original it was made of: `{{ 'a' }}{{ b }}` and `{{ 'a' ~ b }}` are
cut to the same. So whoever writes one remembers the other.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from rewriter.carriers.files import make_folder, read_template, write_template
from rewriter.carriers.packages import cache_folder
from rewriter.errors import BadInput


def remember(variant: str, original: str) -> None:
    """Keep the original, so that `original_of` finds it.

    Raises:
        BadInput: the cache cannot be written.

    """
    file = _file(variant)
    make_folder(file.parent)
    write_template(file, original)


def original_of(variant: str) -> str | None:
    """The original that the variant was made of, if it was made on this machine."""
    try:
        return read_template(_file(variant))
    except BadInput:
        return None


def _file(variant: str) -> Path:
    digest = sha256(variant.encode(errors="surrogatepass")).hexdigest()
    return cache_folder() / "originals" / f"{digest}.jinja"
