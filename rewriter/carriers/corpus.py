"""Record proven variants in a catalog's file."""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.carriers.files import decoded, read_bytes, write_all
from rewriter.data import data_folder
from rewriter.engine.families import Policy


def record_variants(catalog: str, policy: Policy, digests: Mapping[str, str]) -> None:
    """Record the SHA-256 of each family's proven variant in the catalog's file.

    Raises:
        BadInput: the file cannot be written.

    """
    path = data_folder("corpus") / f"{catalog}.toml"
    before = read_bytes(path)
    content = recorded(decoded(before, str(path)), policy, digests).encode()
    write_all({path: content}, {path: before})


def recorded(text: str, policy: Policy, digests: Mapping[str, str]) -> str:
    """The catalog's text, with the SHA-256 of each named family's variant entered.

    It is edited line by line, which keeps comments and layout.
    """
    lines = text.split("\n")
    family = ""
    for number, line in enumerate(lines):
        key, _, value = line.partition("=")
        if key.strip() == "name":
            family = value.strip().strip('"')
        elif key.strip() == policy and family in digests:
            lines[number] = f'{key}= "{digests[family]}"'
    return "\n".join(lines)
