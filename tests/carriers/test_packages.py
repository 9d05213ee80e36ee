"""Pinned packages: only what has the recorded SHA-256 is ever read."""

import importlib.metadata
import subprocess
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from rewriter.carriers import packages
from rewriter.carriers.packages import cache_folder, read_package
from rewriter.engine.families import Package
from rewriter.errors import BadInput

NAME = "rewriter-sample-templates"
ARCHIVE = "rewriter_sample_templates-1.0-py3-none-any.whl"
TEMPLATES = {"chat.jinja": b"{{ a }}\r\n\xe2\x80\xa6", "other.jinja": b""}
DIGESTS = {name: sha256(content).hexdigest() for name, content in TEMPLATES.items()}


def wheel(folder: Path, templates: Mapping[str, bytes] = TEMPLATES) -> Path:
    """A small wheel that pip accepts, with the templates in it."""
    folder.mkdir(exist_ok=True)
    metadata = "rewriter_sample_templates-1.0.dist-info"
    members = {f"sample/{name}": content for name, content in templates.items()}
    members[f"{metadata}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n".encode()
    )
    members[f"{metadata}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    members[f"{metadata}/RECORD"] = b""
    with zipfile.ZipFile(folder / ARCHIVE, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return folder / ARCHIVE


def pinned(archive: Path) -> Package:
    digest = sha256(archive.read_bytes()).hexdigest()
    return Package(name=NAME, version="1.0", archive=ARCHIVE, sha256=digest, folder="sample")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a pip that knows no index."""
    monkeypatch.setenv("REWRITER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("pip must not be asked")

    monkeypatch.setattr(subprocess, "run", refuse)


@pytest.mark.usefixtures("no_pip")
def test_a_cached_archive_is_read_without_pip(cache: Path):
    package = pinned(wheel(cache))
    texts = read_package(package, DIGESTS)
    assert texts == {"chat.jinja": "{{ a }}\r\n…", "other.jinja": ""}


@pytest.mark.usefixtures("no_pip")
def test_only_the_files_that_are_asked_for_are_read(cache: Path):
    package = pinned(wheel(cache))
    assert set(read_package(package, {"other.jinja": DIGESTS["other.jinja"]})) == {"other.jinja"}


@pytest.mark.usefixtures("no_pip", "cache")
def test_an_installed_package_is_used_if_every_file_is_the_pinned_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    package = pinned(wheel(tmp_path / "built"))
    install(tmp_path / "site", TEMPLATES, monkeypatch)
    assert read_package(package, DIGESTS)["chat.jinja"] == "{{ a }}\r\n…"


@pytest.mark.usefixtures("no_pip")
@pytest.mark.parametrize(
    "found",
    [{**TEMPLATES, "chat.jinja": b"{{ changed }}"}, {"chat.jinja": TEMPLATES["chat.jinja"]}],
)
def test_an_installed_package_with_another_or_a_missing_file_is_not_used(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: Mapping[str, bytes]
):
    package = pinned(wheel(cache))
    install(tmp_path / "site", found, monkeypatch)
    assert read_package(package, DIGESTS)["chat.jinja"] == "{{ a }}\r\n…"


def test_what_is_not_cached_is_fetched_by_pip_and_kept(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    built = wheel(tmp_path / "built")
    monkeypatch.setenv("PIP_FIND_LINKS", str(built.parent))
    assert read_package(pinned(built), DIGESTS)["other.jinja"] == ""
    assert [path.name for path in cache.iterdir()] == [ARCHIVE]
    assert (cache / ARCHIVE).read_bytes() == built.read_bytes()


def test_a_damaged_archive_in_the_cache_is_fetched_again(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    built = wheel(tmp_path / "built")
    cache.mkdir()
    (cache / ARCHIVE).write_bytes(built.read_bytes()[:100])
    monkeypatch.setenv("PIP_FIND_LINKS", str(built.parent))
    assert read_package(pinned(built), DIGESTS)["other.jinja"] == ""
    assert (cache / ARCHIVE).read_bytes() == built.read_bytes()


def test_a_fetched_archive_that_is_not_the_pinned_one_is_an_error_and_not_kept(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    package = pinned(wheel(tmp_path / "built"))
    wheel(tmp_path / "built", {"chat.jinja": b"another"})
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "built"))
    with pytest.raises(BadInput, match=r"pip fetched a .* that is not the pinned one"):
        read_package(package, DIGESTS)
    assert list(cache.iterdir()) == []


def test_without_network_and_cache_the_message_says_what_was_tried_and_what_to_do(
    cache: Path, tmp_path: Path
):
    package = pinned(wheel(tmp_path / "built"))
    with pytest.raises(BadInput) as caught:
        read_package(package, DIGESTS)
    assert caught.value.exit_code == 2
    assert "not installed as pinned" in caught.value.message
    assert f"{cache} has no sound {ARCHIVE}" in caught.value.message
    assert "No matching distribution found" in caught.value.message
    assert f"copy {ARCHIVE} to {cache}" in caught.value.hint


@pytest.mark.usefixtures("no_pip")
def test_a_file_that_the_archive_has_not_as_recorded_is_an_error(cache: Path):
    package = pinned(wheel(cache))
    with pytest.raises(BadInput, match=r"third\.jinja is not in this archive as recorded"):
        read_package(package, {**DIGESTS, "third.jinja": "0" * 64})


def test_a_cache_that_cannot_be_written_is_bad_input(tmp_path: Path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REWRITER_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(BadInput, match="cannot be created"):
        read_package(pinned(wheel(tmp_path / "built")), DIGESTS)


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("REWRITER_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "shared"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("REWRITER_CACHE")
    assert cache_folder() == tmp_path / "shared" / "chat-template-rewriter"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "chat-template-rewriter"


def install(site: Path, templates: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = site / "rewriter_sample_templates-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "sample").mkdir()
    for name, content in templates.items():
        (site / "sample" / name).write_bytes(content)
    found = importlib.metadata.PathDistribution(metadata)
    monkeypatch.setattr(packages, "distribution", lambda _: found)
