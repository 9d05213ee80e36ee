"""The index of a batch's pages: the outcome for each template, with a small picture."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from rewriter.picture.picture import GENERATED, Part, Picture, Share
from rewriter.report.explanation import PROOFS
from rewriter.report.outcome import Outcome
from rewriter.report.page.page import environment, own_file
from rewriter.report.page.turns import PageTurn, turns
from rewriter.source.digest import digest_of

# The most characters of a turn to show: a few lines.
_SHOWN: Final = 600


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """A run of printed characters that are alike; ``heard`` describes them to screen readers."""

    text: str
    part: Part
    trained: bool
    heard: str


@dataclass(frozen=True, slots=True)
class IndexPicture:
    """What the index shows of a template.

    Attributes:
        link: the address of its page, relative to the index.
        policy: where the mask's edges lie.
        proof: how the variant is proven, in words; empty if there is no variant.
        share: how much of the printed text is trained, by part.
        turn: the beginning of the turn with the most kinds of text.

    """

    link: str
    policy: str
    proof: str
    share: Share
    turn: tuple[_Excerpt, ...]


def index_picture(picture: Picture, file: str) -> IndexPicture:
    """The index entry of a picture whose page is ``file``."""
    return IndexPicture(
        quote(file.encode(errors="replace")),
        picture.policy,
        PROOFS[picture.proof] if picture.edits else "",
        picture.share,
        tuple(_turn(picture)),
    )


def index_page(title: str, entries: Sequence[tuple[Outcome, IndexPicture | None]]) -> str:
    """The page as HTML; it loads nothing from anywhere else, and is the same each time.

    Args:
        title: the batch's name.
        entries: the outcome for each template, in order, with its index entry.

    """
    found = [picture.share for _, picture in entries if picture]
    printed = {part for share in found for part, _, _ in share.parts}
    given = {
        "title": title,
        "families": [_Family(*each) for each in entries],
        "verdicts": Counter(outcome.verdict for outcome, _ in entries).most_common(),
        "parts": [part for part in Part if part in printed],
        "generated": GENERATED,
        "style": own_file("page.css") + own_file("index.css"),
        "script": own_file("theme.js"),
    }
    return environment().get_template("index.html.jinja").render(given)


@dataclass(frozen=True, slots=True)
class _Family:
    outcome: Outcome
    picture: IndexPicture | None

    @property
    def state(self) -> str:
        """``bad`` if there is no variant, ``changed`` if a file is out of date."""
        if self.outcome.error:
            return "bad"
        return "changed" if self.outcome.exit_code else "good"

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of the original and of the variant, as a catalog records them."""
        texts = {"Original": self.outcome.source, "Variant": self.outcome.template}
        return {name: digest_of(text) for name, text in texts.items() if text}


def _turn(picture: Picture) -> Iterator[_Excerpt]:
    """The first of the turns with the most kinds of text that a model writes."""
    shown = [turn for each in picture.conversations for turn in turns(each, defaultdict(int))]
    if not shown:
        return
    left = _SHOWN
    for piece in max(shown, key=_kinds).pieces:
        text = "".join(each.text for each in piece.texts)
        cut = text if len(text) <= left else f"{text[:left]}…"
        yield _Excerpt(cut, piece.part, piece.trained, piece.heard)
        left -= len(text)
        if left <= 0:
            return


def _kinds(turn: PageTurn) -> int:
    return len({each.part for each in turn.pieces if each.part in GENERATED})
