"""The index of a batch's pages: every template in order, with its links, hashes and reasons."""

import re
from collections import Counter
from hashlib import sha256

from rewriter.errors import Place, Refused
from rewriter.report.outcome import Outcome
from rewriter.report.page.index_page import index_page, index_picture
from rewriter.verification.notices import Notice, NoticeId
from tests.report.test_page import Read, picture

DONE = Outcome(
    "<b>&chat",
    "chat.jinja",
    "chat_training.jinja",
    picture().source,
    "verified",
    template=picture().template,
    transforms=picture().transforms,
    edits=len(picture().edits),
    notices=(Notice(NoticeId.NO_CALLS, "<i>calls</i> are not printed"),),
)
REFUSED = Outcome(
    "other",
    "other.jinja",
    "other_training.jinja",
    "{{ messages }}",
    "refused",
    error=Refused("nothing <u>here</u> is known", place=Place.at("{{ messages }}", 3)),
    exit_code=3,
)
FILE = "chat training.jinja.html"


def shown() -> str:
    return index_page("trl", [(DONE, index_picture(picture(), FILE)), (REFUSED, None)])


def test_nothing_that_a_template_or_a_message_holds_becomes_part_of_the_page():
    read = Read(shown())
    assert read.tags["script"] == 1
    assert not read.tags["u"] + read.tags["i"]
    assert "<b>&chat" not in shown()


def test_nothing_is_loaded_from_anywhere_and_links_lead_to_the_pages():
    read = Read(shown())
    assert read.loaded == ["data:,"]
    assert not re.search(r"url\(|@import|https?:", shown())
    assert read.links == ["#families", "chat%20training.jinja.html"]


def test_every_id_is_there_once_and_every_label_leads_to_one():
    ids = Read(shown()).ids
    assert [each for each, count in Counter(ids).items() if count > 1] == []
    assert {*re.findall(r'aria-labelledby="(\w+)"', shown())} <= {*ids}


def test_each_template_has_its_verdict_and_hashes_its_notices_or_the_reason():
    first, second = re.findall(r"<article.*?</article>", shown(), re.DOTALL)
    for text in (DONE.source, DONE.template):
        assert sha256(text.encode()).hexdigest() in first
    assert "N007" in first
    assert "1 notice<" in first
    assert ">refused</p>" in second
    assert "nothing &lt;u&gt;here&lt;/u&gt; is known (line 1, column 4)" in second


def test_the_picture_is_of_the_turn_with_most_kinds_of_text_and_tells_what_is_trained():
    text = re.sub(r"<[^>]+>", "", shown().split('<div class="printed">')[1].split("</div>")[0])
    assert "reasoning, trained: " in text
    assert "turn end, trained: &lt;|im_end|&gt;" in text
