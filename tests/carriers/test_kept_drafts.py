"""Drafts are drawn once: read again, they are those that were drawn."""

from pathlib import Path

import pytest

from rewriter.carriers import kept_drafts
from rewriter.carriers.kept_drafts import drafts_of
from rewriter.conversations.drafting import generated


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where drafts are kept: not among those of whoever runs the tests."""
    monkeypatch.setattr(kept_drafts, "cache_folder", lambda: tmp_path)
    return tmp_path / "drafts"


@pytest.fixture
def kept(folder: Path) -> Path:
    """The file of drafts that were drawn."""
    drafts_of(300, 5)
    (file,) = folder.glob("*.json")
    return file


@pytest.fixture
def none_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(examples: int, seed: int) -> None:
        raise AssertionError("they are drawn already")

    monkeypatch.setattr(kept_drafts, "generated", drawn)


def test_what_was_drawn_is_read_and_is_the_same_to_the_last_type(kept: Path, none_is_drawn):
    assert repr(drafts_of(300, 5)) == repr(generated(300, 5))


def test_drafts_of_another_seed_or_number_are_others(kept: Path):
    assert drafts_of(300, 6) == generated(300, 6)
    assert drafts_of(20, 5) == generated(20, 5)


def test_what_was_damaged_is_drawn_again(kept: Path):
    kept.write_bytes(kept.read_bytes().replace(b"user", b"abuser"))
    assert drafts_of(300, 5) == generated(300, 5)


def test_what_another_engine_has_drawn_is_not_read(kept: Path, monkeypatch):
    kept.write_text("nothing that this one could read")
    monkeypatch.setattr(kept_drafts, "engine", lambda: "another")
    assert drafts_of(300, 5) == generated(300, 5)
    assert kept.read_text() == "nothing that this one could read"


def test_where_nothing_can_be_kept_all_is_drawn(folder: Path):
    folder.write_text("no folder")
    assert drafts_of(20, 5) == generated(20, 5)
