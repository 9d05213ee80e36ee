"""What a training script asks of a tokenizer or a processor: what will do is left alone first."""

from threading import Thread

import pytest
from processors import VisionProcessor
from tokens.offline_tokenizers import byte_level

import rewriter
from rewriter import BadInput, Refused, apply, get_training_chat_template, saved_for_serving
from rewriter.conversations.rendering import render
from rewriter.tracing.conversation import Conversation

PLAIN = (
    "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
TOOLED = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% for c in m.tool_calls or [] %}"
    "[{{ c.function.name }}{{ c.function.arguments | tojson }}]{% endfor %}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
STRINGS = TOOLED.replace("c.function.arguments | tojson", "'' + c.function.arguments")
MARKED = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}{% generation %}"
    "{{ m.content }}<|end|>{% endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
MUTE = "{{ messages }}"


def tokenizer(source):
    made = byte_level("<|user|><|assistant|><|tool|><|end|>")
    made.chat_template = source
    return made


# Markers and tools.


@pytest.mark.parametrize(
    "source", ["{{ x }}", "{# {% generation %} #}", "{{ '{% generation %}' }}"]
)
def test_a_comment_or_a_string_is_no_marker(source):
    assert not rewriter.has_generation_markers(source)
    assert not rewriter.has_generation_markers({"default": source, "other": MARKED})


@pytest.mark.parametrize("tag", ["{%generation%}", "{%- generation -%}", "{%+ generation %}"])
def test_a_marker_is_seen_however_it_is_written(tag):
    assert rewriter.has_generation_markers(tag + "x{% endgeneration %}")


@pytest.mark.parametrize(
    "source",
    [
        PLAIN,
        TOOLED.replace("c.function.name", "'tool'"),
        TOOLED.replace("c.function.arguments", "{}"),
        TOOLED.replace("{{ m.content }}", "{{ m.content if m.role != 'tool' }}"),
        "{% if messages[-1].role == 'tool' %}{{ raise_exception('no') }}{% endif %}" + TOOLED,
    ],
)
def test_a_template_that_drops_a_part_of_the_exchange_does_not_support_tools(source):
    assert not rewriter.supports_tool_calling(tokenizer(source))


@pytest.mark.parametrize(
    "source", [TOOLED, STRINGS, TOOLED.replace("c.function.name }}{{ c.function.arguments", "c")]
)
def test_a_template_that_prints_all_of_it_does(source):
    assert rewriter.supports_tool_calling(tokenizer(source))


def test_a_processor_is_asked_in_blocks():
    in_blocks = TOOLED.replace("m.content }}", "m.content[0].text if m.content }}")
    assert rewriter.supports_tool_calling(VisionProcessor(tokenizer(in_blocks)))
    assert not rewriter.supports_tool_calling(tokenizer(STRINGS.replace("m.content", "m.no")))


def test_without_a_template_there_are_no_tools():
    assert not rewriter.supports_tool_calling(tokenizer(None))


# The training template.


def test_a_template_that_will_do_needs_no_other():
    assert get_training_chat_template(tokenizer(MARKED)) is None
    assert get_training_chat_template(tokenizer({"default": MARKED, "rag": PLAIN})) is None
    assert get_training_chat_template(tokenizer(PLAIN), assistant_only_loss=False) is None


def test_what_cannot_be_proven_is_refused():
    with pytest.raises(Refused):
        get_training_chat_template(tokenizer(MUTE))
    with pytest.raises(BadInput, match="no chat template"):
        get_training_chat_template(tokenizer(None))


def test_a_marked_template_that_changes_what_it_printed_is_mended_around_its_marks():
    changing = MARKED.replace(
        "{{ m.content }}<|end|>{% endgen", "CALLS{{ m.content }}<|end|>{% endgen"
    )
    calls = "{% if m.tool_calls and loop.last %}{{ m.tool_calls | tojson }}{% endif %}"
    found = get_training_chat_template(tokenizer(changing.replace("CALLS", calls)), tools=True)
    assert found == changing.replace("CALLS", calls.replace(" and loop.last", ""))


def test_marks_that_a_template_came_with_are_judged():
    endless = MARKED.replace("<|end|>{% endgeneration %}", "{% endgeneration %}<|end|>")
    with pytest.warns(UserWarning, match="N004: .* the turn end is in the mask"):
        assert get_training_chat_template(tokenizer(endless)) is None


@pytest.mark.parametrize("made", [tokenizer, lambda source: VisionProcessor(tokenizer(source))])
def test_an_unknown_template_gets_a_proven_variant(made):
    variant = get_training_chat_template(made(PLAIN))
    assert rewriter.has_generation_markers(variant)
    assert rewriter.verify(PLAIN, variant, seed=7).ok


def test_arguments_are_taken_as_an_object_where_tools_are_trained_on():
    variant = get_training_chat_template(tokenizer(STRINGS))
    chat = rewriter.Conversation(
        [
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"function": {"name": "look", "arguments": {"a": 1}}}],
            }
        ]
    )
    assert '[look{"a": 1}]' in render(variant, chat).text
    assert "tojson" not in get_training_chat_template(tokenizer(STRINGS), tools=False)


def test_a_second_call_works_on_nothing(monkeypatch):
    first = get_training_chat_template(tokenizer(PLAIN))
    monkeypatch.setattr("rewriter.training.templates.rewrite", None)
    assert get_training_chat_template(tokenizer(PLAIN)) is first


def test_threads_get_the_same(monkeypatch):
    found = []
    source = PLAIN + "{# for threads #}"
    ask = lambda: found.append(get_training_chat_template(tokenizer(source)))  # noqa: E731
    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1


# Turns that nothing ends.

ENDLESS = PLAIN.replace(" + '<|end|>'", "")
WITHOUT_ENDS = MARKED.replace("<|end|>", "")


def test_turns_that_have_an_end_are_given_no_other():
    asked, plain = (
        get_training_chat_template(tokenizer(PLAIN), stop_token=stop) for stop in (True, False)
    )
    assert asked == plain


def test_a_turn_that_nothing_ends_is_given_an_end_unless_that_is_not_wanted():
    chat = Conversation(
        ({"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}),
        flags={"eos_token": "</s>"},
    )
    asked = render(get_training_chat_template(tokenizer(ENDLESS)), chat)
    assert asked.text == "<|user|>Q<|assistant|>A<|user|>"
    plain = render(get_training_chat_template(tokenizer(ENDLESS), stop_token=False), chat)
    assert plain.text == render(ENDLESS, chat).text == "<|user|>Q<|assistant|>A"


def test_no_end_is_asked_for_where_no_mask_is():
    assert get_training_chat_template(tokenizer(ENDLESS), assistant_only_loss=False) is None


def test_a_marked_template_that_ends_no_turn_is_refused_unless_that_is_wanted():
    with pytest.raises(Refused, match="none can be added to a marked template"):
        get_training_chat_template(tokenizer(WITHOUT_ENDS))
    # Where nothing is said, nothing is in its block either.
    with pytest.warns(UserWarning, match="leaves an empty span"):
        assert get_training_chat_template(tokenizer(WITHOUT_ENDS), stop_token=False) is None


GIVEN_END = PLAIN.replace("'<|end|>' }}", "'' }}{{ eos_token }}")
NO_TOKEN = ENDLESS.replace("'<|' + m.role + '|>'", "m.role + ': '").replace(
    "<|assistant|>", "assistant: "
)


def without_eos(source):
    made = tokenizer(source)
    made.eos_token = None
    return made


@pytest.mark.parametrize("source", [PLAIN, MARKED, ENDLESS])
def test_ends_that_are_not_the_tokenizer_s_need_no_eos_token(source):
    assert tokenizer(source).eos_token is not None
    with_one, without = map(get_training_chat_template, (tokenizer(source), without_eos(source)))
    assert without == with_one


@pytest.mark.parametrize("source", [GIVEN_END, NO_TOKEN])
def test_an_end_that_the_tokenizer_does_not_have_is_none(source):
    assert "eos_token" in get_training_chat_template(tokenizer(source))
    with pytest.raises(Refused, match="the tokenizer has none") as refused:
        get_training_chat_template(without_eos(source))
    assert refused.value.reason is rewriter.Reason.NO_STOP_TOKEN
    with pytest.raises(Refused, match="the tokenizer has none"):
        apply(without_eos(source))
    assert get_training_chat_template(without_eos(source), stop_token=False) is not None


# Set and put back.


def test_applying_what_will_do_changes_nothing():
    carrier = tokenizer(MARKED)
    assert apply(carrier) == MARKED
    assert carrier.chat_template == MARKED


def test_applying_sets_the_variant_and_gives_the_original_to_put_back():
    carrier = tokenizer(PLAIN)
    original = apply(carrier)
    assert original == PLAIN
    assert rewriter.has_generation_markers(carrier.chat_template)
    carrier.chat_template = original
    assert carrier.chat_template == PLAIN


def test_of_named_templates_the_default_is_replaced_and_the_others_stay():
    carrier = tokenizer({"default": PLAIN, "rag": MUTE})
    assert apply(carrier) == {"default": PLAIN, "rag": MUTE}
    assert carrier.chat_template["rag"] == MUTE
    assert rewriter.has_generation_markers(carrier.chat_template)


def test_a_processor_s_tokenizer_follows_where_it_had_the_same():
    carrier = VisionProcessor(tokenizer(PLAIN))
    apply(carrier)
    assert carrier.tokenizer.chat_template == carrier.chat_template != PLAIN


def test_a_model_is_saved_with_what_it_is_served_with(tmp_path):
    carrier = tokenizer(PLAIN)
    original = apply(carrier)
    variant = carrier.chat_template
    with saved_for_serving(carrier, original):
        carrier.save_pretrained(tmp_path)
    assert (tmp_path / "chat_template.jinja").read_text() == PLAIN
    assert carrier.chat_template == variant


def test_the_variant_is_carried_again_when_saving_fails():
    carrier = tokenizer(PLAIN)
    original = apply(carrier)
    with pytest.raises(OSError, match="full"), saved_for_serving(carrier, original):
        raise OSError("the disk is full")
    assert rewriter.has_generation_markers(carrier.chat_template)
