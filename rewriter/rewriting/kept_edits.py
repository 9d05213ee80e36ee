"""Variants of known families, kept as edits: neither planned nor rendered to be made once more.

A line of ``corpus/edits/CATALOG.jsonl`` has what makes the variant whose SHA-256 the catalog has as
proven. Text of the original is named by its place in it, so that no vendor's text is kept. What
the edits come to is compared with that SHA-256: what was damaged, or is of another original, is
planned as any template is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from rewriter.data import data_folder
from rewriter.engine.families import Family, catalog_of
from rewriter.engine.transforms import MASK
from rewriter.rewriting.request import Request
from rewriter.rewriting.result import Rewrite
from rewriter.source.digest import digest_of
from rewriter.source.edits import Edit, apply
from rewriter.verification.first_blocks import begins_with_block, loses_first_block
from rewriter.verification.notice import Notice, NoticeId

# Text, or where the original has it.
Part: TypeAlias = str | tuple[int, int]
# Shorter texts are words of the language.
_SHORT: Final = 8


def kept_rewrite(request: Request, family: Family) -> Rewrite | None:
    """What was asked for, where that is a variant whose edits are kept."""
    chosen = request.transforms, request.exclude_turns_by
    is_plain = request.goals == (MASK,) and request.is_usual and not any(chosen)
    catalog, proven = catalog_of(family), family.proven(request.policy)
    if not catalog or not proven or not is_plain or digest_of(request.source) != family.sha256:
        return None
    line = next((line for line in kept_lines(catalog) if proven in line), None)
    if line is None:
        return None
    kept = json.loads(line)
    edits = tuple(_edit(each, kept["reasons"], request.source) for each in kept["edits"])
    template = apply(request.source, edits)
    if digest_of(template) != proven or (kept["first_block"] and loses_first_block(template)):
        return None
    return Rewrite(
        request.source,
        template,
        edits,
        tuple(kept["transforms"]),
        family.name,
        request.policy,
        proof="on file" if request.verify else "none",
        notices=tuple(Notice(NoticeId(id_), message) for id_, message in kept["notices"]),
        catalog=catalog,
    )


def kept_lines(catalog: str) -> list[str]:
    """A line for each variant of a catalog whose edits are kept."""
    path = data_folder("corpus") / "edits" / f"{catalog}.jsonl"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def line_of(result: Rewrite) -> str | None:
    """The line to keep of a result; ``None`` for one whose notices have places in the original."""
    if any(notice.place for notice in result.notices):
        return None
    reasons = [*dict.fromkeys((edit.transform, edit.reason) for edit in result.edits)]
    kept = {
        "variant": digest_of(result.template),
        "first_block": begins_with_block(result.template),
        "transforms": result.transforms,
        "notices": [(notice.id, notice.message) for notice in result.notices],
        "reasons": reasons,
        "edits": [
            (
                edit.start,
                edit.end,
                reasons.index((edit.transform, edit.reason)),
                *_parts(edit.replacement, result.source),
            )
            for edit in result.edits
        ],
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _edit(kept: list[Any], reasons: list[list[str]], source: str) -> Edit:
    start, end, reason, *parts = kept
    texts = (part if isinstance(part, str) else source[slice(*part)] for part in parts)
    return Edit(start, end, "".join(texts), *reasons[reason])


def _parts(text: str, source: str) -> Iterator[Part]:
    """A text, with all of it that the original has too named by its place there."""
    own = ""
    at = 0
    while at < len(text):
        end = at + _SHORT
        found = source.find(text[at:end]) if end <= len(text) else -1
        if found < 0:
            own += text[at]
            at += 1
            continue
        while end < len(text) and (longer := source.find(text[at : end + 1], found)) >= 0:
            end, found = end + 1, longer
        if own:
            yield own
        yield found, found + end - at
        own, at = "", end
    if own:
        yield own
