"""A family's table for a catalog, for you to review."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rewriter.engine.families import Policy, Supports
from rewriter.source.digest import digest_of
from rewriter.source.fingerprint import fingerprint


def proposal(
    name: str,
    title: str,
    file: str,
    source: str,
    *,
    supports: Supports,
    policy: Policy,
    recipe: tuple[str, ...],
    variants: Mapping[Policy, str],
) -> str:
    """The family's table as TOML, in the layout of the catalogs.

    Args:
        name: the name for ``--family``.
        title: the family's title.
        file: the original's file name.
        source: the original's text.
        supports: what it renders.
        policy: where the edges of the mask lie.
        recipe: the transforms for its variant, in order.
        variants: the text of the proven variant, by policy.

    """
    rows: dict[str, Any] = {
        "name": name,
        "title": title,
        "file": file,
        "sha256": digest_of(source),
        "fingerprint": fingerprint(source),
    }
    lines = ["[[family]]", *(f"{key:11} = {json.dumps(value)}" for key, value in rows.items())]
    given = ", ".join(f"{key} = {json.dumps(value)}" for key, value in supports)
    lines += [f"supports    = {{ {given} }}", f"policy      = {json.dumps(policy)}"]
    lines += [f"recipe      = {json.dumps(list(recipe))}", "", "[family.variant]"]
    lines += [f"{policy:6} = {json.dumps(digest_of(text))}" for policy, text in variants.items()]
    return "\n".join([*lines, ""])
