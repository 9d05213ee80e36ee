"""Registries: where a repository keeps its templates, read from data.

A new entry copies the layout of existing ones, so a registry's data names things and places, and
hardly ever their form.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from rewriter.data import Record, data_folder, read_record
from rewriter.engine.families import Policy
from rewriter.engine.transforms import MASK, Goal
from rewriter.errors import BadInput

# The hint for a repository that lacks something.
MISFIT: Final = "does the registry's data file describe this repository?"
_NAME: Final = "{name}"


def _naming(text: str) -> str:
    if text.count(_NAME) != 1:
        raise ValueError(f"expected {_NAME} in it, once")
    return text


def _inside(text: str) -> str:
    path = Path(text)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("expected a path within the repository")
    return text


def _comment(text: str) -> str:
    inner = text.removeprefix("{#").removesuffix("#}\n")
    if len(inner) != len(text) - 5 or "#}" in inner or "{%" in inner:
        raise ValueError("expected one Jinja comment and a line end, with no tag in it")
    return text


Naming = Annotated[str, AfterValidator(_naming)]
Inside = Annotated[str, AfterValidator(_inside)]
Comment = Annotated[str, AfterValidator(_comment)]


class Names(Record):
    """The names of a family's original and variant, with ``{name}`` for the family."""

    original: Naming
    variant: Naming

    def of(self, family: str) -> tuple[str, str]:
        """The names for a family."""
        return self.original.replace(_NAME, family), self.variant.replace(_NAME, family)

    def family(self, called: str) -> tuple[str, bool] | None:
        """The family of a name, if any, and whether it is that of the variant."""
        for pattern, is_variant in ((self._patterns[1], True), (self._patterns[0], False)):
            if found := pattern.fullmatch(called):
                return found.group(1), is_variant
        return None

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        original, variant = (
            re.compile(r"(\w+)".join(map(re.escape, text.split(_NAME))))
            for text in (self.original, self.variant)
        )
        return original, variant


class Templates(Names):
    """The folder that holds the templates as files.

    Attributes:
        folder: where it is in the repository.
        header: the comment that a variant begins with, if it has one. ``{title}`` and
            ``{original}`` are filled in; a line with ``{change}`` is there for each change.

    """

    folder: Inside
    header: Comment | None = None


class Listing(Record):
    """Titles of families listed in a sentence, between two phrases.

    Attributes:
        opens: the words before the list.
        closes: the words after it.
        instead: the text for cases without a list.

    """

    opens: str
    closes: str
    instead: str | None = None


class Docstring(Listing):
    """A list in the docstring of a function."""

    function: str


class Python(Record):
    """The module that reads the files and chooses among them.

    Attributes:
        file: where it is in the repository.
        constants: the names of the variables that hold the templates.
        entries: the functions and tables with an entry for each family.
        listing: the docstring's list, if there is one.
        width: how many columns a line may have.

    """

    file: Inside
    constants: Names
    entries: tuple[str, ...] = ()
    listing: Docstring | None = None
    width: int = 88


class Documentation(Record):
    """A Markdown file with a section for each template.

    Attributes:
        file: where it is in the repository.
        originals: the heading above the sections on originals, if there are such sections.
        variants: the heading above those on variants.
        listing: the list of families in its text, if there is one.
        entities: whether the braces of Jinja's tags are written as HTML entities.
        optional: whether a repository may be without the file.

    """

    file: Inside
    originals: str | None = None
    variants: str
    listing: Listing | None = None
    entities: bool = False
    optional: bool = False


class Tests(Record):
    """The tests that are given each family as a parameter; a repository may be without.

    Attributes:
        file: where they are in the repository.
        parameters: the classes and functions whose ``parametrize`` has the list.
        entry: what stands in the list for a family; ``{model}`` is a model that has its template.

    """

    file: Inside
    parameters: tuple[str, ...]
    entry: Naming


class Registry(Record):
    """Everything that a repository needs to know a family."""

    policy: Policy = "strict"
    goals: tuple[Goal, ...] = Field(default=(MASK,), min_length=1)
    templates: Templates
    python: Python
    documentation: tuple[Documentation, ...] = ()
    tests: Tests | None = None


def registry_names() -> tuple[str, ...]:
    """The names of the registries that we know, as ``load_registry`` takes them."""
    return tuple(sorted(path.stem for path in _folder().glob("*.toml")))


def load_registry(given: str) -> Registry:
    """The registry that we know by that name, or else the file.

    Raises:
        BadInput: it is neither, or does not fit the schema.

    """
    if given in registry_names():
        return read_record(_folder() / f"{given}.toml", Registry)
    if not Path(given).is_file():
        hint = f"name a data file, or one of: {', '.join(registry_names())}"
        raise BadInput("there is no such registry", name=given, hint=hint)
    return read_record(Path(given), Registry)


def _folder() -> Path:
    return data_folder("corpus") / "registries"
