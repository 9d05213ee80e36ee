"""A file and its templates: within other text, or one that is the whole file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rewriter.carriers.literal import Literal, Whole
from rewriter.errors import BadInput, Place
from rewriter.source.edits import Edit, apply


@dataclass(frozen=True, eq=False)
class Carried:
    """One template of a file, with its name there and its place.

    The name is empty if the template is the whole file.
    """

    name: str
    literal: Literal | Whole

    @property
    def text(self) -> str:
        """The template."""
        return self.literal.text


Finder = Callable[[str, str], tuple[Carried, ...]]
"""Finds the templates in a file's text, in their order; the second string is its name."""


@dataclass(frozen=True)
class Carrier:
    """A file's text, the templates in it, and the function that found them.

    The text keeps a byte-order mark and all line endings. ``built`` has an error for each template
    that a Python file puts together only at run time.
    """

    path: Path
    text: str
    encoding: str
    finder: Finder
    templates: tuple[Carried, ...]
    built: tuple[BadInput, ...] = ()

    @property
    def held(self) -> tuple[Held, ...]:
        """Each template, together with this file."""
        return tuple(Held(self, template) for template in self.templates)

    def with_edits(self, edits: Mapping[Carried, Sequence[Edit]]) -> str:
        """The file's text with its templates edited; everything else stays as it was.

        Raises:
            BadInput: a literal cannot hold the edited template.

        """
        changes = [
            change for each in self.templates for change in each.literal.edited(edits.get(each, ()))
        ]
        if not changes:
            return self.text
        changed = apply(self.text, sorted(changes))
        expected = [apply(each.text, edits.get(each, ())) for each in self.templates]
        if [each.text for each in self.finder(changed, str(self.path))] != expected:
            message = "the new text would not be read back as it is"
            hint = "move the template into a file of its own"
            raise BadInput(message, name=str(self.path), hint=hint)
        return changed


@dataclass(frozen=True, eq=False)
class Held:
    """A template in its file, so that reports can name the place in the file."""

    carrier: Carrier
    template: Carried

    @property
    def text(self) -> str:
        """The template."""
        return self.template.text

    @property
    def file(self) -> str:
        """The file's path, for messages."""
        return str(self.carrier.path)

    @property
    def title(self) -> str:
        """The file, and which of its templates this is, for messages."""
        if not self.template.name:
            return self.file
        line = self._line_and_column(0).line
        return f"{self.file}:{line}: {self.template.name}"

    def said(self, message: str) -> str:
        """The message, with the template's name before it if it has one."""
        return f"{self.template.name}: {message}" if self.template.name else message

    def placed(self, place: Place) -> Place:
        """The place in the file, with the excerpt from the template, of a place in the template."""
        if not self.template.name:
            return place
        found = self._line_and_column(place.offset_in(self.text))
        return Place(found.line, found.column, place.excerpt, place.column)

    def _line_and_column(self, offset: int) -> Place:
        return Place.at(self.carrier.text, self.template.literal.place(offset))
