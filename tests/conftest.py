"""The real templates, read out of the pinned packages; none of them is in this repository."""

import os
from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from rewriter.carriers.packages import read_package
from rewriter.confinement.serving import collect_seldom
from rewriter.engine.families import catalog_names, load_catalog
from rewriter.rewriting.request import Request
from rewriter.rewriting.rewrite import rewritten
from rewriter.turns.parts import Policy

# The same examples on every machine; `pytest --hypothesis-profile=default` looks for others.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
# Commands say the same everywhere, also where GitHub runs the tests.
os.environ.pop("GITHUB_ACTIONS", None)

# One for each text: catalogs of several releases of a package share most of their files.
SHIPPED = {
    sha256: f"{catalog}/{file}"
    for catalog in catalog_names()
    for file, sha256 in load_catalog(catalog).files().items()
}.values()


def pytest_collection_finish() -> None:
    """Look for garbage as seldom as a worker does: what was collected and imported stays."""
    collect_seldom()


@cache
def _texts(catalog: str) -> dict[str, str]:
    found = load_catalog(catalog)
    return read_package(found.package, found.files())


@pytest.fixture(scope="session", params=SHIPPED)
def shipped(request: pytest.FixtureRequest) -> str:
    """Each text that is a template of a catalog."""
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


class Variants(dict[str, str]):
    """Our variants of the families of trl 1.16.0 by name, each made when it is first asked for.

    Processes that share the tests share the ``folder``, and make none twice. Without a ``policy``
    each is under that of the hand-written one.
    """

    def __init__(self, folder: Path, policy: Policy | None = None) -> None:
        self._folder = folder
        self._policy = policy
        self._families = {family.name: family for family in load_catalog("trl-1.16.0").families}

    def __missing__(self, name: str) -> str:
        family = self._families[name]
        policy = self._policy or family.policy
        file = self._folder / f"{name}.{policy}.jinja"
        if not file.exists():
            source = _texts("trl-1.16.0")[family.file]
            made = rewritten(Request(source, policy, family=family, verify=False))
            unfinished = file.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(made.template.encode())
            unfinished.replace(file)
        self[name] = file.read_bytes().decode()
        return self[name]


@pytest.fixture(scope="session")
def variants_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes of this run leave the variants that they have made."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    (shared / "variants").mkdir(exist_ok=True)
    return shared / "variants"


@pytest.fixture(scope="session")
def later_variants(variants_folder: Path) -> Variants:
    """Our variants under the policies of the hand-written ones."""
    return Variants(variants_folder)


@pytest.fixture(scope="session")
def trl_variants(variants_folder: Path) -> Variants:
    """Our variants under the policy ``trl``."""
    return Variants(variants_folder, "trl")


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
