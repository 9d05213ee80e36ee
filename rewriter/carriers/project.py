"""``[tool.rewriter]`` of a project: how to rewrite the templates in its folder."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NoReturn

from pydantic import (
    AfterValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    StrictBool,
    StrictInt,
    model_validator,
)
from pydantic_core import PydanticCustomError

from rewriter.carriers.files import read_template
from rewriter.carriers.naming import Naming
from rewriter.data import Record, parsed, record
from rewriter.engine.families import Policy, family_named
from rewriter.engine.transforms import Goal, transform_named
from rewriter.errors import BadInput
from rewriter.tracing.fields import Fields
from rewriter.turns.parts import EmptyThoughts
from rewriter.verification.notice import NoticeId

FILE: Final = "pyproject.toml"
TABLE: Final = "tool.rewriter"


def _problem(message: str) -> NoReturn:
    # Not a ValueError, since pydantic puts words of its own before the message of one.
    raise PydanticCustomError("unfit", "{message}", {"message": message})


def _known_family(name: str) -> str:
    try:
        family_named(name)
    except BadInput as error:
        _problem(f"{error.message}; {error.hint}")
    return name


def _known_transform(name: str) -> str:
    try:
        transform_named(name)
    except BadInput as error:
        _problem(f"{error.message}; {error.hint}" if error.hint else error.message)
    return name


def _known_fields(declared: dict[str, str]) -> dict[str, str]:
    try:
        Fields.of(declared)
    except BadInput as error:
        _problem(f"{error.message}; {error.hint}" if error.hint else error.message)
    return declared


class Table(Record):
    """A table in a file that people write; the error for an unknown key lists the known ones."""

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, data: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in data if isinstance(data, dict) else ():
            if key not in known:
                near = get_close_matches(key, known, n=1)
                meant = f" (did you mean {near[0]!r}?)" if near else ""
                _problem(f"there is no key {key!r}{meant}; the keys are: {', '.join(known)}")
        return data


class Settings(Table):
    """Settings for all templates, or for one; ``None`` if unset.

    Attributes:
        policy: where the mask's edges lie.
        goals: what the variants are for.
        header_comment: whether a variant begins with a comment that lists the changes.
        examples: the number of conversations for the proof.
        seed: the seed that they are drawn from.
        fields: who writes each key of the assistant's messages, and each variable.
        empty_thoughts: who writes the empty thoughts that a template inserts.

    """

    policy: Policy | None = None
    goals: Annotated[tuple[Goal, ...], Field(min_length=1)] | None = None
    header_comment: StrictBool | None = Field(default=None, alias="header-comment")
    examples: PositiveInt | None = None
    seed: StrictInt | None = None
    empty_thoughts: EmptyThoughts | None = Field(default=None, alias="empty-thoughts")
    fields: Annotated[dict[str, str], AfterValidator(_known_fields)] = Field(default_factory=dict)


class TemplateSettings(Settings):
    """The settings for one template, with a family, whose recipe is used, or transforms."""

    family: Annotated[str, AfterValidator(_known_family)] | None = None
    transforms: tuple[Annotated[str, AfterValidator(_known_transform)], ...] | None = None

    @model_validator(mode="after")
    def _has_one_recipe(self) -> TemplateSettings:
        if self.family is not None and self.transforms is not None:
            _problem("'family' and 'transforms' exclude each other: each is a recipe")
        return self


def _pattern(text: str) -> str:
    path = Path(text)
    if text.count("*") != 1 or "*" not in path.name or path.is_absolute() or ".." in path.parts:
        _problem("expected a file below the folder with one '*' in its name, such as '*.jinja'")
    return text


_Pattern = Annotated[str, AfterValidator(_pattern)]


class Project(Settings):
    """``[tool.rewriter]``.

    Attributes:
        originals: the names of originals in the folder, with ``*`` for the part that differs.
        variants: the name of each variant, with ``*`` for the same part.
        exclude: names of originals to skip.
        select, ignore: ids of the notices to give, or ``ALL``, and of those to ignore.
        time_limit, memory_limit: seconds and megabytes for each template.
        templates: settings for single originals, by name.

    """

    originals: _Pattern = "*.jinja"
    variants: _Pattern = "*_training.jinja"
    exclude: tuple[str, ...] = ()
    select: tuple[NoticeId | Literal["ALL"], ...] = ()
    ignore: tuple[NoticeId, ...] = ()
    time_limit: PositiveFloat | None = Field(default=None, alias="time-limit")
    memory_limit: PositiveInt | None = Field(default=None, alias="memory-limit")
    templates: dict[str, TemplateSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _spares_the_originals(self) -> Project:
        if self.originals == self.variants:
            _problem("'originals' and 'variants' are the same, so originals would be overwritten")
        return self

    @property
    def naming(self) -> Naming:
        """The names of originals and their variants."""
        return Naming(self.originals, self.variants)


def project_above(folder: Path) -> tuple[Path | None, Project]:
    """The nearest ``pyproject.toml`` with a ``[tool.rewriter]``, from ``folder`` upwards.

    Without one, the path is ``None`` and the settings are empty.

    Raises:
        BadInput: a ``pyproject.toml`` on the way is not TOML, or a key in it is invalid; names
            the file, the key and what was expected.

    """
    here = folder.resolve()
    for above in (here, *here.parents):
        path = above / FILE
        if path.is_file():
            tool = parsed(read_template(path), str(path)).get("tool")
            if isinstance(tool, dict) and "rewriter" in tool:
                return path, record(tool["rewriter"], Project, str(path), TABLE)
    return None, Project()


def fields_for(file: Path) -> dict[str, str]:
    """The ``fields`` setting of the project around a template or its variant.

    Raises:
        BadInput: as for `project_above`.

    """
    project, own = _settings_around(file)
    return {**project.fields, **own.fields}


def settings_for(file: Path) -> dict[str, Any]:
    """The project's settings for a template, by the names in `Settings`.

    Also ``family`` or ``transforms``, if the project sets one for this template.

    Raises:
        BadInput: as for `project_above`.

    """
    project, own = _settings_around(file)
    names = Settings.model_fields.keys() - {"fields"}
    of_all = {name: getattr(project, name) for name in names}
    of_this = {name: getattr(own, name) for name in (*names, "family", "transforms")}
    said = [*of_all.items(), *of_this.items()]
    return {name: value for name, value in said if value is not None}


def notices_for(file: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The notices that the project selects, and those that it ignores.

    Raises:
        BadInput: as for `project_above`.

    """
    project, _ = _settings_around(file)
    return project.select, project.ignore


def _settings_around(file: Path) -> tuple[Project, TemplateSettings]:
    """The settings of the project around a file: for all templates, and for this one.

    Settings of one template are under its name relative to the folder that is regenerated. That may
    be any folder between the template and ``pyproject.toml``, so the longest name that matches
    wins.
    """
    # A link belongs to the folder that it is in, so only the folder is resolved.
    file = file.parent.resolve() / file.name
    found, project = project_above(file.parent)
    for above in reversed(file.parents) if found else ():
        if found and above.is_relative_to(found.parent):
            name = project.naming.original_of(file.relative_to(above).as_posix())
            if name in project.templates:
                return project, project.templates[name]
    return project, TemplateSettings()
