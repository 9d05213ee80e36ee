"""What a mutant changes, as a line to read."""

from __future__ import annotations

from difflib import SequenceMatcher

from tests.mutations.running import Result

_AROUND = 40


def change(result: Result) -> str:
    """What stood there, and what stands there now."""
    shown = []
    matcher = SequenceMatcher(
        None, result.source.splitlines(), result.mutant.splitlines(), autojunk=False
    )
    for tag, first, last, here, there in matcher.get_opcodes():
        if tag != "equal":
            old = "\n".join(result.source.splitlines()[first:last])
            new = "\n".join(result.mutant.splitlines()[here:there])
            lead = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
            start = max(0, lead - _AROUND)
            shown.append(f"    - {old[start : lead + 2 * _AROUND]!r}")
            shown.append(f"    + {new[start : lead + 2 * _AROUND]!r}")
    return "\n".join(shown)
