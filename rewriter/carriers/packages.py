"""Read templates from a released package: installed, in our cache, or fetched by pip.

A file is read only if its SHA-256 is as recorded, and the package is neither imported nor unpacked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from hashlib import file_digest, sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from rewriter.carriers.files import decoded, make_folder
from rewriter.carriers.temporary import sweep, temporary_folder
from rewriter.engine.families import Package
from rewriter.errors import BadInput


def read_package(package: Package, files: Mapping[str, str]) -> dict[str, str]:
    """The text of each of the package's ``files``.

    Args:
        package: the package, pinned to one archive.
        files: names within the package's folder, each with its SHA-256.

    Raises:
        BadInput: the package is neither installed nor cached and cannot be fetched, or the archive
            that was fetched is not the pinned one.

    """
    contents = _installed(package, files) or _archived(package, files)
    return {name: decoded(content, name) for name, content in contents.items()}


def cache_folder() -> Path:
    """Where fetched archives are kept: ``$REWRITER_CACHE``, else the user's cache folder."""
    if own := os.environ.get("REWRITER_CACHE"):
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "chat-template-rewriter"


def _installed(package: Package, files: Mapping[str, str]) -> dict[str, bytes] | None:
    """The files of the installed distribution, if every one of them is the pinned one."""
    try:
        found = distribution(package.name)
        contents = {name: _member(found, package, name) for name in files}
    except (PackageNotFoundError, OSError):
        return None
    return contents if _changed(contents, files) is None else None


def _member(distribution: Distribution, package: Package, name: str) -> bytes:
    return Path(str(distribution.locate_file(f"{package.folder}/{name}"))).read_bytes()


def _archived(package: Package, files: Mapping[str, str]) -> dict[str, bytes]:
    archive = cache_folder() / package.archive
    if not _is_pinned(archive, package):
        _fetch(package, archive)
    with zipfile.ZipFile(archive) as members:
        held = set(members.namelist())
        contents = {
            name: members.read(path)
            for name in files
            if (path := f"{package.folder}/{name}") in held
        }
    if wrong := _changed(contents, files):
        hint = "the file names or SHA-256 in the catalog differ from those of the archive"
        raise BadInput(f"{wrong} is not in this archive as recorded", name=str(archive), hint=hint)
    return contents


def _changed(contents: Mapping[str, bytes], files: Mapping[str, str]) -> str | None:
    """The first of the files that is missing or differs from its SHA-256."""
    return next(
        (name for name, digest in files.items() if _sha256(contents.get(name)) != digest), None
    )


def _sha256(content: bytes | None) -> str | None:
    return None if content is None else sha256(content).hexdigest()


def _is_pinned(archive: Path, package: Package) -> bool:
    if not archive.is_file():
        return False
    with archive.open("rb") as content:
        return file_digest(content, "sha256").hexdigest() == package.sha256


def _fetch(package: Package, archive: Path) -> None:
    """Download the archive with pip, check its SHA-256, and move it into the cache."""
    make_folder(archive.parent)
    try:
        sweep(archive.parent)
        with temporary_folder(archive.parent) as folder:
            fetched = _downloaded(package, folder)
            if not _is_pinned(fetched, package):
                message = f"pip fetched a {package.archive} that is not the pinned one"
                hint = f"its SHA-256 should be {package.sha256}; check the index that pip uses"
                raise BadInput(message, name=_pin(package), hint=hint)
            fetched.replace(archive)
    except OSError as error:
        hint = "set REWRITER_CACHE to a folder that you can write to"
        message = f"the cache cannot be written: {error.strerror}"
        raise BadInput(message, name=str(archive.parent), hint=hint) from error


def _downloaded(package: Package, folder: Path) -> Path:
    # -P: do not run a pip.py from the working directory.
    command = [sys.executable, "-P", "-m", "pip", "download", _pin(package)]
    # Only wheels: pip runs code from a source archive to inspect it.
    command += ["--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    command += ["--quiet", "--no-input", "--disable-pip-version-check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise BadInput(_failure(package, run.stderr), name=_pin(package), hint=_advice(package))
    return folder / package.archive


def _pin(package: Package) -> str:
    return f"{package.name}=={package.version}"


def _failure(package: Package, log: str) -> str:
    errors = [line for line in log.splitlines() if line.startswith("ERROR:")]
    reason = errors[-1].removeprefix("ERROR: ") if errors else "pip gave no reason"
    return (
        "the templates of this package are not available: "
        f"it is not installed as pinned, {cache_folder()} has no sound {package.archive}, "
        f"and pip could not fetch it ({reason})"
    )


def _advice(package: Package) -> str:
    return (
        f"run this once with a network, or copy {package.archive} to {cache_folder()} "
        "(or set REWRITER_CACHE to the folder that has it)"
    )
