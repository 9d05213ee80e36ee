"""The marked templates that mutants are made of: hand-written ones, and our own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import rewriter
from rewriter.carriers.packages import read_package
from rewriter.engine.families import Catalog, load_catalog
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named
from rewriter.rewriting.promises import promised
from rewriter.turns.parts import Policy
from rewriter.verification.contracts import EQUAL, Contract


@dataclass(frozen=True)
class Parent:
    """A marked template, and what its mutants are checked against.

    ``reference`` is what their text is compared with, under ``contract``.
    """

    name: str
    source: str
    reference: str
    contract: Contract
    policy: Policy


_HAND_WRITTEN = load_catalog("trl-1.16.0")
_OURS = load_catalog("trl-1.4.0")
_FAMILIES = {f"our_{family.name}": family for family in _OURS.families if family.recipe}
# The hand-written variants of TRL 1.16.0, then our own thirteen.
NAMES = (
    *sorted(file.removesuffix(".jinja") for file in _HAND_WRITTEN.files() if "_training." in file),
    *_FAMILIES,
)


@cache
def parent_named(name: str) -> Parent:
    """A parent by its name."""
    return _our_own(name, "strict") if name in _FAMILIES else _hand_written(name)


def _hand_written(name: str) -> Parent:
    """A hand-written variant, under the policy that is made after them.

    Some break promises against the original that they were made of, so a mutant's text is
    compared with its parent's.
    """
    source = _texts(_HAND_WRITTEN)[f"{name}.jinja"]
    return Parent(name, source, source, EQUAL, "trl")


def _our_own(name: str, policy: Policy) -> Parent:
    """What we make of a family of the seed catalog, held to what its recipe promises."""
    family = _FAMILIES[name]
    original = _texts(_OURS)[family.file]
    variant = rewriter.rewrite(
        original, policy=policy, family=f"trl-1.4.0/{family.name}", verify=False
    ).template
    recipe = [transform_named(transform) for transform in family.recipe]
    contract = promised(Subject(original, policy), recipe)
    return Parent(name, variant, original, contract, policy)


def _texts(catalog: Catalog) -> dict[str, str]:
    return read_package(catalog.package, catalog.files())
