"""How a template would ask whether what begins a turn is the end of the assistant's before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar

from jinja2 import nodes

from rewriter.engine.assistant_tests import Speaker, previous_speaker, speaker
from rewriter.engine.context import united_label
from rewriter.engine.draft import Atom
from rewriter.engine.verbs.guard import is_pure
from rewriter.source.template import Block, Item, Leaf, Template, leaves
from rewriter.turns.labels import STOP, Label, Labels
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.stop_headers import Stops

_Node = TypeVar("_Node", bound=nodes.Node)
# Whose header ends what, and whether that calls tools.
_NEXT: Final = ((Label.ENDS_ANSWER, "user", False), (Label.ENDS_CALLS, "tool", True))


def late_end_test(
    printed: Iterable[Atom], stops: Stops | None, blocks: Sequence[Block], template: Template
) -> str | None:
    """What is true where ``printed``, within ``blocks``, ends the assistant's turn.

    ``None`` where it is not known whose the turn before is.
    """
    before = previous_speaker(blocks, template)
    if before is None:
        return None
    found = [before.exists, before.has(ASSISTANT)]
    atoms = tuple(printed)
    label = united_label(atoms)
    if stops and label & STOP:
        # A header that is put together of the role is everybody's.
        is_everybodys = not all(atom.is_literal for atom in atoms)
        here = speaker(blocks, template) if is_everybodys else None
        cases = list(_cases(label, stops, before, here))
        if all(cases):
            found.append(cases[0] if len(cases) == 1 else f"({' or '.join(cases)})")
    return " and ".join(found)


def _cases(label: Label, stops: Stops, before: Speaker, here: Speaker | None) -> Iterator[str]:
    """For each kind of turn that is ended, what else is true; empty where there is nothing."""
    for kind, role, calls in _NEXT:
        if label & kind:
            asked = [before.calls if calls else f"not {before.calls}"] if stops.differ else []
            yield " and ".join([*asked, *([here.has(role)] if here else [])])


def unless_ended(
    offset: int, blocks: Sequence[Block], template: Template, labels: Labels
) -> Iterator[str]:
    """What is true where nothing else has ended the turn before, by what stands at ``offset``.

    That is what the loop's body prints before it, where a condition says so that still holds.
    """
    loop = next((block for block in reversed(blocks) if isinstance(block.node, nodes.For)), None)
    items = loop.clauses[0].body if loop else ()
    for number, item in enumerate(items):
        if isinstance(item, Leaf) or item.span.end > offset:
            continue
        test = item.node.test if isinstance(item.node, nodes.If) else None
        if test is None or len(item.clauses) > 1 or not _prints_late(item, labels):
            continue
        between = [each for each in leaves(items[number:]) if each.span.start < offset]
        if is_pure(test) and _assigned(between).isdisjoint(_read(test)):
            yield f"not ({template.source(test)})"


def _prints_late(item: Item, labels: Labels) -> bool:
    return any(labels.site(leaf.span.start) & Label.LATE for leaf in leaves((item,)))


def _assigned(found: Iterable[Leaf]) -> set[str]:
    """The names and the attributes of namespaces that some tags assign."""
    assigned: set[str] = set()
    for leaf in found:
        if isinstance(leaf.node, (nodes.Assign, nodes.AssignBlock)):
            target = leaf.node.target
            assigned |= {f"{ref.name}.{ref.attr}" for ref in _all(target, nodes.NSRef)}
            assigned |= {name.name for name in _all(target, nodes.Name)}
    return assigned


def _read(test: nodes.Node) -> set[str]:
    """The names that a test reads, and the attributes by their names."""
    attributes = {
        f"{each.node.name}.{each.attr}"
        for each in _all(test, nodes.Getattr)
        if isinstance(each.node, nodes.Name)
    }
    return attributes | {name.name for name in _all(test, nodes.Name)}


def _all(node: nodes.Node, kind: type[_Node]) -> Iterator[_Node]:
    if isinstance(node, kind):
        yield node
    yield from node.find_all(kind)
