"""Released packages with templates in their files: fetched once, checked, never imported."""

import zipfile
from fnmatch import fnmatch

from rewriter.carriers import packages
from rewriter.engine.families import Package

UNSLOTH = Package(
    name="unsloth",
    version="2026.10.9",
    archive="unsloth-2026.10.9-py3-none-any.whl",
    sha256="feb40b99bc4f8c543a36cbd0fe6e1410d6e4ac16bd4d0c731f607adce3d63bb0",
    folder="unsloth",
)
AXOLOTL = Package(
    name="axolotl",
    version="0.19.0",
    archive="axolotl-0.19.0-py3-none-any.whl",
    sha256="f28eb3ad3709975eec4adfe13307dd980c7e7917cc43cb03f2c6f26c007135cc",
    folder="axolotl",
)


def members(package: Package, pattern: str) -> dict[str, bytes]:
    """The files of the package's archive whose paths fit the pattern."""
    packages._archived(package, {})  # what is in the archive is pinned by its own SHA-256
    with zipfile.ZipFile(packages.cache_folder() / package.archive) as archive:
        return {name: archive.read(name) for name in archive.namelist() if fnmatch(name, pattern)}
