"""Drafts of conversations, drawn by Hypothesis."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

from rewriter.conversations.draft import Draft
from rewriter.conversations.shipped_drafts import are_shipped, shipped_drafts
from rewriter.conversations.strategies import drafts


def generated(examples: int, seed: int) -> tuple[Draft, ...]:
    """The drafts of a seed, which serve all templates."""
    if are_shipped(examples, seed):
        return shipped_drafts()[:examples]
    return drawn(examples, seed)


@cache
def drawn(examples: int, seed: int) -> tuple[Draft, ...]:
    """The drafts that the installed Hypothesis draws for a seed."""
    from hypothesis.errors import HypothesisWarning

    # Within a test of the caller's, Hypothesis would refuse to nest another in the same thread, and
    # warn of any recursion limit but its own.
    with _nothing_left_after(), warnings.catch_warnings(), ThreadPoolExecutor(1) as thread:
        warnings.simplefilter("ignore", HypothesisWarning)
        return thread.submit(_drawn, examples, seed).result()


def _drawn(examples: int, seed: int) -> tuple[Draft, ...]:
    from hypothesis import HealthCheck, Phase, Verbosity, given, settings
    from hypothesis import seed as seeded

    found: list[Draft] = []

    # Set everything that the environment or a Hypothesis profile could change.
    @seeded(seed)
    @settings(
        max_examples=examples,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        suppress_health_check=tuple(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(drafts())
    def collect(draft: Draft) -> None:
        found.append(draft)

    collect()
    return tuple(found)


@contextmanager
def _nothing_left_after() -> Iterator[None]:
    """Keep Hypothesis' cache out of the user's working directory."""
    from hypothesis.configuration import set_hypothesis_home_dir, storage_directory

    where: Any = storage_directory(intent_to_write=False)
    # The folder itself, since Hypothesis offers no better setting.
    home = getattr(where, "home_directory", where)
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(home)
