"""``rewriter patch`` on a file that holds templates within text of another kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rewriter.cli.compare import would_change
from rewriter.cli.errors import show_error
from rewriter.cli.remembering import remember_original
from rewriter.cli.streams import STANDARD, say, write_output
from rewriter.cli.targets import Target
from rewriter.errors import RewriteError

if TYPE_CHECKING:
    from rewriter.carriers.carried import Carried, Carrier
    from rewriter.rewriting import Rewrite

    Results = Mapping[Carried, Rewrite]


def attempt_carried(
    each: Target,
    rewriting: Callable[[str], Rewrite],
    summary: Callable[[Rewrite], str],
    *,
    dry: bool,
    diff: bool,
) -> int:
    """Patch the templates in one file and return its exit code; one that fails stays as it is."""
    from rewriter.carriers.carrier import read_carrier

    try:
        carrier = read_carrier(each.source)
        if not carrier.templates:
            say(f"{each.source}: there is no chat template in it")
            return 0
        results, code = _results(carrier, rewriting, summary)
        if results:
            done = _would_change(each, carrier, results, diff=diff) if dry else False
            code = max(code, int(done))
            if not dry:
                _deliver(each, carrier, results)
    except RewriteError as error:
        show_error(error.named(str(each.source)))
        return error.exit_code
    return code


def _results(
    carrier: Carrier, rewriting: Callable[[str], Rewrite], summary: Callable[[Rewrite], str]
) -> tuple[Results, int]:
    """What became of each template, which is said, and the exit code of those that failed."""
    results: dict[Carried, Rewrite] = {}
    code = 0
    for template in carrier.templates:
        try:
            result = rewriting(template.text)
        except RewriteError as error:
            show_error(carrier.located(error, template))
            code = max(code, error.exit_code)
            continue
        done = summary(result) if result.template != result.source else "nothing to do"
        say(f"{carrier.title(template)}: {done}")
        results[template] = result
    return results, code


def _would_change(each: Target, carrier: Carrier, results: Results, *, diff: bool) -> bool:
    return would_change(
        each.target,
        _changed(carrier, results),
        original=carrier.text,
        name=str(each.source),
        diff=diff,
        encoding=carrier.encoding,
    )


def _deliver(each: Target, carrier: Carrier, results: Results) -> None:
    from rewriter.carriers.files import make_folder, write_bytes

    text = _changed(carrier, results)
    for result in results.values():
        remember_original(result.source, result.template, result.transforms)
    if each.target == STANDARD:
        write_output(text, carrier.encoding)
    elif text != carrier.text or each.target != each.source:
        make_folder(each.target.parent)
        write_bytes(each.target, text.encode(carrier.encoding))


def _changed(carrier: Carrier, results: Results) -> str:
    return carrier.with_edits({template: result.edits for template, result in results.items()})
