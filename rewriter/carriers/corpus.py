"""Record proven variants in a catalog's file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from rewriter.carriers.files import decoded, read_bytes, write_all
from rewriter.data import data_folder
from rewriter.engine.families import Policy
from rewriter.rewriting.kept_edits import kept_lines


def record_variants(catalog: str, policy: Policy, digests: Mapping[str, str]) -> None:
    """Record the SHA-256 of each family's proven variant in the catalog's file.

    Raises:
        BadInput: the file cannot be written.

    """
    path = data_folder("corpus") / f"{catalog}.toml"
    before = read_bytes(path)
    content = recorded(decoded(before, str(path)), policy, digests).encode()
    write_all({path: content}, {path: before})


def record_edits(catalog: str, lines: Iterable[str]) -> None:
    """Keep the edits of variants, a line each, in the order in which the catalog has the variants.

    Those that the catalog has no more are taken out.

    Raises:
        BadInput: the file cannot be written.

    """
    known = read_bytes(data_folder("corpus") / f"{catalog}.toml").decode()
    found = {json.loads(line)["variant"]: line for line in (*kept_lines(catalog), *lines)}
    kept = sorted((each for each in found if each in known), key=known.index)
    path = data_folder("corpus") / "edits" / f"{catalog}.jsonl"
    content = "".join(f"{found[each]}\n" for each in kept).encode()
    write_all({path: content}, {path: read_bytes(path) if path.is_file() else None})


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
