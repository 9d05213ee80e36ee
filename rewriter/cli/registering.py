"""Add a family to a repository: the changes to every file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rewriter.carriers.encoding import python_encoding, text_of
from rewriter.carriers.files import read_bytes, read_template
from rewriter.carriers.listing import with_title
from rewriter.carriers.parameters import with_parameters
from rewriter.carriers.python_registry import registered
from rewriter.engine.families import Supports
from rewriter.engine.registry import MISFIT, Documentation, Registry, Tests
from rewriter.errors import BadInput
from rewriter.report.markdown import with_section
from rewriter.report.sections import original_section, variant_section
from rewriter.source.edits import apply

if TYPE_CHECKING:
    from rewriter.rewriting.result import Rewrite

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TITLE: Final = re.compile(r"[\w .,:;()+/&-]+")
_MODEL: Final = re.compile(r"[\w./-]+")


@dataclass(frozen=True)
class Newcomer:
    """The family to add.

    Attributes:
        name: the name for files and variables.
        title: the family's title.
        model: a model that ships the template, or an empty string.
        supports: what the original renders.
        result: the variant, and how it came about.

    """

    name: str
    title: str
    model: str
    supports: Supports
    result: Rewrite


@dataclass(frozen=True)
class Change:
    """A file of the repository before and after; ``before`` is ``None`` for a new file."""

    path: Path
    file: str
    before: str | None
    after: str
    encoding: str = "utf-8"


def check_names(registry: Registry, name: str, title: str = "", model: str = "") -> None:
    """Refuse a name, title or model that cannot be written where it has to go.

    Raises:
        BadInput: one of them is invalid, or the name looks like a variant's.

    """
    file, _ = registry.templates.of(name)
    if not _NAME.fullmatch(name):
        hint = "use letters, digits and underscores, such as 'my_model_2'"
        raise BadInput("this cannot be the name of a file and a variable", name=name, hint=hint)
    if registry.templates.family(file) != (name, False):
        raise BadInput(f"{file} would be mistaken for a family's variant", name=name)
    for given, allowed in ((title, _TITLE), (model, _MODEL)):
        if given and not allowed.fullmatch(given):
            hint = "it is written into comments and strings: use no quotes, braces or backslashes"
            raise BadInput("this cannot be a title or a model", name=given, hint=hint)


def check_repository(repository: Path, registry: Registry) -> None:
    """Refuse at once a repository that does not match the registry.

    Raises:
        BadInput: it lacks the folder of templates or the Python module.

    """
    if not (repository / registry.templates.folder).is_dir():
        message = f"there is no folder {registry.templates.folder} in it"
        raise BadInput(message, name=str(repository), hint=MISFIT)
    if not (repository / registry.python.file).is_file():
        message = f"there is no module {registry.python.file} in it"
        raise BadInput(message, name=str(repository), hint=MISFIT)


def training_text(registry: Registry, newcomer: Newcomer) -> str:
    """The variant's text, below the comment that this registry asks for."""
    result, header = newcomer.result, registry.templates.header
    if not header:
        return result.template
    original, _ = registry.templates.of(newcomer.name)
    reasons = dict.fromkeys(f"{edit.transform}: {edit.reason}" for edit in result.edits)
    filled = header.replace("{title}", newcomer.title).replace("{original}", original)
    lines = [
        line.replace("{change}", reason)
        for line in filled.splitlines(keepends=True)
        for reason in (reasons if "{change}" in line else ("",))
    ]
    comment = "".join(lines).replace("\n", "\r\n" if "\r\n" in result.source else "\n")
    mark = "\ufeff" if result.template.startswith("\ufeff") else ""
    return mark + comment + result.template.removeprefix("\ufeff")


def changes(repository: Path, registry: Registry, newcomer: Newcomer) -> tuple[Change, ...]:
    """The changes that add the family; nothing is written.

    Raises:
        BadInput: the repository does not match the registry, the names are taken, or a file cannot
            be read; the error says where.

    """
    check_repository(repository, registry)
    registration = _Registration(repository, registry, newcomer)
    try:
        return tuple(each for each in registration.changes() if each.before != each.after)
    except RecursionError:
        message = "something in it is nested too deeply to be read"
        raise BadInput(message, name=str(repository)) from None


@dataclass(frozen=True)
class _Registration:
    repository: Path
    registry: Registry
    newcomer: Newcomer

    def changes(self) -> Iterator[Change]:
        absent = absent_files(self.repository, self.registry)
        yield from self._templates()
        yield self._module()
        for each in self.registry.documentation:
            if each.file not in absent:
                yield self._documented(each)
        tests = self.registry.tests
        if tests and self.newcomer.model and tests.file not in absent:
            yield self._tested(tests)

    @property
    def _files(self) -> tuple[str, str]:
        return self.registry.templates.of(self.newcomer.name)

    def _templates(self) -> Iterator[Change]:
        """The original and the variant, which are new or exist already with the same text."""
        known = self._known
        result = self.newcomer.result
        for file, text in zip(
            self._files, (result.source, training_text(self.registry, self.newcomer)), strict=True
        ):
            path = self._folder / file
            if (present := known.get(file)) not in (None, text):
                hint = "choose another name, or remove the file to have it written again"
                raise BadInput("another template has this name", name=str(path), hint=hint)
            yield Change(path, f"{self.registry.templates.folder}/{file}", present, text)
        for file, text in known.items():
            kind = self.registry.templates.family(file)
            if text == result.source and kind and kind != (self.newcomer.name, False):
                message = (
                    "the repository has this template already, and recognises it as this family"
                )
                raise BadInput(message, name=str(self._folder / file))

    @property
    def _folder(self) -> Path:
        return self.repository / self.registry.templates.folder

    @cached_property
    def _known(self) -> Mapping[str, str]:
        """The existing templates, by the names of their files."""
        return {
            path.name: read_template(path)
            for path in sorted(self._folder.iterdir())
            if self.registry.templates.family(path.name)
        }

    def _module(self) -> Change:
        file = self.registry.python.file
        path, text, encoding = self._python(file)
        newcomer = self.newcomer
        after = registered(text, self.registry, newcomer.name, newcomer.title, str(path))
        return Change(path, file, text, after, encoding)

    def _documented(self, documentation: Documentation) -> Change:
        path, newcomer = self.repository / documentation.file, self.newcomer
        text = before = read_template(path)
        if listing := documentation.listing:
            text = apply(text, with_title(text, (0, len(text)), listing, newcomer.title, str(path)))
        for below, section in self._sections(documentation):
            if documentation.entities:
                section = section.replace("{%", "&#123;%").replace("%}", "%&#125;")
            text = with_section(
                text, below, self.registry.templates, newcomer.name, section, str(path)
            )
        return Change(path, documentation.file, before, text)

    def _sections(self, documentation: Documentation) -> Iterator[tuple[str, str]]:
        """Each section, with the heading that it goes below."""
        newcomer = self.newcomer
        original, variant = self._files
        if documentation.originals:
            yield (
                documentation.originals,
                original_section(newcomer.title, original, newcomer.supports, newcomer.model),
            )
        yield (
            documentation.variants,
            variant_section(newcomer.title, original, variant, newcomer.result),
        )

    def _tested(self, tests: Tests) -> Change:
        path, text, encoding = self._python(tests.file)
        after = with_parameters(text, tests, self.newcomer.name, self.newcomer.model, str(path))
        return Change(path, tests.file, text, after, encoding)

    def _python(self, file: str) -> tuple[Path, str, str]:
        """A Python file's path, text and encoding."""
        path = self.repository / file
        content = read_bytes(path)
        encoding = python_encoding(content, str(path))
        return path, text_of(content, encoding, str(path)), encoding


def absent_files(repository: Path, registry: Registry) -> tuple[str, ...]:
    """The registry's optional files that the repository lacks."""
    optional = [each.file for each in registry.documentation if each.optional]
    if registry.tests:
        optional.append(registry.tests.file)
    return tuple(file for file in optional if not (repository / file).is_file())
