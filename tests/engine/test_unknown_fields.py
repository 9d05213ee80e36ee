"""What no model is known to write stays out of the mask, or is refused by its name."""

from __future__ import annotations

from typing import Any

import pytest
from noticed import of_mask
from rendering import rendered

import rewriter
from rewriter.errors import Reason
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.alike_roles import roles_alike
from rewriter.verification.notice import NoticeId
from rewriter.verification.notices import notices_of

TEMPLATE = (
    "{%- for m in messages -%}{%- if m.role == 'assistant' -%}@"
    "{%- else -%}{{- '[U]' + m.content + '[/U]' -}}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '[A]' -}}{%- endif -%}"
)
ASKED = {"role": "user", "content": "Hi"}


def template(turn: str) -> str:
    """A template whose assistant's turn is ``turn``."""
    return TEMPLATE.replace("@", turn)


def patched(turn: str, **settings: Any) -> rewriter.Rewrite:
    return rewriter.rewrite(template(turn), limits=None, examples=20, **settings)


def marked(result: rewriter.Rewrite, answer: dict[str, Any], **given: Any) -> str:
    """What the variant prints of an answer, with brackets around what is in the mask."""
    chat = [ASKED, {"role": "assistant", "content": "Yes.", **answer}]
    assert (
        rendered(result.template, chat, **given).text == rendered(result.source, chat, **given).text
    )
    return rendered(result.template, chat, **given).marked.removeprefix("[U]Hi[/U]")


def test_a_template_that_reads_what_models_write_has_nothing_to_tell():
    result = patched("{{- '[A]' + m.content + '[/A]' -}}")
    assert of_mask(result) == ()
    assert marked(result, {"mood": "GIVEN"}) == "[A]⟦Yes.[/A]⟧"


CUT = {
    "an operand": (
        "{{- '[A]' + m.content + (m.mood or '') + '[/A]' -}}",
        "[A]⟦Yes.⟧GIVEN⟦[/A]⟧",
    ),
    "an operand before the content": (
        "{{- '[A]' + (m.mood if m.mood is defined else '') + m.content + '[/A]' -}}",
        "[A]GIVEN⟦Yes.[/A]⟧",
    ),
    "an arm of a choice": (
        "{{- '[A]' -}}{{- m.mood or m.content -}}{{- '[/A]' -}}",
        "[A]GIVEN⟦[/A]⟧",
    ),
    "an arm of a choice in a row": (
        "{{- '[A]' + (m.mood if m.mood else m.content) + '[/A]' -}}",
        "[A]GIVEN⟦[/A]⟧",
    ),
    "a default": (
        "{{- '[A]' -}}{{- m.mood | default(m.content) -}}{{- '[/A]' -}}",
        "[A]GIVEN⟦[/A]⟧",
    ),
    "a value with text of its own": (
        (
            "{%- set t = m.content ~ (('Mood: ' ~ m.mood) if m.mood else '') -%}"
            "{{- '[A]' -}}{{- t -}}{{- '[/A]' -}}"
        ),
        "[A]⟦Yes.⟧Mood: GIVEN⟦[/A]⟧",
    ),
    "a branch with text of its own": (
        (
            "{{- '[A]' -}}{%- if m.mood -%}<m>{{- m.mood -}}</m>{%- endif -%}"
            "{{- m.content + '[/A]' -}}"
        ),
        "[A]<m>GIVEN</m>⟦Yes.[/A]⟧",
    ),
    "a name that is given the field": (
        (
            "{{- '[A]' + m.content -}}{%- set mood = m.get('mood') -%}"
            "{%- if mood is not none -%}{{- ' (' + mood + ')' -}}{%- endif -%}{{- '[/A]' -}}"
        ),
        "[A]⟦Yes.⟧ (GIVEN)⟦[/A]⟧",
    ),
    "a macro's argument": (
        (
            "{%- macro say(a, b) -%}{{- a ~ (b or '') -}}{%- endmacro -%}"
            "{{- '[A]' -}}{{- say(m.content, m.mood) -}}{{- '[/A]' -}}"
        ),
        "[A]⟦Yes.⟧GIVEN⟦[/A]⟧",
    ),
    "a macro's argument before the content": (
        (
            "{%- macro say(a, b='') -%}{{- b + a -}}{%- endmacro -%}"
            "{{- '[A]' -}}{{- say(m.content, b=m.mood | default('')) -}}{{- '[/A]' -}}"
        ),
        "[A]GIVEN⟦Yes.[/A]⟧",
    ),
    "a row in an arm of a choice": (
        "{{- '[A]' -}}{{- m.content if not m.mood else m.mood ~ m.content -}}{{- '[/A]' -}}",
        "[A]GIVEN⟦Yes.[/A]⟧",
    ),
    "a value of a format": (
        "{{- '[A]' -}}{{- '%s%s[/A]' | format(m.content, m.mood or '') -}}",
        "[A]⟦Yes.⟧GIVEN⟦[/A]⟧",
    ),
    "a value of a format by its method": (
        "{{- '[A]{}{}[/A]'.format(m.mood or '', m.content) -}}",
        "[A]GIVEN⟦Yes.[/A]⟧",
    ),
    "a list that is joined": (
        "{{- '[A]' -}}{{- m.content ~ ([m.mood] if m.mood else []) | join('; ') -}}{{- '[/A]' -}}",
        "[A]⟦Yes.⟧GIVEN⟦[/A]⟧",
    ),
    "a line in what a set block holds": (
        (
            "{%- set said -%}{{- m.content -}}{%- if m.mood %} ({{ m.mood }}){%- endif -%}"
            "{%- endset -%}{{- '[A]' -}}{{- said -}}{{- '[/A]' -}}"
        ),
        "[A]⟦Yes.⟧ (GIVEN)⟦[/A]⟧",
    ),
    "a line in what a set block holds, in a row": (
        (
            "{%- set said -%}{{- m.content -}}{%- if m.mood %} ({{ m.mood }}){%- endif -%}"
            "{%- endset -%}{{- '[A]' + said + '[/A]' -}}"
        ),
        "[A]⟦Yes.⟧ (GIVEN)⟦[/A]⟧",
    ),
    "what comes after the end": (
        "{{- '[A]' + m.content + '[/A]' + (' at ' + m.mood if m.mood else '') -}}",
        "[A]⟦Yes.[/A]⟧ at GIVEN",
    ),
}


@pytest.mark.parametrize(("turn", "expected"), CUT.values(), ids=CUT)
def test_an_unknown_field_is_cut_out_and_named(turn: str, expected: str):
    result = patched(turn)
    assert marked(result, {"mood": "GIVEN"}) == expected
    assert marked(result, {}) == "[A]⟦Yes.[/A]⟧"
    (notice,) = of_mask(result)
    assert notice.id is NoticeId.UNKNOWN_FIELD
    assert "--field mood=" in notice.message
    assert notice.place is not None


RARE = {
    "an arm": (
        "{{- '[A]' -}}{{- m.content if m.content | length < 6000 else m.mood -}}{{- '[/A]' -}}"
    ),
    "an arm in a sum": (
        "{{- '[A]' + m.content + (m.mood if m.content | length > 6000 else '') + '[/A]' -}}"
    ),
    "a loop over some": (
        "{{- '[A]' + m.content -}}{%- for each in m.mood if each | length > 6000 -%}"
        "{{- each -}}{%- endfor -%}{{- '[/A]' -}}"
    ),
    "a loop over some by what they hold": (
        "{{- '[A]' + m.content -}}{%- for each in m.mood if each.content | length > 6000 -%}"
        "{{- each.content -}}{%- endfor -%}{{- '[/A]' -}}"
    ),
    "a macro": (
        "{%- macro say(a) -%}{%- if a | length > 6000 -%}{{- a -}}{%- endif -%}{%- endmacro -%}"
        "{{- '[A]' + m.content -}}{{- say(m.mood) -}}{{- '[/A]' -}}"
    ),
}


RESULTS = {
    "by a key of the message": (
        (
            "{{- '[A]' -}}{%- if m.kind == 'observation' -%}{{- '<o>' + m.content + '</o>' -}}"
            "{%- else -%}{{- m.content -}}{%- endif -%}{{- '[/A]' -}}"
        ),
        {"content": "GIVEN", "kind": "observation"},
    ),
    "by the role of a block": (
        (
            "{{- '[A]' -}}{%- for b in m.content -%}{%- if b.role == 'tool' -%}"
            "{{- '<o>' + b.text + '</o>' -}}{%- else -%}{{- b.text -}}{%- endif -%}{%- endfor -%}"
            "{{- '[/A]' -}}"
        ),
        {"content": [{"type": "text", "text": "GIVEN", "role": "tool"}]},
    ),
    "by a key that only results have": (
        (
            "{{- '[A]' -}}{%- for b in m.content -%}{%- if 'tool_use_id' in b -%}"
            "{{- '<o>' + b.text + '</o>' -}}{%- else -%}{{- b.text -}}{%- endif -%}{%- endfor -%}"
            "{{- '[/A]' -}}"
        ),
        {"content": [{"type": "text", "text": "GIVEN", "tool_use_id": "call00001"}]},
    ),
}


@pytest.mark.parametrize(("turn", "answer"), RESULTS.values(), ids=RESULTS)
def test_a_result_that_another_key_than_its_type_tells_is_outside_with_what_frames_it(
    turn: str, answer: dict[str, Any]
):
    assert marked(patched(turn), answer) == "[A]<o>GIVEN</o>⟦[/A]⟧"


def test_a_field_below_one_that_models_write_is_named():
    result = patched("{{- '[A]' -}}{{- m.metadata.sent -}}{{- m.content + '[/A]' -}}")
    assert [each.id for each in of_mask(result)] == [NoticeId.UNKNOWN_FIELD]
    assert "'sent'" in of_mask(result)[0].message


@pytest.mark.parametrize(
    ("roles", "named"), [("['assistant']", []), ("['assistant', 'model']", ["N027"])]
)
def test_a_role_that_is_printed_as_the_assistants_is_named(roles: str, named: list[str]):
    turn = TEMPLATE.replace("m.role == 'assistant'", f"m.role in {roles}")
    result = rewriter.rewrite(turn.replace("@", "{{- '[A]' + m.content + '[/A]' -}}"), limits=None)
    assert [each.id.value for each in of_mask(result)] == named


@pytest.mark.parametrize(
    ("role", "header", "named"),
    [
        ("calling", "<|assistant|>", ("calling",)),
        ("calling", "<|other|>", ()),
        ("observation", "<|assistant|>", ()),
        ("system", "<|assistant|>", ()),
    ],
)
def test_only_roles_that_models_play_are_alike_if_they_have_the_assistants_header(
    role: str, header: str, named: tuple[str, ...]
):
    source = (
        f"{{% for m in messages %}}{{% if m.role == '{role}' %}}{header}<c>{{{{ m.content }}}}</c>"
        "{% else %}<|{{ m.role }}|>{{ m.content }}{% endif %}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    assert roles_alike(TracedTemplate(source)) == named


@pytest.mark.parametrize("turn", RARE.values(), ids=RARE)
def test_an_unknown_field_that_only_a_rare_test_prints_is_named(turn: str):
    (notice,) = notices_of(TracedTemplate(template(turn)), ends=True)
    assert notice.id is NoticeId.UNKNOWN_FIELD
    assert "--field mood=" in notice.message
    assert notice.place is not None


def test_a_field_that_is_only_asked_for_is_no_notice_however_rare_what_is_printed():
    turn = "{{- '[A]' + m.content + ('!' if m.mood == 'rare' else '') + '[/A]' -}}"
    assert notices_of(TracedTemplate(template(turn)), ends=True) == ()


def test_a_field_that_only_others_turns_print_is_no_notice_however_rare_that_is():
    source = template("{{- '[A]' + m.content + '[/A]' -}}")
    source = source.replace("m.content + '[/U]'", "(m.mood if m.content | length > 6000 else '')")
    assert notices_of(TracedTemplate(source), ends=True) == ()


@pytest.mark.parametrize("value", [True, 7])
def test_a_field_that_is_no_text_is_cut_out_as_well(value: object):
    result = patched(
        "{{- '[A]' + m.content -}}{%- if m.mood -%}{{- 'M' ~ m.mood -}}{%- endif -%}[/A]"
    )
    assert marked(result, {"mood": value}) == f"[A]⟦Yes.⟧M{value}⟦[/A]⟧"


def test_a_key_of_a_call_is_cut_out_and_its_arguments_are_not():
    result = patched(
        "{{- '[A]' + m.content -}}{%- for c in m.tool_calls or [] -%}"
        "{{- '<c>' + c.function.name + (c.function.arguments | tojson) + (c.result or '') -}}</c>"
        "{%- endfor -%}{{- '[/A]' -}}"
    )
    function = {"name": "f", "arguments": {"result": "MINE"}}
    answer = {"tool_calls": [{"type": "function", "function": function, "result": "GIVEN"}]}
    assert marked(result, answer) == '[A]⟦Yes.<c>f{"result": "MINE"}⟧GIVEN⟦</c>[/A]⟧'


def test_a_variable_that_nobody_knows_is_cut_out_and_named():
    result = patched("{{- '[A]' + (rule if rule is defined else '') + m.content + '[/A]' -}}")
    assert marked(result, {}, rule="GIVEN") == "[A]GIVEN⟦Yes.[/A]⟧"
    assert "'rule'" in of_mask(result)[0].message


def test_the_name_of_who_speaks_is_of_the_header_and_no_notice():
    result = patched("{{- '[A' + (' ' + m.name if m.name else '') + ']' + m.content + '[/A]' -}}")
    assert marked(result, {"name": "bob"}) == "[A bob]⟦Yes.[/A]⟧"
    assert of_mask(result) == ()


def test_the_tools_that_the_turn_repeats_are_outside():
    result = patched(
        "{{- '[A]' -}}{%- if tools -%}{{- '<t>' + tools | tojson + '</t>' -}}{%- endif -%}"
        "{{- m.content + '[/A]' -}}"
    )
    assert marked(result, {}, tools=[{"name": "f"}]) == '[A]<t>[{"name": "f"}]</t>⟦Yes.[/A]⟧'


def test_a_turn_that_says_nothing_has_an_end_all_the_same():
    # The prompt's header ends in a line break that such a turn lacks; its role is no field of it.
    turn = "{{- '[' + m.role + ']' -}}{%- if m.content -%}{{- ' ' + m.content -}}{%- endif -%}[/A]"
    source = template(turn).replace("{{- '[A]' -}}", "{{- '[assistant] ' -}}")
    result = rewriter.rewrite(source, limits=None, examples=20)
    assert marked(result, {"content": ""}) == "[assistant]⟦[/A]⟧"


def test_a_variable_that_is_printed_around_the_turns_changes_none_of_them():
    source = template("{{- '[A]' + m.content + '[/A]' -}}")
    source += "{%- if more -%}{{- '[U]' + more + '[A]' -}}{%- endif -%}"
    result = rewriter.rewrite(source, limits=None, examples=20)
    assert marked(result, {}, more="GIVEN") == "[A]⟦Yes.[/A]⟧[U]GIVEN[A]"


REFUSED = {
    "every key": (
        "{{- '[A]' -}}{%- for k, v in m.items() if k != 'role' -%}{{- v -}}{%- endfor -%}[/A]",
        "whatever keys",
    ),
    "put in for a mark": (
        "{{- '[A]' -}}{{- m.content | replace('(mood)', m.mood or '') -}}{{- '[/A]' -}}",
        "'mood'",
    ),
    "one expression": (
        "{{- '[A]' -}}{{- (m.content ~ (m.mood or '')) | trim -}}{{- '[/A]' -}}",
        "'mood'",
    ),
}


@pytest.mark.parametrize(("turn", "named"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_cut_out_is_refused_by_its_name(turn: str, named: str):
    with pytest.raises(rewriter.Refused) as raised:
        patched(turn)
    assert raised.value.reason is Reason.UNKNOWN_FIELD
    assert named in raised.value.message


ROW = "{{- '[A]' + m.content + (m.mood or '') + '[/A]' -}}"


def test_words_that_the_time_of_the_day_puts_before_the_models_are_refused_for_that():
    late = "('(late) ' if strftime_now('%H') | int < 6 else '')"
    with pytest.raises(rewriter.Refused, match="chosen by what is given") as raised:
        patched("{{- '[A]' -}}{{- (" + late + " ~ m.content) | trim -}}{{- '[/A]' -}}")
    assert raised.value.reason is Reason.MIXED


def test_a_field_that_is_declared_is_what_it_is_declared_to_be():
    assert marked(patched(ROW, fields={"mood": "generated"}), {"mood": "X"}) == "[A]⟦Yes.X[/A]⟧"
    given = patched(ROW, fields={"mood": "environment"})
    assert marked(given, {"mood": "X"}) == "[A]⟦Yes.⟧X⟦[/A]⟧"
    assert of_mask(given) == ()


@pytest.mark.parametrize("field", ["observation", "mood"])
def test_a_field_is_declared_of_a_template_that_prints_lists_as_they_are(field: str):
    turn = f"{{{{- '[A]' -}}}}{{{{- m.{field} -}}}}{{{{- m.content -}}}}{{{{- '[/A]' -}}}}"
    given = patched(turn, fields={field: "environment"})
    assert marked(given, {field: "X"}) == "[A]X⟦Yes.[/A]⟧"
    report = rewriter.verify(
        given.source, given.template, fields={field: "environment"}, limits=None, examples=20
    )
    assert report.ok


def test_verification_takes_a_field_for_what_it_is_declared_to_be():
    variant = patched(ROW, fields={"mood": "generated"}).template
    chat = rewriter.Conversation.from_data(
        [ASKED, {"role": "assistant", "content": "", "mood": "X"}]
    )
    judged: dict[str, Any] = {"conversations": [chat], "limits": None}
    assert rewriter.verify(template(ROW), variant, fields={"mood": "generated"}, **judged).ok
    assert rewriter.verify_marked(variant, fields={"mood": "generated"}, **judged).ok
    report = rewriter.verify(template(ROW), variant, **judged)
    assert [failure.promise for failure in report.failures] == [
        "a field or variable that nobody knows is outside the mask"
    ]
    assert [notice.id for notice in of_mask(report)] == ["N001"]


def test_a_class_that_there_is_not_is_bad_input():
    with pytest.raises(rewriter.BadInput, match="generated, environment, header"):
        patched(ROW, fields={"mood": "mine"})


def test_fields_that_one_output_prints_by_a_name_are_refused_if_the_model_writes_one():
    each = "{%- for k in ['thought', 'mood'] -%}{%- if m[k] -%}{{- k + m[k] -}}{%- endif -%}"
    with pytest.raises(rewriter.Refused, match="this prints 'mood'"):
        patched("{{- '[A]' -}}" + each + "{%- endfor -%}{{- m.content + '[/A]' -}}")
