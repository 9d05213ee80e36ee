"""What verification finds in hand-written training variants: the raw half of `docs/findings-*.md`.

Run `python benchmarks/findings.py [--catalog NAME] [--examples N] [--seed N] [FAMILY…]`. Each
`x_training.jinja` of the catalog is judged beside `x.jinja`:

- by text that is to be equal, and a mask with the edges of the policy `trl`;
- where its authors say that they changed the text, by what they say instead (`DECLARED`);
- by the edges of the policy `strict`, of which only what `trl` lets pass is shown.

What of it is a fault, and what a matter of policy, is for a person to say.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rewriter.carriers.packages import read_package
from rewriter.engine.families import load_catalog
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named
from rewriter.rewriting.promises import promised
from rewriter.turns.parts import Policy
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL, Contract, differs
from rewriter.verification.report import Failure, Report

TRAINING: Final = "_training.jinja"
# Which of our transforms change the text as the authors say that they changed it.
DECLARED: Final[Mapping[str, tuple[str, ...]]] = {
    "deepseekv3": ("tojson-tool-arguments",),
    "qwen3": ("drop-loop-last-conditionals",),
    "qwen3_5_nothink": ("drop-loop-last-conditionals",),
    "qwen3_5_think": ("drop-loop-last-conditionals",),
    "qwen3_6": ("drop-loop-last-conditionals",),
    "qwen3_8": ("drop-loop-last-conditionals",),
}
# Or on which messages they say that it differs, where none of ours does.
EXCEPTING: Final[Mapping[str, str]] = {"deepseek_r1_distill": "'</think>' in text"}


def names_of(catalog: str) -> list[str]:
    """The originals of which somebody wrote a variant by hand."""
    files = load_catalog(catalog).files()
    return sorted(name.removesuffix(TRAINING) for name in files if name.endswith(TRAINING))


def declared(name: str, original: str) -> Contract | None:
    """What the authors of a variant say of its text, where it is not that it is the same."""
    if name in EXCEPTING:
        return differs(excepting=EXCEPTING[name])
    if name not in DECLARED:
        return None
    recipe = [transform_named(transform) for transform in DECLARED[name]]
    return promised(Subject(original, "trl"), recipe)


def compact(conversation: Mapping[str, Any]) -> str:
    """A conversation in one line: who says what, with their calls, and what else is set."""
    turns = [" ".join(_said(message)) for message in conversation["messages"]]
    rest = {name: value for name, value in conversation.items() if name != "messages"}
    if rest.pop("add_generation_prompt", False):
        turns.append("(prompt)")
    turns += [f"({name}={json.dumps(value)})" for name, value in rest.items()]
    return " · ".join(turns)


def _said(message: Mapping[str, Any]) -> Iterator[str]:
    yield str(message["role"])
    for name, value in message.items():
        # Some conversations hold what no call is.
        if name == "tool_calls" and all(isinstance(call, dict) for call in value):
            for call in value:
                function = call.get("function", call)
                arguments = json.dumps(function.get("arguments"), ensure_ascii=False)
                yield f"→ {function.get('name')}({arguments})"
        elif name == "content":
            yield "nothing" if value is None else json.dumps(value, ensure_ascii=False)
        elif name != "role":
            yield f"{name}={json.dumps(value, ensure_ascii=False)}"


def _lines(failures: Iterable[Failure]) -> Iterator[str]:
    for failure in failures:
        where = f"line {failure.place.line}:{failure.place.column}" if failure.place else "—"
        yield f"    {failure.promise} | {where} | {compact(failure.conversation)}"


def _shown(title: str, report: Report, failures: Iterable[Failure]) -> None:
    found = list(_lines(failures))
    verdict = f"{len(found)} found" if found else "holds"
    print(f"  {title}: {verdict}, on {report.conversations} conversations")
    print(*found, sep="\n" if found else "", end="\n" if found else "")


def main(catalog: str, names: Iterable[str], examples: int, seed: int) -> None:
    """Print what is found, variant by variant."""

    def report(contract: Contract, policy: Policy) -> Report:
        return verify_pair(original, variant, contract, policy, examples=examples, seed=seed)

    package = load_catalog(catalog)
    texts = read_package(package.package, package.files())
    for name in names or names_of(catalog):
        original, variant = texts[f"{name}.jinja"], texts[f"{name}{TRAINING}"]
        print(name)
        equal = report(EQUAL, "trl")
        _shown("equal, trl", equal, equal.failures)
        contract = declared(name, original)
        if contract:
            found = report(contract, "trl")
            _shown("as declared, trl", found, found.failures)
        strict = report(contract or EQUAL, "strict")
        known = {failure.promise for failure in equal.failures}
        _shown("strict besides", strict, (f for f in strict.failures if f.promise not in known))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("family", nargs="*")
    parser.add_argument("--catalog", default="trl-1.16.0")
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    main(given.catalog, given.family, given.examples, given.seed)
