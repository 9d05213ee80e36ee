"""A page of `rewriter show` in a real browser: pointing, keys, both themes, three widths."""

import pytest

pytestmark = pytest.mark.browser

# The least contrast of text with what is behind it, and of what only marks (WCAG 2.2 AA).
LEAST, LEAST_OF_MARKS = 4.5, 3.0
WIDTHS = (390, 820, 1440)
# The lowest contrast among the texts that a selector finds, and the text that has it.
CONTRAST = """
(selector) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [...document.querySelectorAll(selector)]
    .filter((each) => each.offsetParent && each.textContent.trim())
    .map((each) => {
      const behind = [];
      for (let at = each; at; at = at.parentElement) {
        behind.unshift(getComputedStyle(at).backgroundColor);
      }
      const ground = light(over(["white", ...behind]));
      const ink = light(over(["white", ...behind, getComputedStyle(each).color]));
      return [(Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05), each.textContent];
    });
  return found.sort((one, other) => one[0] - other[0])[0] || [99, ""];
}
"""
IS_DARK = "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 128"
TEXTS = "h1, h2, h3, p, li, button, summary, td, th, dt, dd, a, .p, .s, .no, .swatch, #inspector"


def check_texts(tab, texts, theme):
    """Each of the texts that a selector finds stands out, also where it is folded away."""
    assert tab.evaluate(IS_DARK) is (theme == "dark")
    for details in tab.locator("details").all():
        details.evaluate("each => each.open = true")
    contrast, text = tab.evaluate(CONTRAST, texts)
    assert contrast >= LEAST, text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_text_stands_out_from_what_is_behind_it(opened, width, theme):
    check_texts(opened(width=width, theme=theme), TEXTS, theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_so_does_whatever_kind_of_source_an_edit_takes_away_or_puts_in(opened, theme):
    tab = opened(theme=theme)
    changed = ".changed :is(.left, .right) .s:not(.mark)"
    for kind in ("block", "comment", "output", "text"):
        tab.evaluate(
            "([selector, kind]) => document.querySelectorAll(selector).forEach("
            "each => { each.className = `s e ${kind}`; })",
            [changed, kind],
        )
        assert tab.locator(f".left .s.e.{kind}").count()
        contrast, text = tab.evaluate(CONTRAST, ".s.e")
        assert contrast >= LEAST, (kind, text)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_so_does_what_is_lit(opened, theme):
    tab = opened(theme=theme)
    tab.locator(".p.t[data-p='turn_end']").first.hover()
    contrast, text = tab.evaluate(CONTRAST, ".lit, .also, #inspector, #inspector *")
    assert contrast >= LEAST, text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_marks_trained_text_stands_out_too(opened, theme):
    tab = opened(theme=theme)
    marks = tab.evaluate(
        """() => [...document.querySelectorAll(".chip .swatch.t")].map((each) => {
          const mark = document.createElement("i");
          mark.textContent = "mark";
          mark.style.color = "var(--hue)";
          each.append(mark);
          mark.dataset.p = each.dataset.p;
          mark.className = "mark-of-test";
          return each.dataset.p;
        })"""
    )
    assert len(marks) == 4
    contrast, _ = tab.evaluate(CONTRAST, ".mark-of-test")
    assert contrast >= LEAST_OF_MARKS


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(opened, width):
    tab = opened(width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    panes = tab.evaluate(
        "[...document.querySelectorAll('.pane')].map((p) => p.scrollWidth - p.clientWidth)"
    )
    assert panes == [0, 0]


def test_nothing_is_lit_before_anything_is_pointed_at(opened):
    assert opened().locator(".lit, .also").count() == 0


def test_pointing_at_printed_text_lights_the_source_that_printed_it(opened):
    tab = opened()
    tab.locator(".p.t", has_text="<|im_end|>").first.hover()
    lit = tab.locator("#source .right .s.lit")
    assert "".join(lit.all_text_contents()) == "<|im_end|>"
    assert "turn end · trained · assistant, message 3" in tab.locator("#inspector").inner_text()


def test_the_lit_source_is_brought_into_view(opened):
    tab = opened()
    tab.locator(".p.t", has_text="<|im_end|>").first.hover()
    tab.wait_for_timeout(400)
    box = tab.locator("#source .right .s.lit").first.bounding_box()
    assert 0 <= box["y"] <= 900


def test_pointing_at_source_lights_all_that_it_printed(opened):
    tab = opened()
    tab.locator("#source .right .s", has_text="message.reasoning_content").last.hover()
    lit = [each.split(": ")[-1] for each in tab.locator(".p.lit").all_text_contents()]
    thoughts = {"I have to look that up.", "The sky is clear.", "Two places, so two calls."}
    assert set(lit) == thoughts
    assert "all trained" in tab.locator("#inspector").inner_text()


def test_pointing_at_an_edit_tells_its_transform_and_its_reason(opened):
    tab = opened()
    tab.locator("#source .right .s.mark").first.hover()
    told = tab.locator("#inspector").inner_text()
    entry = tab.locator(".edits li").first.inner_text().split("\n")
    assert "wrap" in told
    assert entry[-1] in told


def test_a_click_holds_what_is_lit_and_escape_lets_go(opened):
    tab = opened()
    tab.locator(".p.t").first.click()
    tab.mouse.move(5, 5)
    assert tab.locator(".p.lit.held").count() == 1
    tab.keyboard.press("Escape")
    assert tab.locator(".lit, .also, .held").count() == 0


def test_pointing_at_a_part_of_the_legend_lights_all_of_it(opened):
    tab = opened()
    tab.locator(".chip", has_text="turn end").hover()
    assert tab.locator(".p.lit").count() == tab.locator(".p[data-p='turn_end']").count() > 4


def test_all_of_it_can_be_reached_by_keys(opened):
    tab = opened()
    first = tab.locator(".printed .p").first
    for _ in range(40):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.matches('.printed .p')"):
            break
    assert first.evaluate("each => each === document.activeElement")
    assert first.evaluate("each => each.classList.contains('lit')")
    tab.keyboard.press("ArrowRight")
    assert tab.locator(".p.lit").first.evaluate("each => each === document.activeElement")
    assert not first.evaluate("each => each.classList.contains('lit')")
    tab.keyboard.press("Enter")
    assert tab.locator(".held").count() == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_the_source_can_be_reached_by_keys_at_every_width(opened, width):
    tab = opened(width=width)
    reached = "document.activeElement.matches('#source .s')"
    for _ in range(80):
        tab.keyboard.press("Tab")
        if tab.evaluate(reached):
            break
    assert tab.evaluate(reached)
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(reached)


def test_the_source_can_still_be_reached_once_the_window_is_narrower(opened):
    tab = opened(width=1440)
    offered = tab.locator("#source .s[tabindex='0']")
    assert offered.count() == 1
    assert offered.is_visible()
    tab.set_viewport_size({"width": 390, "height": 900})
    tab.wait_for_timeout(100)
    assert offered.count() == 1
    assert offered.is_visible()


def test_a_focused_element_has_an_outline(opened):
    tab = opened()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_theme_can_be_chosen_and_is_remembered(opened):
    tab = opened(theme="light")
    light = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.locator("#theme").click()
    tab.locator("#theme").click()
    dark = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    tab.reload()
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_whoever_hears_the_page_is_told_what_is_trained(opened):
    tab = opened()
    turn = tab.locator(".turn[aria-label='assistant, message 3'] .printed").first
    heard = turn.evaluate("each => each.textContent")
    assert "header: <|im_start|>assistant" in heard
    assert "content, trained: No, it is dry" in heard


def test_on_a_phone_a_tap_tells_the_source_and_leads_to_it(opened):
    tab = opened(width=390, has_touch=True, is_mobile=True)
    tab.locator(".p.t", has_text="<|im_end|>").first.tap()
    tab.locator("#inspector .go").tap()
    tab.wait_for_timeout(200)
    box = tab.locator("#source .right .s.lit").first.bounding_box()
    assert 0 <= box["y"] <= 900
