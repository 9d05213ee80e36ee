"""The page and the text of an audit: whole, harmless whatever data holds, loading nothing."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import rewriter
from rewriter.auditing.audit import audited as run
from rewriter.report.audited import Audited
from rewriter.report.page.audit_page import audit_page
from rewriter.report.plots import bar, bars
from tests.report.test_page import Read
from tests.verification.chatml import ORIGINAL

ASKED = {"role": "user", "content": "what now"}
SAID = {"role": "assistant", "content": "this"}
ROWS = [
    {"messages": [ASKED, SAID]},
    {"messages": [ASKED, SAID] * 20},
    {"messages": [{"role": "<script>alert(1)</script>", "content": "\x1b\ud800"}]},
    {"messages": [ASKED, {**SAID, "<b>&": "x" * 50}]},
]


@cache
def audited() -> Audited:
    return rewriter.audit(ROWS, ORIGINAL, name="<i>data", limits=None)


def test_nothing_that_data_holds_becomes_part_of_the_page():
    read = Read(audited().html)
    assert (read.tags["script"], read.tags["b"], read.tags["i"]) == (1, 0, 0)
    assert not {"\ud800", "\x1b"} & {*audited().html}
    assert "&lt;i&gt;data" in audited().html


def test_nothing_is_loaded_from_anywhere():
    assert Read(audited().html).loaded == ["data:,"]
    assert not re.search(r"url\(|@import|https?:", audited().html)


def test_every_id_is_there_once_and_every_label_leads_to_one():
    ids = Read(audited().html).ids
    assert [each for each, count in Counter(ids).items() if count > 1] == []
    labels = re.findall(r'aria-labelledby="([\w ]+)"', audited().html)
    assert {*" ".join(labels).split()} <= {*ids}


def test_each_plot_has_a_bar_for_each_bin_and_says_in_words_what_it_shows():
    plots = re.findall(r"<svg.*?</svg>", audited().html, re.DOTALL)
    assert len(plots) == 4
    assert all('role="img" aria-label="' in plot for plot in plots)
    bins = [*audited().figures.length.bins()]
    assert plots[0].count("<rect") == len(bins)
    assert plots[3].count("<rect") == len(audited().figures.shares)


def test_the_text_tells_of_notices_with_the_first_row():
    text = str(audited())
    assert text.startswith("<i>data: 4 rows; read as messages\n")
    assert "N017: row 3: the template raises" in text


def test_control_characters_reach_no_terminal():
    rows = [{"messages": [{"role": "\x1b[31m", "content": "x"}]}]
    source = "{% for m in messages %}{{ m.content }}{{ raise_exception(m.role) }}{% endfor %}"
    found = audited().audit
    training = replace(found.training, template=replace(found.training.template, text=source))
    text = str(Audited(run(rows, training)))
    assert "N017" in text
    assert "\x1b" not in text


def test_a_notebook_gets_the_page_in_a_frame_of_its_own(tmp_path):
    frame = audited()._repr_html_()
    assert Read(frame).tags == Counter({"iframe": 1})
    audited().save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text() == audited().html


def test_bars_are_as_high_as_what_they_count():
    assert bars([0, 1, 4, 8]) == " ▁▄█"
    assert bars([]) == bars([0]).strip() == ""
    assert (bar(0.0, 4), bar(0.5, 4), bar(1.0, 4)) == ("    ", "██  ", "████")


def test_of_several_data_sets_each_region_has_a_name_of_its_own():
    one, two = (replace(audited().audit, name=name) for name in ("one", "two"))
    html = audit_page([(one, ()), (two, ())], "chat.jinja")
    sections = re.findall(r"<section[^>]*aria-label(?:ledby)?=\"([^\"]*)\"", html)
    regions = re.findall(r"role=\"region\" aria-label=\"([^\"]*)\"", html)
    assert len(sections) > 4
    assert len(regions) > 2
    assert max(Counter(sections + regions).values()) == 1
