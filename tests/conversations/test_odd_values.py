"""What is made where nothing but conversations can show that two templates print the same."""

from rewriter.conversations.combinations import combined
from rewriter.conversations.fixed import made_for_texts
from rewriter.conversations.late_changes import late_changes
from rewriter.conversations.odd_texts import odd_texts
from rewriter.conversations.odd_values import odd_blocks, odd_roles, odd_settings
from rewriter.conversations.profile import Profile


def test_the_same_is_made_each_time():
    flags = {"quick": (True, False), "mood": ("low", "high")}
    assert list(combined(flags)) == list(combined(flags))


def test_flags_meet_each_other_documents_and_tools():
    made = [e for e in combined({"quick": (True,), "mood": ("low",)}) if e.documents and e.tools]
    assert any({"quick", "mood"} <= e.flags.keys() for e in made)


def test_a_variable_is_given_what_counts_as_false_and_is_not():
    values = [e.flags["quick"] for e in odd_settings(["quick"]) if "quick" in e.flags]
    assert {repr(value) for value in values} >= {"''", "None", "0", "[]", "False", "True", "'0'"}


def test_white_space_stands_on_both_sides_of_what_a_template_looks_for():
    said = [m["content"] for e in odd_texts(["@@"]) for m in e.messages]
    assert "\ta\t@@\tb\t" in said
    assert " a @@ b " in said


def test_the_words_of_a_template_are_roles_and_types_of_blocks_too():
    assert any(m["role"] == "judge" for e in odd_roles(["judge"]) for m in e.messages)
    blocks = [b for e in odd_blocks(["chart"]) for b in e.messages[0]["content"]]
    assert {"type": "chart", "text": "a"} in blocks


def test_every_role_comes_late_after_as_many_messages_as_a_number_counts():
    made = [e.messages for e in late_changes([31])]
    for length in (31, 32, 33):
        late = {m[length]["role"] for m in made if len(m) == length + 1}
        assert late >= {"user", "assistant", "system", "tool"}


def test_what_a_template_refuses_is_asked_of_it_too():
    strict = Profile(follows={"": ("user",), "user": ("assistant",), "assistant": ("user",)})
    made = list(made_for_texts(strict, "{{ messages }}", "{{ messages }}"))
    roles = [tuple(m["role"] for m in each.messages) for each in made]
    assert ("user", "assistant", "system", "user", "assistant") in {each[:5] for each in roles}
