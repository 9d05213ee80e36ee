"""Renders with answers forced: what each tells of how it went."""

from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.sources import Answer

SOURCE = "{%- for m in messages %}{%- if m.a %}A{%- endif %}{{- m.content }}{%- endfor %}"
# Decision 0 is the loop's, whether it has an item; 1 is the test within.
WAY = (Answer(1, holds=True),)
CHAT = [{"role": "assistant", "content": "an answer"}]
REFUSING = (
    "{%- for m in messages %}{%- if m.a %}{{- raise_exception('no') }}{%- endif %}{%- endfor %}"
)


def test_a_conversation_that_comes_to_no_forced_test_is_rendered_once():
    renders = TracedTemplate(SOURCE).forced_renders
    first = renders.along(WAY, [], {})
    assert renders.along((Answer(1, holds=False),), [], {}).trace is first.trace


def test_a_render_tells_how_it_went_though_it_is_remembered():
    renders = TracedTemplate(SOURCE).forced_renders
    template = renders.along(WAY, [], {}).template
    template.render(CHAT)
    template.render([], tools=[])
    found = renders.along(WAY, CHAT, {})
    assert found.trace is not None
    assert found.trace.text == "Aan answer"
    assert found.asked == {0: None, 1: True}


def test_what_a_template_raises_on_purpose_is_a_refusal():
    found = TracedTemplate(REFUSING).forced_renders.along(WAY, CHAT, {})
    assert found.trace is None
    assert found.is_refused


def test_what_contradicts_the_data_is_no_refusal():
    source = REFUSING.replace("raise_exception('no')", "m.a.b.c")
    found = TracedTemplate(source).forced_renders.along(WAY, CHAT, {})
    assert found.trace is None
    assert not found.is_refused
