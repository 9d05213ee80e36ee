"""Titles listed in a sentence: one more is put in, in order."""

import pytest

from rewriter.carriers.listing import with_title
from rewriter.engine.registry import Listing
from rewriter.errors import BadInput
from rewriter.source.edits import apply

NAME = "page.md"
LISTING = Listing(opens="Now", closes="are known.", instead="See below.")


def added(text: str, title: str, listing: Listing = LISTING, width: int | None = None) -> str:
    return apply(text, with_title(text, (0, len(text)), listing, title, NAME, width=width))


@pytest.mark.parametrize(
    ("listed", "title"),
    [
        ("Alpha and Beta", "Beta"),
        ("Alpha, Beta, and Gamma", "beta"),
        ("Alpha, Model 3 / 3.1 / 3.2, and Zeta", "Model 3.1"),
        ("Alpha, Model 3\nLarge, and Zeta", "Model 3 Large"),
        ("Gemma, Gemma 2, Zeta", "Gemma, Gemma 2"),
        ("Alpha, Beta (the small one), Gamma", "Beta"),
        ("Alpha, Beta-2, Gamma", "Beta 2"),
    ],
)
def test_a_title_that_is_listed_changes_nothing(listed: str, title: str):
    text = f"Now {listed} are known."
    assert added(text, title) == text


def test_a_text_that_says_where_the_list_is_needs_none():
    assert added("See\nbelow.", "Beta") == "See\nbelow."


@pytest.mark.parametrize(
    ("listed", "title", "expected"),
    [
        ("Beta", "Alpha", "Alpha and Beta"),
        ("Beta", "Gamma", "Beta and Gamma"),
        ("Beta and Delta", "Alpha", "Alpha, Beta and Delta"),
        ("Beta, and Delta", "Carbon", "Beta, Carbon, and Delta"),
        ("Beta, and Delta", "Epsilon", "Beta, Delta, and Epsilon"),
        ("Beta, Delta", "Carbon", "Beta, Carbon, Delta"),
        ("Beta, Delta", "Epsilon", "Beta, Delta, Epsilon"),
        ("Model 2, Model 10, and Other", "Model 3", "Model 2, Model 3, Model 10, and Other"),
        ("Beta (old, and\nnew), Delta, Eta", "Carbon", "Beta (old, and\nnew), Carbon, Delta, Eta"),
        ("Model 3 / 3.1 and Other", "Model 3.2", "Model 3 / 3.1, Model 3.2 and Other"),
        ("Alpha, Gemma, and Zeta", "Gemma, Gemma 2", "Alpha, Gemma, Gemma, Gemma 2, and Zeta"),
    ],
)
def test_a_title_is_put_in_where_it_comes_in_order(listed: str, title: str, expected: str):
    text = f"Before. Now {listed} are known. And more."
    changed = added(text, title)
    assert changed == f"Before. Now {expected} are known. And more."
    assert added(changed, title) == changed


def test_a_list_may_end_with_its_sentence():
    listing = Listing(opens="These are known:", closes=".")
    text = "These are known: Model 2.5, Other.\n\nMore."
    assert (
        added(text, "Model 3.5", listing)
        == "These are known: Model 2.5, Model 3.5, Other.\n\nMore."
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_line_that_gets_too_wide_is_filled_again_and_no_other(newline: str):
    lines = [
        "    Untouched words that could well be filled",
        "    again.",
        "",
        "    Before this line ends there is a word.",
        "    Now Alpha, Beta, Delta, Epsilon, Zeta,",
        "    and Nu are known. They are what they",
        "    are.",
        "",
        "    More.",
        "    ",
    ]
    text = newline.join(lines)
    changed = added(text, "Carbon", width=45).split(newline)
    assert changed[:4] == lines[:4]
    assert changed[-3:] == lines[-3:]
    assert max(map(len, changed)) <= 45
    assert " ".join(changed).replace(" Carbon,", "").split() == text.split()
    assert all(line.startswith("    ") for line in changed[4:-3])


def test_a_missing_list_is_refused_with_its_place():
    with pytest.raises(BadInput, match=r"no list 'Now' … 'are known\.' is here") as caught:
        added("Then Alpha and Beta are known.", "Gamma")
    assert (caught.value.name, caught.value.line) == (NAME, 1)


def test_a_list_does_not_go_on_in_the_next_paragraph():
    with pytest.raises(BadInput, match="no list"):
        added("Now that is that.\n\nAlpha and Beta are known.", "Gamma")
