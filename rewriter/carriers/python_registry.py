"""Add a family to the Python module that chooses among templates: its constants and its entries.

Each new statement is a copy of another family's, with the names changed. So it follows the module's
own style, and wraps like statements of about the same width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter

import libcst as cst

from rewriter.carriers.listing import with_title
from rewriter.carriers.python_source import PythonSource, defined_by, found_in
from rewriter.carriers.siblings import Sibling, entry_beside, entry_in_list
from rewriter.engine.registry import MISFIT, Docstring, Names, Registry
from rewriter.errors import BadInput
from rewriter.source.edits import Edit, apply

_ELEMENTS = (cst.Element, cst.DictElement)


def registered(text: str, registry: Registry, family: str, title: str, name: str) -> str:
    """The module's source with everything that the family needs; unchanged if it is there already.

    Raises:
        BadInput: it is not Python, not the module that the registry describes, or the names are
            taken.

    """
    edits = sorted(_edits(text, registry, family, title, name), key=attrgetter("span"))
    changed = apply(text, edits)
    try:
        left = list(_edits(changed, registry, family, title, name))
    except BadInput as error:
        raise _unreadable(name) from error
    if left:
        raise _unreadable(name)
    return changed


def _unreadable(name: str) -> BadInput:
    return BadInput("the new text could not be read back", name=name, hint=MISFIT)


def _edits(text: str, registry: Registry, family: str, title: str, name: str) -> Iterator[Edit]:
    module = _Module(PythonSource.read(text, name), registry, family, name)
    for is_variant in (False, True):
        yield from module.constant(is_variant=is_variant)
    for called in registry.python.entries:
        yield from module.entry(called)
    if listing := registry.python.listing:
        yield from module.listed(listing, title)


@dataclass(frozen=True)
class _Module:
    """The module, and the family to add."""

    source: PythonSource
    registry: Registry
    family: str
    name: str

    @property
    def constants(self) -> Names:
        """The names of the family's two variables."""
        return self.registry.python.constants

    def constant(self, *, is_variant: bool) -> Iterator[Edit]:
        """The name of the variable for the original, or for the variant."""
        constant = self.constants.of(self.family)[is_variant]
        present = self._readers(is_variant=is_variant)
        if self.family in present:
            return
        if taken := self.source.definition(constant):
            file = self.registry.templates.of(self.family)[is_variant]
            message = f"{constant} exists already, and does not read {file}"
            raise BadInput(message, name=self.name, place=self.source.place(taken))
        if not present:
            pattern = self.constants.variant if is_variant else self.constants.original
            message = f"no variable named like {pattern} reads a template's file here"
            raise BadInput(message, name=self.name, hint=MISFIT)
        yield from self._added(present)

    def _readers(self, *, is_variant: bool) -> dict[str, cst.CSTNode]:
        """By family, the statement that sets its variable to the content of its file."""
        found: dict[str, cst.CSTNode] = {}
        for statement in self.source.module.body:
            for called in defined_by(statement):
                match self.constants.family(called):
                    case family, kind if kind == is_variant:
                        file = self.registry.templates.of(family)[is_variant]
                        if _word(file).search(self.source.code(statement)):
                            found[family] = statement
        return found

    def listed(self, listing: Docstring, title: str) -> Iterator[Edit]:
        """The edits that add the title to the list in a docstring."""
        function = self._defined(listing.function)
        span = self.source.docstring(function)
        if span is None:
            message = f"{listing.function} has no docstring to list families in"
            place = self.source.place(function)
            raise BadInput(message, name=self.name, place=place, hint=MISFIT)
        width = self.registry.python.width
        yield from with_title(self.source.text, span, listing, title, self.name, width=width)

    def entry(self, called: str) -> Iterator[Edit]:
        """The edits that give the function or table of that name an entry for the family."""
        where = self._defined(called)
        present = dict(self._entries(where))
        if self.family in present:
            return
        own = self.constants.of(self.family)
        for node in found_in(where, cst.Name):
            if node.value in own:
                message = f"{called} already has {node.value}, but in another form"
                raise BadInput(message, name=self.name, place=self.source.place(node))
        if not present:
            message = f"{called} has no entry with the original and variant of one family"
            place = self.source.place(where)
            raise BadInput(message, name=self.name, place=place, hint=MISFIT)
        yield from self._added(present)

    def _defined(self, called: str) -> cst.CSTNode:
        found = self.source.definition(called)
        if found is None:
            raise BadInput(f"there is no {called} here", name=self.name, hint=MISFIT)
        return found

    def _entries(self, node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
        """The smallest statements and elements that name both variables of one family."""
        for child in node.children:
            within = list(self._entries(child))
            yield from within
            if within or not _is_entry(child):
                continue
            named = {each.value for each in found_in(child, cst.Name)}
            known = {found[0] for found in map(self.constants.family, named) if found}
            if len(known) == 1 and named.issuperset(self.constants.of(family := known.pop())):
                yield family, child

    def _added(self, present: Mapping[str, cst.CSTNode]) -> Iterator[Edit]:
        source = self.source
        siblings = [
            Sibling(family, source.start(node), source.end(node))
            for family, node in present.items()
        ]
        copies = [
            _Copy(self._renamed(source.code(node), family), source.place(node).column - 1)
            for family, node in present.items()
        ]
        code = min(copies, key=lambda each: each.misfit(self.registry.python.width)).code
        if isinstance(next(iter(present.values())), _ELEMENTS):
            yield from entry_in_list(source.text, siblings, self.family, code, source.newline)
        else:
            yield entry_beside(source.text, siblings, self.family, code, source.newline)

    def _renamed(self, code: str, family: str) -> str:
        """Another family's code, with the names changed to ours."""
        layouts = (self.constants, self.registry.templates)
        new = {
            old: new
            for layout in layouts
            for old, new in zip(layout.of(family), layout.of(self.family), strict=True)
        }
        words = re.compile("|".join(_word(old).pattern for old in new))
        return words.sub(lambda match: new[match.group()], code)


@dataclass(frozen=True)
class _Copy:
    """Code for the new family, in another family's layout, and the column where it begins."""

    code: str
    column: int

    def misfit(self, width: int) -> tuple[int, int]:
        """How much too wide its lines are, then their number; less is better."""
        first, *others = self.code.splitlines()
        widest = max(self.column + len(first), *map(len, others), 0)
        return max(widest - width, 0), len(others)


def _is_entry(node: cst.CSTNode) -> bool:
    match node:
        case cst.If(orelse=None) | cst.SimpleStatementLine():
            return True
    return isinstance(node, _ELEMENTS)


def _word(text: str) -> re.Pattern[str]:
    """A pattern that matches the text as a whole word."""
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
