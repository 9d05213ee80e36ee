"""Why mutants that never differ from their parent do not."""

from __future__ import annotations

from tests.mutations.running import Result


def reason_for(result: Result) -> str:
    """The reason."""
    return result.operator
