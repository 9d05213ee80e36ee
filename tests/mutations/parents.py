"""The marked templates that mutants are made of: hand-written ones, and our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import rewriter
from rewriter.carriers.packages import read_package
from rewriter.engine.families import load_catalog
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named
from rewriter.promises import promised
from rewriter.tracing.turns import Policy
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


def parents() -> Iterator[Parent]:
    """The hand-written variants of TRL 1.16.0, then our own thirteen."""
    yield from hand_written()
    yield from our_own()


def hand_written() -> Iterator[Parent]:
    """The hand-written variants, under the policy that is made after them.

    Some break promises against the original that they were made of, so a mutant's text is
    compared with its parent's.
    """
    catalog = load_catalog("trl-1.16.0")
    for file, source in sorted(read_package(catalog.package, catalog.files()).items()):
        name = file.removesuffix(".jinja")
        if name.endswith("_training"):
            yield Parent(name, source, source, EQUAL, "trl")


def our_own(policy: Policy = "strict") -> Iterator[Parent]:
    """What we make of the seed catalog, held to what its recipes promise."""
    catalog = load_catalog("trl-1.4.0")
    texts = read_package(catalog.package, catalog.files())
    for family in catalog.families:
        if family.recipe:
            original = texts[family.file]
            variant = rewriter.rewrite(original, policy=policy, verify=False).template
            recipe = [transform_named(name) for name in family.recipe]
            contract = promised(Subject(original, policy), recipe)
            yield Parent(f"our_{family.name}", variant, original, contract, policy)
