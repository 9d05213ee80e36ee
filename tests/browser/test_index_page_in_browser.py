"""The index of pages in a real browser: both themes, three widths, by keys alone."""

from pathlib import Path

import pytest

from rewriter.report.page.index_page import index_page, index_picture
from tests.browser.test_page_in_browser import WIDTHS, check_texts
from tests.report.test_index_page import DONE, REFUSED
from tests.report.test_page import picture

pytestmark = pytest.mark.browser

TEXTS = "h1, h2, p, li, dt, dd, button, summary, figcaption, code, .p, .id, .swatch, .state"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "index.html"
    entries = [(DONE, index_picture(picture(), "index.html")), (REFUSED, None)]
    path.write_text(index_page("a name as long as a path/" * 5, entries * 3))
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_text_stands_out_and_nothing_is_wider_than_the_page(opened, width, theme):
    tab = opened(width=width, theme=theme)
    check_texts(tab, TEXTS, theme)
    assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_keys_lead_to_a_template_s_page_and_its_notices(opened):
    tab = opened()
    for _ in range(4):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.matches('h2 a')"):
            break
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "index.html"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.locator("details").first.evaluate("each => each.open")
