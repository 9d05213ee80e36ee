"""Messages as SARIF 2.1.0, for code scanning and editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/. Only what a message needs is modelled: `sarif-om`
has not been updated since 2019, and we would use a tenth of any library's full model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, PositiveInt
from pydantic.alias_generators import to_camel

from rewriter.report.message import KINDS, Level, Message

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


class _Object(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Text(_Object):
    """A message for people."""

    text: str


class ArtifactLocation(_Object):
    """A file, relative to the root of the sources."""

    uri: str


class Region(_Object):
    """A place in a file; columns count characters."""

    start_line: PositiveInt
    start_column: PositiveInt


class PhysicalLocation(_Object):
    """A file, and a place in it."""

    artifact_location: ArtifactLocation
    region: Region | None = None


class Location(_Object):
    """The location of a result."""

    physical_location: PhysicalLocation


class Rule(_Object):
    """A kind of result."""

    id: str
    short_description: Text
    help: Text | None = None


class Result(_Object):
    """One message."""

    rule_id: str
    level: Level
    message: Text
    locations: tuple[Location, ...]


class Driver(_Object):
    """The program."""

    name: str
    version: str
    rules: tuple[Rule, ...]


class Tool(_Object):
    """The tool that made the run."""

    driver: Driver


class Run(_Object):
    """One run of the program."""

    tool: Tool
    results: tuple[Result, ...]
    column_kind: Literal["unicodeCodePoints"] = "unicodeCodePoints"


class Log(_Object):
    """The whole file."""

    schema_: str = Field(default=_SCHEMA, alias="$schema")
    version: Literal["2.1.0"] = "2.1.0"
    runs: tuple[Run, ...]


def sarif(messages: Sequence[Message], version: str) -> str:
    """The messages as a SARIF log of one run by this ``version``."""
    kinds = dict.fromkeys(message.kind for message in messages)
    rules = tuple(_rule(kind) for kind in kinds)
    driver = Driver(name="rewriter", version=version, rules=rules)
    run = Run(tool=Tool(driver=driver), results=tuple(_result(each) for each in messages))
    return Log(runs=(run,)).model_dump_json(by_alias=True, exclude_none=True, indent=2) + "\n"


def _rule(kind: str) -> Rule:
    if kind in KINDS:
        return Rule(id=kind, short_description=Text(text=KINDS[kind]))
    page = f"docs/reference/notices.md#{kind.lower()}"
    return Rule(
        id=kind,
        short_description=Text(text="Something to know before training."),
        help=Text(text=f"Its cause and its cure are in rewriter's documentation, in {page}."),
    )


def _result(message: Message) -> Result:
    text = f"{message.message}\n{message.hint}" if message.hint else message.message
    return Result(
        rule_id=message.kind,
        level=message.level,
        message=Text(text=text),
        locations=(_location(message),) if message.path else (),
    )


def _location(message: Message) -> Location:
    path, place = Path(message.path), message.place
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    region = Region(start_line=place.line, start_column=place.column) if place else None
    return Location(
        physical_location=PhysicalLocation(
            artifact_location=ArtifactLocation(uri=uri), region=region
        )
    )
