"""What the site takes from the project's data: the transforms, and whose each field is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rewriter.engine.transforms import Contract, Example, Transform, load_transforms
from rewriter.tracing.fields import field_list

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Append to a page what is generated for it."""
    generate = _GENERATED.get(page.file.src_uri)
    return markdown + "\n" + "\n".join(generate()) if generate else markdown


def transforms_page() -> Iterator[str]:
    """A section for each file in `transforms/`."""
    for transform in load_transforms():
        yield f"\n## `{transform.name}`\n\n{transform.summary}\n"
        if transform.hazard:
            yield f'!!! warning "Hazard"\n    {transform.hazard}\n'
        yield f"- **Goal:** `{transform.goal}`\n- **Promise:** {_promise(transform.contract)}"
        yield "- **Rules:**\n" + "\n".join(_rules(transform)) + "\n"
        for example in transform.examples:
            yield _example(example)


def fields_page() -> Iterator[str]:
    """Tables of the keys, types of blocks and variables on the list."""
    listed = field_list()
    yield _heading("Keys", "key", "stands in", "whose", "source")
    for key in listed.field:
        yield _row(key.names, "anywhere" if key.anywhere else key.within, key.whose, key.source)
    yield _heading("Types of blocks, calls and messages", "type", "whose", "source")
    for block in listed.block:
        whose = "as its keys say" if block.whose == "keys" else block.whose
        yield _row(block.types, whose, block.source)
    yield _heading("Variables", "variable", "whose", "source")
    for variable in listed.variable:
        whose = "as where it stands" if variable.whose == "token" else variable.whose
        yield _row(variable.names, whose, variable.source)


def _heading(title: str, *columns: str) -> str:
    return f"\n## {title}\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}"


def _row(names: Sequence[str], *cells: str) -> str:
    return f"| {', '.join(f'`{name}`' for name in names)} | {' | '.join(cells)} |"


def _promise(contract: Contract) -> str:
    exempt = f", except where `{contract.exempt}`" if contract.exempt else ""
    buys = f"; buys `{contract.buys}`" if contract.buys else ""
    return f"*{contract.relation}*{exempt}{buys}"


def _rules(transform: Transform) -> Iterator[str]:
    for rule in transform.rules:
        yield f"    - `{rule.verb}`: {rule.reason}"


def _example(example: Example) -> str:
    texts = {"Before": example.before, "After": example.after}
    shown = "\n".join(_fenced(title, text) for title, text in texts.items() if text is not None)
    return f'??? example "{example.title}"\n{shown}'


def _fenced(title: str, text: str) -> str:
    lines = [f'```jinja title="{title}"', *text.strip("\n").splitlines(), "```", ""]
    return "\n".join(f"    {line}" if line else "" for line in lines)


_GENERATED: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "reference/transforms.md": transforms_page,
    "reference/fields.md": fields_page,
}
