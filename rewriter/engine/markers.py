"""Insert tags beside a statement without changing what is printed.

Under ``trim_blocks`` a newline after a tag is swallowed, under ``lstrip_blocks`` the white space
before a tag at the start of a line, and ``-`` takes all white space on its side. So an inserted tag
takes over what its neighbour swallowed, and gives back what it would swallow itself.
"""

from __future__ import annotations

from typing import Final

from rewriter.engine.draft import Statement, text_of
from rewriter.engine.layout import Layout

SWALLOWS_BEHIND: Final = ("-%}", "-}}", "-#}")
SWALLOWS_BEFORE: Final = ("{%-", "{{-", "{#-")


def opener(tag: str, first: Statement, layout: Layout, before: str) -> tuple[str, str]:
    """The tag to put before ``first``: the text and, separately, the white space after it.

    ``before`` is what precedes ``first`` in the variant.
    """
    code = text_of(first.code, layout.text)
    if first.lead:
        return text_of(first.lead, layout.text) + f"{{%- {tag} %}}", ""
    line = layout.line(layout.indentation(first)) if layout.own_line(first) else ""
    if code.startswith(SWALLOWS_BEFORE):
        return f"{{%- {tag} %}}", line
    if first.is_text:
        eaten = layout.newline if code.startswith(("\n", "\r")) else ""
        return f"{guard(before)}{{% {tag} %}}", eaten
    if code.startswith("{%"):
        return f"{{% {tag} %}}", line
    return f"{guard(before)}{{% {tag} %}}", ""


def closer(tag: str, last: Statement, layout: Layout, after: str) -> str:
    """The tag to put right after ``last``, which is followed by ``after`` in the variant."""
    code = text_of(last.code, layout.text)
    if code.rstrip().endswith(SWALLOWS_BEHIND):
        return f"{{% {tag} -%}}"
    space = after[: len(after) - len(after.lstrip())]
    if after[len(space) :].startswith(SWALLOWS_BEFORE):
        lined = last.lead or (layout.own_line(last) and "\n" in space)
        return f"{layout.line(layout.indentation(last))}{{%- {tag} %}}" if lined else _plain(tag)
    return _plain(tag) + (layout.newline if _eats(code, space, after[len(space) :]) else "")


def _eats(code: str, space: str, following: str) -> bool:
    """Whether a tag between ``code`` and ``space`` changes how much of the space is printed."""
    if space.startswith(("\n", "\r")):
        # The newline after an output is printed; after a tag, it is swallowed anyway.
        return not code.endswith("%}")
    # Indentation before the next tag is swallowed only at the start of a line.
    return bool(space) and code.endswith("\n") and following.startswith(("{%", "{#"))


def _plain(tag: str) -> str:
    return f"{{% {tag} %}}"


def guard(before: str) -> str:
    """An empty output, if a tag would swallow printed indentation before it."""
    _, newline, indentation = before.rpartition("\n")
    eats = newline and indentation and not indentation.strip()
    return "{{ '' }}" if eats and not before.rstrip().endswith(SWALLOWS_BEHIND) else ""


def kept_break(after: str) -> str:
    """An empty output, if a tag would swallow a printed line break after it."""
    is_kept = after.startswith(("\n", "\r")) and not after.lstrip().startswith(SWALLOWS_BEFORE)
    return "{{ '' }}" if is_kept else ""
