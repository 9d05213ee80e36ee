"""The known families: their originals, their recipes, and how to recognise them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal

from jinja2 import TemplateSyntaxError
from pydantic import Field, StringConstraints

from rewriter.data import Record, data_folder, read_record
from rewriter.engine.regressions import Regression
from rewriter.errors import BadInput
from rewriter.source.digest import digest_of
from rewriter.source.fingerprint import fingerprint
from rewriter.tracing.conversation import Conversation

Policy = Literal["strict", "trl"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
NotYet = Literal[""]


class Package(Record):
    """A released package that carries templates, pinned to one archive."""

    name: str
    version: str
    archive: str
    sha256: Sha256
    folder: str


class Pinned(Record):
    """One file of the package."""

    file: str
    sha256: Sha256


class Supports(Record):
    """What conversations the original can render.

    Attributes:
        tools: tool calls and tool results.
        reasoning: reasoning, as a field of the message or between tags in its content.
        list_content: content as a list of parts.
        system_role: a system message at the start.
        alternation: user and assistant *must* take turns, or the template raises.

    """

    tools: bool
    reasoning: bool
    list_content: bool
    system_role: bool
    alternation: bool


class Variant(Record):
    """The SHA-256 of the variant that was proven, for each policy; empty until recorded."""

    strict: Sha256 | NotYet = ""
    trl: Sha256 | NotYet = ""


class Family(Record):
    """A known template, with its transforms.

    ``under`` has the recipes for policies that need another than ``recipe``.
    """

    name: str
    title: str
    file: str
    sha256: Sha256
    fingerprint: Sha256
    policy: Policy = "trl"
    recipe: tuple[str, ...] = ()
    under: dict[Policy, tuple[str, ...]] = Field(default_factory=dict)
    supports: Supports
    reference: Pinned | None = None
    variant: Variant = Variant()
    regressions: tuple[Regression, ...] = Field(default=(), alias="regression")

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The conversations that its variants are judged on first."""
        return tuple(regression.conversation for regression in self.regressions)

    @property
    def training_file(self) -> str:
        """The file name of its training variant."""
        return f"{self.file.removesuffix('.jinja')}_training.jinja"

    def recipe_under(self, policy: Policy) -> tuple[str, ...]:
        """Its transforms under ``policy``."""
        return self.under.get(policy, self.recipe)

    def proven(self, policy: Policy) -> str:
        """The SHA-256 of the variant proven under ``policy``, or an empty string."""
        return self.variant.strict if policy == "strict" else self.variant.trl


class Catalog(Record):
    """The templates in one package: the families that we rewrite, and any others."""

    package: Package
    families: tuple[Family, ...] = Field(default=(), alias="family")
    templates: dict[str, Sha256] = Field(default_factory=dict)

    def files(self) -> dict[str, str]:
        """Every template file that the catalog names, with its SHA-256."""
        pinned = {f"{key}.jinja": digest for key, digest in self.templates.items()}
        for family in self.families:
            pinned[family.file] = family.sha256
            if family.reference:
                pinned[family.reference.file] = family.reference.sha256
        return pinned


def catalog_names() -> tuple[str, ...]:
    """The names of all catalogs, as ``load_catalog`` takes them."""
    return tuple(sorted(path.stem for path in data_folder("corpus").glob("*.toml")))


def newest_catalog() -> str:
    """The name of the catalog of the latest release."""
    return max(catalog_names(), key=_release)


@cache
def load_catalog(name: str) -> Catalog:
    """The catalog ``name``, such as ``trl-1.4.0``.

    Raises:
        BadInput: there is no such catalog, or its file does not fit the schema.

    """
    if name not in catalog_names():
        hint = f"the catalogs are: {', '.join(catalog_names())}"
        raise BadInput(f"there is no catalog {name!r}", name=name, hint=hint)
    return read_record(data_folder("corpus") / f"{name}.toml", Catalog)


@cache
def families() -> MappingProxyType[str, Family]:
    """The newest family of each name."""
    named = _preferred("name").items()
    return MappingProxyType({name: _by_fingerprint()[own.fingerprint] for name, own in named})


def family_named(name: str) -> Family:
    """The family called ``name``; ``CATALOG/NAME`` is one of a certain catalog.

    Raises:
        BadInput: there is none.

    """
    catalog, slash, own = name.rpartition("/")
    if slash:
        return _within(load_catalog(catalog), own)
    if found := families().get(name):
        return found
    raise _unknown(name, families())


def catalog_of(family: Family) -> str | None:
    """The name of the newest catalog that has this very family; ``None`` if none has."""
    names = sorted(catalog_names(), key=_release, reverse=True)
    return next((name for name in names if family in load_catalog(name).families), None)


def _within(catalog: Catalog, name: str) -> Family:
    named = {family.name: family for family in catalog.families}
    if found := named.get(name):
        return found
    raise _unknown(name, named)


def _unknown(name: str, known: Iterable[str]) -> BadInput:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`rewriter families` lists them"
    return BadInput(f"there is no family {name!r}", name=name, hint=hint)


@cache
def proven_variants() -> frozenset[str]:
    """The SHA-256 of each variant that a catalog records as proven, under any policy."""
    known = (family for name in catalog_names() for family in load_catalog(name).families)
    return frozenset(digest for each in known for digest in (each.variant.strict, each.variant.trl))


def recognise(source: str) -> Family | None:
    """The family whose original is ``source``, even if quotes, spaces or comments differ.

    If several catalogs have it, the newest one with a recipe wins. A template that does not parse
    belongs to no family.
    """
    if known := _by_sha256().get(digest_of(source)):
        return known
    try:
        return _by_fingerprint().get(fingerprint(source))
    except (TemplateSyntaxError, RecursionError):
        return None


def is_original(source: str) -> bool:
    """Whether ``source`` is, byte for byte, the original of a known family."""
    return digest_of(source) in _by_sha256()


@cache
def _by_sha256() -> dict[str, Family]:
    return _preferred("sha256")


@cache
def _by_fingerprint() -> dict[str, Family]:
    return _preferred("fingerprint")


def _preferred(key: Literal["name", "sha256", "fingerprint"]) -> dict[str, Family]:
    """The families by a key: for each, the newest with a recipe, or else the newest."""
    found: dict[str, Family] = {}
    for catalog in sorted(catalog_names(), key=_release, reverse=True):
        for family in load_catalog(catalog).families:
            known = found.setdefault(getattr(family, key), family)
            if family.recipe and not known.recipe:
                found[getattr(family, key)] = family
    return found


def _release(catalog: str) -> tuple[tuple[int, str], ...]:
    """A sort key for catalogs, by which 1.4 comes before 1.16."""
    parts = catalog.replace("-", ".").split(".")
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in parts)
