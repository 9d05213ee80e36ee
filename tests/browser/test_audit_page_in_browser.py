"""A page of `rewriter audit` in a real browser: both themes, three widths."""

from pathlib import Path

import pytest

import rewriter
from tests.auditing.conversations import conversations
from tests.browser.test_page_in_browser import (
    CONTRAST,
    IS_DARK,
    LEAST_OF_MARKS,
    WIDTHS,
    check_texts,
)
from tests.verification.chatml import VARIANT

pytestmark = pytest.mark.browser

TEXTS = "h1, h2, h3, p, li, button, summary, td, th, figcaption, .id, .swatch"
ROWS = [
    *({"messages": chat} for chat in conversations(50)),
    {"messages": [{"role": "narrator", "content": "it rains"}]},
    {"messages": 3},
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "audit.html"
    rewriter.audit(ROWS, VARIANT, limits=None).save(path)
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_text_stands_out_and_nothing_is_wider_than_the_page(opened, width, theme):
    tab = opened(width=width, theme=theme)
    check_texts(tab, TEXTS, theme)
    assert tab.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_bars_of_plots_stand_out(opened, theme):
    tab = opened(theme=theme)
    tab.evaluate(
        """() => {
          const mark = document.createElement("p");
          mark.textContent = "mark";
          mark.className = "mark-of-test";
          mark.style.color = getComputedStyle(document.querySelector("rect")).fill;
          document.querySelector("main").append(mark);
        }"""
    )
    contrast, _ = tab.evaluate(CONTRAST, ".mark-of-test")
    assert contrast >= LEAST_OF_MARKS


@pytest.mark.parametrize("width", WIDTHS)
def test_no_row_of_plots_is_shorter_than_the_others(opened, width):
    places = opened(width=width).evaluate(
        "[...document.querySelectorAll('.plot')].map((each) => each.getBoundingClientRect().top)"
    )
    assert len(places) == 4
    assert len({places.count(each) for each in places}) == 1


def test_the_numbers_of_all_tables_stand_under_each_other(opened):
    tab = opened()
    tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    ends = tab.evaluate(
        """[...document.querySelectorAll('td:nth-child(2)')].map((each) => {
          const range = document.createRange();
          range.selectNodeContents(each);
          return Math.round(range.getBoundingClientRect().right);
        })"""
    )
    assert len(ends) == 2
    assert len(set(ends)) == 1


def test_the_theme_is_chosen_by_a_key(opened):
    tab = opened(theme="light")
    tab.locator("#theme").focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Enter")
    assert tab.locator("#theme").inner_text() == "Theme: dark"
    assert tab.evaluate(IS_DARK)
