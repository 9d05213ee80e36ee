"""Build a test for whether the beginning of a turn ends the assistant's turn before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Final

from jinja2 import nodes

from rewriter.engine.assistant_tests import Speaker, previous_speaker, speaker
from rewriter.engine.context import united_label
from rewriter.engine.draft import Atom
from rewriter.engine.verbs.guard import is_pure
from rewriter.source.template import Block, Item, Leaf, Template, leaves
from rewriter.source.walk import find_all, find_within
from rewriter.turns.label import STOP, Label
from rewriter.turns.labels import Labels
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.stop_headers import Stops

# Which role's header ends which turn, and whether that calls tools.
_NEXT: Final = ((Label.ENDS_ANSWER, "user", False), (Label.ENDS_CALLS, "tool", True))


def late_end_test(
    printed: Iterable[Atom], stops: Stops | None, blocks: Sequence[Block], template: Template
) -> str | None:
    """A test that holds if ``printed``, within ``blocks``, ends the assistant's turn.

    ``None`` if the role of the previous turn is unknown.
    """
    before = previous_speaker(blocks, template)
    if before is None:
        return None
    found = [before.exists, before.has(ASSISTANT)]
    atoms = tuple(printed)
    label = united_label(atoms)
    if stops and label & STOP:
        # A header that is built from the role is everybody's.
        is_everybodys = not all(atom.is_literal for atom in atoms)
        here = speaker(blocks, template) if is_everybodys else None
        cases = list(_cases(label, stops, before, here))
        if all(cases):
            found.append(cases[0] if len(cases) == 1 else f"({' or '.join(cases)})")
    return " and ".join(found)


def _cases(label: Label, stops: Stops, before: Speaker, here: Speaker | None) -> Iterator[str]:
    """For each kind of turn that is ended, further conditions; empty if there are none."""
    for kind, role, calls in _NEXT:
        if label & kind:
            asked = [before.calls if calls else f"not {before.calls}"] if stops.differ else []
            yield " and ".join([*asked, *([here.has(role)] if here else [])])


def unless_ended(
    offset: int, blocks: Sequence[Block], template: Template, labels: Labels
) -> Iterator[str]:
    """A test that holds if nothing before ``offset`` has ended the previous turn.

    It uses conditions of earlier output in the loop's body that still hold there.
    """
    loop = next((block for block in reversed(blocks) if isinstance(block.node, nodes.For)), None)
    items = loop.clauses[0].body if loop else ()
    for number, item in enumerate(items):
        if isinstance(item, Leaf) or item.span.end > offset:
            continue
        before = [each for each in leaves(items[number:]) if each.span.start < offset]
        if tests := list(_tests_of_end(item, before, _by_macros(template), labels)):
            asked = [
                _operand(test, template) if tests[1:] else template.source(test) for test in tests
            ]
            yield f"not ({' and '.join(asked)})"


def _tests_of_end(
    item: Block, before: Sequence[Leaf], by_macros: Mapping[str, Set[str]], labels: Labels
) -> Iterator[nodes.Node]:
    """The tests around an end that is printed in ``item``, from without, as far as they still hold.

    ``before`` is what stands before the place where they are to be asked again, and ``by_macros``
    what each macro assigns of namespaces.
    """
    test = item.node.test if isinstance(item.node, nodes.If) else None
    if test is None or len(item.clauses) > 1 or not _prints_late(item, labels):
        return
    between = [each for each in before if each.span.start >= item.span.start]
    assigned = _assigned(between).union(*(by_macros.get(name, ()) for name in _called(between)))
    if not is_pure(test) or not assigned.isdisjoint(_read(test)):
        return
    yield test
    late = [each for each in item.clauses[0].body if _prints_late(each, labels)]
    if len(late) == 1 and isinstance(late[0], Block):
        yield from _tests_of_end(late[0], before, by_macros, labels)


def _operand(test: nodes.Node, template: Template) -> str:
    """A test as it is written, to be joined by ``and``."""
    source = template.source(test)
    return f"({source})" if isinstance(test, (nodes.Or, nodes.CondExpr)) else source


def _prints_late(item: Item, labels: Labels) -> bool:
    """Whether it has an output that was seen to print the end of the previous turn."""
    return any(labels.site(leaf.span.start) & Label.LATE for leaf in leaves((item,)))


def _assigned(found: Iterable[Leaf]) -> set[str]:
    """The names and the attributes of namespaces that some tags assign."""
    assigned: set[str] = set()
    for leaf in found:
        if isinstance(leaf.node, (nodes.Assign, nodes.AssignBlock)):
            target = leaf.node.target
            assigned |= {f"{ref.name}.{ref.attr}" for ref in find_within(target, nodes.NSRef)}
            assigned |= {name.name for name in find_within(target, nodes.Name)}
    return assigned


def _by_macros(template: Template) -> Mapping[str, Set[str]]:
    """The attributes of namespaces that each macro assigns, in one that it calls too."""
    assigned = {
        macro.name: {f"{ref.name}.{ref.attr}" for ref in macro.find_all(nodes.NSRef)}
        for macro in find_all(template.tree, nodes.Macro)
    }
    # Macros call each other, and which of them does so need not be known here.
    every = frozenset().union(*assigned.values())
    return dict.fromkeys(assigned, every)


def _called(found: Iterable[Leaf]) -> Iterator[str]:
    """The names that some outputs and tags call."""
    for leaf in found:
        for call in find_within(leaf.node, nodes.Call) if leaf.node else ():
            if isinstance(call.node, nodes.Name):
                yield call.node.name


def _read(test: nodes.Node) -> set[str]:
    """The names that a test reads, and the attributes by their names."""
    attributes = {
        f"{each.node.name}.{each.attr}"
        for each in find_within(test, nodes.Getattr)
        if isinstance(each.node, nodes.Name)
    }
    return attributes | {name.name for name in find_within(test, nodes.Name)}
