"""The tasks of ``rewriter regenerate`` for a folder of templates."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from rewriter.carriers.files import read_template
from rewriter.carriers.project import TABLE, Project, TemplateSettings, project_above
from rewriter.cli.batch import Task, verdict_of
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.options import Regenerating
from rewriter.errors import BadInput, RewriteError
from rewriter.limits import Limits
from rewriter.report.outcome import Outcome
from rewriter.rewriting.request import Request
from rewriter.tracing.fields import Fields

T = TypeVar("T")


def folder_work(
    folder: Path, settings: Regenerating, given: frozenset[str]
) -> tuple[list[Task], list[Outcome]]:
    """A task for each original in the folder, and an outcome for each that cannot be read.

    The command line wins over the settings of one template, those over the settings of all, and
    those over the default.

    Args:
        folder: where the originals are.
        settings: the options of the command line, or their defaults.
        given: the names of the options on the command line.

    Raises:
        BadInput: there is no such folder, no original in it, or the configuration is wrong.

    """
    if not folder.is_dir():
        hint = "`rewriter patch` takes single files"
        problem = "this is a file, not a folder" if folder.exists() else "no such folder"
        raise BadInput(problem, name=str(folder), hint=hint if folder.exists() else "")
    file, project = project_above(folder)
    names = project.naming.originals_in(folder)
    if not names:
        hint = f"originals are named like {project.originals!r}, but not like {project.variants!r}"
        raise BadInput("there is no original in this folder", name=str(folder), hint=hint)
    if file:
        _check_names(file, project, folder, names)
    planned = _Planned(folder, project, settings, given)
    tasks: list[Task] = []
    unread: list[Outcome] = []
    for name in names:
        if name in project.exclude:
            continue
        try:
            with reporting_bugs(str(folder / name)):
                tasks.append(planned.task(name))
        except RewriteError as error:
            unread.append(planned.unread(name, error))
    return tasks, unread


def _check_names(file: Path, project: Project, folder: Path, names: tuple[str, ...]) -> None:
    """Raise if a name is not an original's: a typo would silently select another recipe."""
    named = [(f"templates.{name}", name) for name in project.templates]
    named += [("exclude", name) for name in project.exclude]
    for key, name in named:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"originals: {project.originals!r}"
            message = f"{TABLE}.{key}: there is no original {name!r} in {folder}"
            raise BadInput(message, name=str(file), hint=hint)


@dataclass(frozen=True, slots=True)
class _Planned:
    folder: Path
    project: Project
    settings: Regenerating
    given: frozenset[str]

    def task(self, name: str) -> Task:
        """The task for one original; raises if it cannot be read."""
        own = self.project.templates.get(name, TemplateSettings())
        chosen, rest, first = self.settings, self.project, self._first
        header_comment = chosen["header_comment"]
        request = Request(
            read_template(self.folder / name),
            first("policy", chosen["policy"] or "strict", own.policy, rest.policy),
            family=own.family,
            transforms=own.transforms,
            goals=first("goals", chosen["goals"], own.goals, rest.goals),
            examples=first("examples", chosen["examples"], own.examples, rest.examples),
            seed=first("seed", chosen["seed"], own.seed, rest.seed),
            header_comment=first(
                "header_comment", header_comment, own.header_comment, rest.header_comment
            ),
            fields=Fields.of({**rest.fields, **own.fields, **chosen["fields"]}),
            empty_thoughts=first(
                "empty_thoughts", chosen["empty_thoughts"], own.empty_thoughts, rest.empty_thoughts
            ),
        )
        variant = rest.naming.variant_of(name)
        return Task(name, str(self.folder / name), variant, request, self._limits())

    def unread(self, name: str, error: RewriteError) -> Outcome:
        """The outcome for an original that cannot be read."""
        return Outcome(
            title=name,
            original=str(self.folder / name),
            file=self.project.naming.variant_of(name),
            source="",
            verdict=verdict_of(error),
            error=error,
            exit_code=error.exit_code,
        )

    def _first(self, option: str, default: T, *said: T | None) -> T:
        """The option if it was given, else the first other value that is set, else its default."""
        found = (each for each in said if each is not None)
        return default if option in self.given else next(found, default)

    def _limits(self) -> Limits:
        chosen = self.settings["limits"]
        return Limits(
            self._first("time_limit", chosen.seconds, self.project.time_limit),
            self._first("memory_limit", chosen.megabytes, self.project.memory_limit),
        )
