"""What the tests of the command share: a way to run it, and a rewriting that needs no engine."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import rewriter
from rewriter.carriers.packages import read_package
from rewriter.cli import main
from rewriter.engine.families import family_named, load_catalog
from rewriter.errors import Refused
from rewriter.rewriting.result import Rewrite
from rewriter.source.edits import Edit
from tests.cli.registries import SMALL

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Run the command in this process; nothing but an exit code may come out of it."""

    def invoke(*arguments: object, stdin: bytes | None = None) -> Result:
        result = CliRunner().invoke(main, [str(each) for each in arguments], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.stderr
        return result

    return invoke


@pytest.fixture
def original(tmp_path: Path) -> Callable[[str], Path]:
    """The original of a family, as a file."""

    def written(name: str) -> Path:
        family = family_named(name)
        package = load_catalog("trl-1.4.0").package
        texts = read_package(package, {family.file: family.sha256})
        path = tmp_path / family.file
        path.write_bytes(texts[family.file].encode())
        return path

    return written


def appended(source: str, *, name: str = "<template>", **options: Any) -> Rewrite:
    """Stands in for the engine: appends a mark, once; ``refuse`` in the source is refused."""
    if "refuse" in source:
        raise Refused("this cannot be rewritten", name=name)
    done = source.endswith("|marked")
    place = len(source)
    edit = Edit(place, place, "|marked", "wrap-assistant-output", "so that there is one")
    return Rewrite(
        source=source,
        template=source if done else source + "|marked",
        transforms=() if done else ("wrap-assistant-output",),
        edits=() if done else (edit,),
        family=None,
        policy=options.get("policy", "strict"),
        report=None,
        proof="none",
    )


@pytest.fixture(autouse=True)
def originals(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where originals, proofs and drafts are kept: not among those of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("rewriter.carriers.originals.cache_folder", lambda: folder)
    monkeypatch.setattr("rewriter.carriers.kept_proofs.cache_folder", lambda: folder)
    monkeypatch.setattr("rewriter.carriers.kept_drafts.cache_folder", lambda: folder)
    return folder / "originals"


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command alone, with ``appended`` in place of the engine."""

    def confined(work: partial[Rewrite], _limits: object) -> Rewrite:
        (asked,) = work.args
        return appended(asked.source, policy=asked.policy)

    monkeypatch.setattr("rewriter.cli.batch.confined", confined)
    monkeypatch.setattr("rewriter.api.rewrite", appended)


@pytest.fixture
def engine_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine, which gives again what it has given for the same: what is around it is tested."""
    for name, work in ONCE.items():
        monkeypatch.setattr(f"rewriter.api.{name}", work)


def once(work: Callable[..., Any]) -> Callable[..., Any]:
    done: dict[str, Any] = {}

    def given(*texts: str, name: object = None, names: object = None, **settings: Any) -> Any:
        # Only errors tell a file's name, and an error is not kept.
        named = {"name": name} if name else {"names": names} if names else {}
        asked = repr((texts, sorted(settings.items())))
        if asked not in done:
            done[asked] = work(*texts, **named, **settings)
        return done[asked]

    return given


ONCE = {
    "rewrite": once(rewriter.rewrite),
    "verify": once(rewriter.verify),
    "verify_marked": once(rewriter.verify_marked),
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository that is laid out as trl is."""
    folder = tmp_path / "small"
    for name, text in SMALL.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template that nobody knows."""
    path = tmp_path / "mine.jinja"
    path.write_text("{{ messages }}")
    return path
