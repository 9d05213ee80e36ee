"""The page of a picture: whole, harmless whatever a template holds, and loading nothing."""

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser

import pytest

import rewriter
from rewriter.errors import Place, Reason, Refused
from rewriter.picture.drawing import drawn, picture_of_error
from rewriter.picture.picture import Picture
from rewriter.report.page.page import page
from rewriter.report.page.source_rows import source_rows
from rewriter.report.page.span_numbers import in_original, numbered
from rewriter.report.shown import Shown
from rewriter.rewriting.request import Request
from rewriter.tracing.conversation import Conversation
from tests.tokens.offline_tokenizers import byte_level_crossing
from tests.verification.chatml import ORIGINAL, VARIANT

CHAT = (
    {"role": "user", "content": "<script>alert(1)</script>{{ 7 * 7 }}"},
    {"role": "assistant", "content": "This.", "reasoning_content": "Hm."},
)


@cache
def picture(source: str = ORIGINAL) -> Picture:
    request = Request(source, "strict", verify=False)
    return drawn(request, "<b>&chat.jinja", [Conversation(CHAT)])


class Read(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        if tag == "a":
            self.links.append(given["href"])
        else:
            self.loaded += [given[name] for name in ("src", "href") if name in given]


def test_the_account_says_line_or_lines_as_there_are_one_or_several():
    source = ORIGINAL.replace("{%- if add", "{%- if true %}a{%- endif %}\n{%- if add")
    found = drawn(Request(source, "strict"), "chat.jinja", [Conversation(CHAT)])
    told = set(re.findall(r"behind the (tests? of lines?) (\d+(?:, \d+)*)", page(found)))
    assert {words for words, lines in told if "," not in lines} == {"test of line"}
    assert {words for words, lines in told if "," in lines} == {"tests of lines"}


def test_nothing_that_a_template_or_a_message_holds_becomes_part_of_the_page():
    read = Read(page(picture()))
    assert read.tags["script"] == 1
    assert "49" not in re.findall(
        r"\b49\b", page(picture()).split("<main>")[1].split("<script>")[0]
    )
    assert "<b>&chat" not in page(picture())


def test_nothing_is_loaded_from_anywhere():
    text = page(picture())
    assert Read(text).loaded == ["data:,"]
    assert not re.search(r"url\(|@import|https?:", text)


@pytest.mark.parametrize("source", [ORIGINAL, VARIANT])
def test_every_link_leads_to_a_place_on_the_page_that_is_there_once(source):
    read = Read(page(picture(source)))
    assert [each for each, count in Counter(read.ids).items() if count > 1] == []
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)


def test_the_rows_hold_both_texts_whole():
    rows = source_rows(picture())
    sides = [[row.original for row in rows], [row.variant for row in rows]]
    texts = [
        "".join(segment.text for line in side if line for segment in line.segments)
        for side in sides
    ]
    assert texts == [picture().source, picture().template]


def test_lines_that_no_edit_touches_stand_side_by_side():
    same = [row for row in source_rows(picture()) if not row.is_changed]
    assert len(same) > 20
    for row in same:
        texts = ["".join(s.text for s in line.segments) for line in (row.original, row.variant)]
        assert texts[0] == texts[1]


def test_a_span_that_no_edit_touches_stands_in_the_original_too():
    found = picture()
    variant = {number: span.of(found.template) for span, number in numbered(found).items()}
    mapped = in_original(numbered(found), found.source, found.edits)
    whole = [(span.of(found.source), variant[number]) for span, number in mapped]
    whole = [(one, other) for one, other in whole if len(one) == len(other)]
    assert len(whole) > 10
    assert all(one == other for one, other in whole)


def test_a_refusal_has_its_reason_its_place_and_what_was_tried():
    error = Refused(
        "it cannot be told <apart>",
        reason=Reason.MIXED,
        place=Place.at(ORIGINAL, ORIGINAL.index("said")),
        hint="tell it apart",
    )
    error.tried = ("first-plan: it is mixed", "second-plan: it is mixed")
    text = page(picture_of_error(Request(ORIGINAL, "strict"), "chat.jinja", error))
    assert "it cannot be told &lt;apart&gt;" in text
    assert 'href="#v2"' in text
    assert text.count("it is mixed") == 1
    assert "first-plan" in text
    assert 's block bad"' in text


def test_half_of_a_character_and_control_characters_are_shown_as_signs():
    odd = drawn(
        Request(ORIGINAL, "strict", verify=False),
        "chat.jinja",
        [Conversation(({"role": "user", "content": "\ud800 \x00 \x1b"},))],
    )
    assert not {"\ud800", "\x00", "\x1b"} & {*page(odd)}


def test_a_notebook_gets_the_page_in_a_frame_of_its_own():
    frame = Shown(picture())._repr_html_()
    read = Read(frame)
    assert read.tags == Counter({"iframe": 1})
    assert 'title="rewriter: &lt;b&gt;&amp;chat.jinja"' in frame


def test_each_token_begins_with_an_element_of_its_own_and_one_that_is_cut_is_marked():
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    shown = rewriter.show(byte_level_crossing(ORIGINAL), chat, verify=False, limits=None)
    (conversation,) = shown.picture.conversations
    assert shown.html.count('<i class="k') == len(conversation.tokens)
    # The header's line break, and the letter after it.
    assert shown.html.count(' x">') == 2
