"""Learn the text that ends the assistant's plain turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rewriter.verification.by_rendering.learned import Learned
from rewriter.verification.by_rendering.messages import PLAIN
from rewriter.verification.by_rendering.pieces import first_run, has_words, to_last_token
from rewriter.verification.by_rendering.reading import Reading
from rewriter.verification.by_rendering.turn_end import Ending, ending_of


def with_stop(known: Learned, readings: Sequence[Reading]) -> Learned:
    """The text that ends plain turns, if most of them agree."""
    stops: Counter[str] = Counter()
    for reading in readings:
        for turn in () if reading.is_long else reading.turns:
            if turn.kind == PLAIN:
                ending = ending_of(reading, turn, known)
                flags = reading.scene.conversation.flags
                eos, bos = (str(flags.get(name, "")) for name in ("eos_token", "bos_token"))
                stop = _stop(ending, known, eos, bos) if ending else ""
                if stop:
                    stops[stop] += 1
    return replace(known, stop=stops.most_common(1)[0][0]) if stops else known


def _stop(ending: Ending, known: Learned, eos: str, bos: str) -> str:
    closing = ending.text[: ending.closing or ending.late]
    # What begins texts may stand after what ends a turn.
    bare = closing.rstrip().removesuffix(bos) if bos else closing
    closing = bare if bare.strip() else closing
    closing = closing[known.framed(closing) :]
    runs = closing.split()
    if not runs or has_words(closing[: first_run(closing)[1]]):
        return ""
    given = [run for run in runs if eos and eos in run]
    shared = [run for run in runs if run in known.tail]
    return to_last_token((given or shared or runs)[0])
