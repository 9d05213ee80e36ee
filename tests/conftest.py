"""The real templates, read out of the pinned packages; none of them is in this repository."""

import os
from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import cache

import pytest
from hypothesis import settings

from rewriter.carriers.packages import read_package
from rewriter.engine.families import catalog_names, load_catalog
from rewriter.rewriting.rewrite import Asked, rewritten

# The same examples on every machine; `pytest --hypothesis-profile=default` looks for others.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
# Commands say the same everywhere, also where GitHub runs the tests.
os.environ.pop("GITHUB_ACTIONS", None)

SHIPPED = [
    f"{catalog}/{file}" for catalog in catalog_names() for file in load_catalog(catalog).files()
]


@cache
def _texts(catalog: str) -> dict[str, str]:
    found = load_catalog(catalog)
    return read_package(found.package, found.files())


@pytest.fixture(scope="session", params=SHIPPED)
def shipped(request: pytest.FixtureRequest) -> str:
    """The text of each template of each catalog."""
    catalog, _, file = request.param.partition("/")
    return _texts(catalog)[file]


@pytest.fixture(scope="session")
def seed_texts() -> dict[str, str]:
    """The templates of the seed catalog by file name, originals and hand-written variants."""
    return _texts("trl-1.4.0")


@pytest.fixture(scope="session")
def later_texts() -> dict[str, str]:
    """The templates of trl 1.16.0 by file name, originals and hand-written variants."""
    return _texts("trl-1.16.0")


@pytest.fixture(scope="session")
def later_variants(later_texts: dict[str, str]) -> dict[str, str]:
    """Our variant of each family of trl 1.16.0, under the policy of the hand-written one."""
    asked = (
        (family.name, Asked(later_texts[family.file], family.policy, family=family, verify=False))
        for family in load_catalog("trl-1.16.0").families
        if family.recipe
    )
    return {name: rewritten(each).template for name, each in asked}


@pytest.fixture(scope="session")
def trl_variants(later_texts: dict[str, str], later_variants: dict[str, str]) -> dict[str, str]:
    """Our variant of each family of trl 1.16.0 under the policy ``trl``."""
    others = (
        (family.name, Asked(later_texts[family.file], "trl", family=family, verify=False))
        for family in load_catalog("trl-1.16.0").families
        if family.recipe and family.policy != "trl"
    )
    return {**later_variants, **{name: rewritten(each).template for name, each in others}}


@pytest.fixture(scope="session")
def fixed_date() -> Iterator[None]:
    """The time that whatever the project compiles is told, for transformers too."""
    from transformers.utils import chat_template_utils

    from rewriter.tracing.clock import STOPPED

    class Fixed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return STOPPED.replace(tzinfo=tz)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chat_template_utils, "datetime", Fixed)
        yield
