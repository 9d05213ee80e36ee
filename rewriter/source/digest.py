"""The digest by which catalogs, kept edits and kept proofs know a text."""

from __future__ import annotations

from hashlib import sha256


def digest_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal, even if it has lone surrogates."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
