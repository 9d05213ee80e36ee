"""The command line.

It may import every layer, and nothing imports it. Only click is imported at the top. Each command
is imported on demand, and imports what it needs when it runs, so that ``rewriter --version``
answers at once. Begin with `patch`. `options` has the options that commands share; `output` and
`streams` print their results.
"""

from __future__ import annotations

import os
from functools import partial
from importlib import import_module
from typing import Final, cast

import click

from rewriter import __version__
from rewriter.cli.exit_codes import reported

# The module of each command, in which the command has the same name, with `_` for `-`.
_COMMANDS: Final = {
    "audit": "audit",
    "docs": "docs",
    "families": "families",
    "lint": "lint",
    "new-family": "new_family",
    "patch": "patch",
    "propose": "propose",
    "regenerate": "regenerate",
    "serve": "unmark",
    "show": "show",
    "strip": "unmark",
    "transforms": "transforms",
    "verify": "verify",
}


class _Commands(click.Group):
    """Imports commands on demand, and shows their errors."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = import_module(f"rewriter.cli.{_COMMANDS[name]}")
        return cast("click.Command", getattr(module, name.replace("-", "_")))

    def invoke(self, ctx: click.Context) -> object:
        with reported():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the whole first sentence of each command's help, which click would cut to a line."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_sentence(each)) for name, each in commands if each])


def _first_sentence(command: click.Command) -> str:
    paragraph = " ".join((command.help or "").split("\n\n")[0].split())
    return f"{paragraph.split('. ')[0].rstrip('.')}."


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="rewriter")
@click.pass_context
def main(context: click.Context) -> None:
    """Rewrite Jinja chat templates into proven training variants.

    Exit codes: 0 done, or nothing to do; 1 --check or --diff found something to change, a
    verification failed, or lint or audit found something; 2 bad usage or bad input; 3 refused,
    since no rewrite could be proven; 70 a fault of rewriter itself, with what to report.
    """
    # Nothing here needs PyTorch, so silence transformers' warning that it is missing.
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from rewriter.confinement.processes import IS_OUR_OWN

    context.call_on_close(partial(IS_OUR_OWN.reset, IS_OUR_OWN.set(True)))
