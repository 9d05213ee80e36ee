from rewriter.tracing.conversation import Conversation
from rewriter.verification.reduce import reduced

LONG = Conversation(
    tuple({"role": role, "content": f"the {role} says this"} for role in ("system", "user") * 3),
    tools=({"type": "function", "function": {"name": "look", "parameters": {}}},),
    add_generation_prompt=True,
    flags={"enable_thinking": True},
)


def test_all_that_a_fault_does_not_need_is_taken_away():
    assert reduced(LONG, lambda chat: len(chat.messages) > 1).as_json() == {
        "messages": [{"role": "user", "content": "a"}] * 2,
        "add_generation_prompt": False,
    }


def test_text_is_cut_down_to_what_the_fault_needs():
    chat = Conversation(({"role": "user", "content": "long </think> text"},))
    smallest = reduced(chat, lambda less: "</think>" in str(less.messages))
    assert smallest.messages[0]["content"] == "</think>"


def test_a_role_that_the_fault_needs_is_left_alone():
    smallest = reduced(LONG, lambda chat: any(m["role"] == "system" for m in chat.messages))
    assert list(smallest.messages) == [{"role": "system", "content": "a"}]


def test_a_role_that_it_does_not_need_is_the_user_s():
    answered = Conversation(({"role": "system", "content": "a"}, {"role": "tool", "content": "a"}))
    smallest = reduced(answered, lambda chat: len(chat.messages) == 2)
    assert [message["role"] for message in smallest.messages] == ["user", "user"]


def test_arguments_are_cut_down_inside():
    arguments = {"a": [1, {"deep": "value", "other": 2}], "b": "c"}
    call = {"id": "1", "function": {"name": "look", "arguments": arguments}}
    chat = Conversation(({"role": "assistant", "tool_calls": [call, call]},))
    smallest = reduced(chat, lambda less: "deep" in str(less.messages))
    assert smallest.messages[0]["tool_calls"] == [
        {"function": {"arguments": {"a": [{"deep": "a"}]}}}
    ]


def test_flags_and_tools_stay_if_they_are_needed():
    smallest = reduced(LONG, lambda chat: bool(chat.tools and chat.flags.get("enable_thinking")))
    assert smallest.flags == {"enable_thinking": True}
    assert smallest.tools == [{}]


def test_a_conversation_that_cannot_be_smaller_comes_back_as_it_is():
    chat = Conversation(({"role": "user", "content": "a"},))
    assert reduced(chat, lambda less: less.messages == chat.messages) == chat


def test_a_long_text_is_not_tried_letter_by_letter():
    chat = Conversation(({"role": "user", "content": "b" * 20_000},))
    seen = []
    smallest = reduced(chat, lambda less: seen.append(less) or "b" * 15_000 in str(less.messages))
    assert len(smallest.messages[0]["content"]) < 15_300
    assert sum(each.size[1] for each in seen) < 2_500_000
