"""What was put into a text, as lines."""

from difflib import SequenceMatcher


def inserted(before: str, after: str) -> list[str]:
    """The lines that were put in; it fails if any line that was there is not there as it was."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    changes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    assert {kind for kind, *_ in changes} <= {"equal", "insert"}
    return [line for kind, _, _, i, j in changes if kind == "insert" for line in new[i:j]]
