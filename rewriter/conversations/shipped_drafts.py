"""The drafts that travel with the package: drawn once, and the same on every machine.

What Hypothesis draws for a seed depends on its release and on the modules that the program has
loaded, whose constants it tries as well (`hypothesis.internal.conjecture.providers`). So the
conversations that templates are judged on by default are on file. `python -m
tests.conversations.shipping` draws them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from rewriter.conversations.draft import Draft

FILE: Final = Path(__file__).with_name("drafts.jsonl")
SEED: Final = 0
# As many as a proof asks for by default.
EXAMPLES: Final = 200


def are_shipped(examples: int, seed: int) -> bool:
    """Whether so many drafts of the seed travel with the package."""
    return seed == SEED and examples <= EXAMPLES


@cache
def shipped_drafts() -> tuple[Draft, ...]:
    """All drafts that travel with the package."""
    _, *lines = FILE.read_text(encoding="utf-8").splitlines()
    return tuple(Draft.from_json(json.loads(line)) for line in lines)
