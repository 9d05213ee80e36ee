from offline_tokenizers import byte_level, byte_level_crossing
from seed import HI, SYSTEM, assistant, call, result, user

import rewriter
from rewriter.tokens.prefixes import PrefixVerdict, prefix_verdicts
from rewriter.tracing.conversation import Conversation

# Prints each message on a line of its own.
LINES = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
# The same, and a thought as long as the assistant has the last word.
THINKING = (
    "{% for m in messages %}{{ m.role }}: "
    "{% if SHOWN and m.reasoning_content %}({{ m.reasoning_content }}){% endif %}"
    "{{ m.content }};{% endfor %}"
)
FORGETS_AT_ONCE = THINKING.replace("SHOWN", "loop.last")
FORGETS_WHEN_ASKED = (
    "{% set last = namespace(question=-1) %}{% for m in messages %}{% if m.role == 'user' %}"
    "{% set last.question = loop.index0 %}{% endif %}{% endfor %}"
) + THINKING.replace("SHOWN", "loop.index0 > last.question")


def verdicts(source: str, tokenizer=None, *chats) -> dict[tuple[str, str], PrefixVerdict]:
    found = prefix_verdicts(source, tokenizer, [Conversation(chat) for chat in chats] or None)
    return {(verdict.level, verdict.across): verdict for verdict in found}


def holds(source: str, tokenizer=None, *chats) -> dict[tuple[str, str], bool | None]:
    return {kind: found.holds for kind, found in verdicts(source, tokenizer, *chats).items()}


# What is preserved.


def test_a_template_that_prints_each_message_alike_preserves_all_prefixes():
    assert holds(LINES, byte_level(LINES)) == {
        ("text", "tool messages"): True,
        ("text", "user turns"): True,
        ("tokens", "tool messages"): True,
        ("tokens", "user turns"): True,
    }


def test_a_verdict_says_on_how_many_pairs_it_stands():
    chat = [HI, assistant("a"), HI, assistant("b"), result("c"), assistant("d")]
    found = verdicts(LINES, None, chat)
    # After "a" a user follows; after "b" a tool.
    assert {kind: verdict.checked for kind, verdict in found.items()} == {
        ("text", "tool messages"): 1,
        ("text", "user turns"): 1,
    }
    message = found["text", "user turns"].message
    assert message == "the text is kept across user turns (1 pairs)"


def test_what_a_later_system_message_changes_is_not_told_of_user_turns():
    source = "{{ messages | selectattr('role', 'equalto', 'system') | list | length }}" + LINES
    assert holds(source, None, [HI, assistant("a"), SYSTEM, HI])["text", "user turns"] is None
    assert holds(source)["text", "user turns"] is True


def test_nothing_is_said_where_nothing_renders():
    source = "{% if messages[-1].role == 'tool' %}{{ raise_exception('no') }}{% endif %}" + LINES
    (verdict,) = [
        found
        for kind, found in verdicts(source, None, [HI, assistant("a"), result("b")]).items()
        if kind == ("text", "tool messages")
    ]
    assert verdict.holds is None
    assert verdict.message == "no conversation with tool messages renders"


def test_without_a_tokenizer_only_the_text_is_judged():
    assert {level for level, _ in verdicts(LINES)} == {"text"}


# What is not.


def test_reasoning_that_a_question_drops_breaks_the_prefix_across_user_turns_only():
    found = verdicts(FORGETS_WHEN_ASKED, byte_level(FORGETS_WHEN_ASKED))
    assert {kind: verdict.holds for kind, verdict in found.items()} == {
        ("text", "tool messages"): True,
        ("text", "user turns"): False,
        ("tokens", "tool messages"): True,
        ("tokens", "user turns"): False,
    }


def test_reasoning_that_the_next_message_drops_breaks_both():
    assert set(holds(FORGETS_AT_ONCE, byte_level(FORGETS_AT_ONCE)).values()) == {False}


def test_a_merge_across_the_seam_breaks_the_tokens_and_not_the_text():
    chats = [HI, assistant("a"), HI], [HI, assistant("a"), result("b")]
    found = verdicts(LINES, byte_level_crossing(LINES), *chats)
    assert {kind: verdict.holds for kind, verdict in found.items()} == {
        ("text", "tool messages"): True,
        ("text", "user turns"): True,
        ("tokens", "tool messages"): False,
        ("tokens", "user turns"): False,
    }
    broken = found["tokens", "user turns"].broken
    assert broken is not None
    assert (broken.printed, broken.instead) == ("\n", "\nuser: Hi\n")


def test_the_break_shown_is_the_smallest_and_says_where_texts_part():
    long = [HI, assistant("a", reasoning_content="b"), HI, assistant("c"), HI]
    short = [HI, assistant("a", reasoning_content="b"), HI]
    verdict = verdicts(FORGETS_WHEN_ASKED, None, long, short, long)["text", "user turns"]
    broken = verdict.broken
    assert broken is not None
    assert [list(broken.shorter.messages), list(broken.longer.messages)] == [short[:2], short]
    assert broken.at == len("user: Hi;assistant: ")
    assert verdict.message == (
        "the text is not kept across user turns: at character 20 '(b)a;' becomes 'a;user: Hi;'"
    )


def test_what_ends_a_conversation_and_not_a_turn_breaks_the_prefix():
    source = LINES + "{% if not add_generation_prompt %}{{ eos_token }}{% endif %}"
    verdict = verdicts(source, byte_level(source), [HI, assistant("a"), HI])["text", "user turns"]
    assert verdict.broken is not None
    assert verdict.broken.printed == "</s>"


def test_an_argument_of_a_call_that_changes_is_found():
    source = LINES + "{{ messages[1].tool_calls[0].function.arguments if messages | length < 3 }}"
    chat = [HI, call({"at": "home"}), result("b")]
    assert verdicts(source, None, chat)["text", "tool messages"].holds is False


def test_the_verdicts_are_reached_from_the_package():
    (verdict, _) = rewriter.prefix_verdicts(LINES, conversations=[Conversation([user("a")])])
    assert isinstance(verdict, rewriter.PrefixVerdict)
    assert (verdict.checked, verdict.broken) == (0, None)


# Messages of the assistant in a row, printed as one turn.
JOINED = (
    "{% for m in messages %}{% if not (m.role == 'assistant' and loop.previtem "
    "and loop.previtem.role == 'assistant') %}{{ m.role }}: {% endif %}{{ m.content }}"
    "{% if not (m.role == 'assistant' and loop.nextitem and loop.nextitem.role == 'assistant') %}"
    "<end>{% endif %}{% endfor %}"
)


def test_a_turn_that_the_assistant_goes_on_with_ends_once():
    assert holds(JOINED, None, [HI, assistant("a"), assistant("b"), HI]) == {
        ("text", "tool messages"): None,
        ("text", "user turns"): True,
    }


def test_what_a_message_says_is_no_end_of_its_turn():
    forgets = JOINED.replace("{{ m.content }}", "{{ m.content if loop.last or loop.first }}")
    chat = [HI, assistant("a"), assistant("b"), HI]
    assert holds(forgets, None, chat)["text", "user turns"] is False


def test_an_end_that_somebody_else_s_turn_takes_away_is_missed():
    forgets = JOINED.replace("loop.nextitem.role == 'assistant'", "loop.nextitem.role == 'user'")
    assert holds(forgets, None, [HI, assistant("a"), HI])["text", "user turns"] is False
