"""Templates in JSON: nothing but the string's own characters changes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.carriers.json_strings import templates_in
from rewriter.errors import BadInput
from rewriter.source.edits import Edit, apply
from tests.carriers.literals import changed, edits_of

SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "/": "\\/"}
# Half a character among them: JSON can write it as an escape.
CHARACTERS = st.one_of(
    st.sampled_from('{%}"\\/\n\t\x00\x7fäß…😀\u2028\ud83d'), st.characters(max_codepoint=0x2FF)
)
TEXTS = st.text(CHARACTERS, max_size=30)
AROUND = (
    ('{"chat_template": ', "}"),
    ('\ufeff{\r\n  "chat_template" :\t', '\r\n , "z": [1.0, 1E+5, {"a": null}]}'),
    ('{"a": "chat_template", "b\\"": ["{", "\\\\"], "chat_template":', ',"é": "\\u00E9"}\n\n'),
    ('{"chat_template": [{"name": "a", "template": ', '}, {"name": "b", "template": 1}]}'),
    ('[{"x": {"chat_template": {\n\t"default": ', "}}}]"),
    ('{"chat_template": "of two the last counts", "chat_template": ', ' , "x": {}}\n'),
)


@st.composite
def spelled(draw: st.DrawFn) -> list[tuple[str, str]]:
    """A text, each character with one of the ways to write it."""
    return [(each, draw(st.sampled_from(ways(each)))) for each in draw(TEXTS)]


def ways(character: str) -> list[str]:
    escape = json.dumps(character)[1:-1] if not character.isascii() else None
    escape = escape or f"\\u{ord(character):04x}"
    found = [escape, escape.upper().replace("\\U", "\\u")]
    if character in SHORT:
        found.append(SHORT[character])
    if character in '"\\':
        found.append(f"\\{character}")
    elif character >= " " and not "\ud800" <= character <= "\udfff":
        found.append(character)
    return found


def literal(characters: list[tuple[str, str]]) -> str:
    return f'"{"".join(written for _, written in characters)}"'


@settings(max_examples=60)
@given(spelled(), st.sampled_from(AROUND))
def test_without_an_edit_nothing_changes(characters, around):
    file = literal(characters).join(around)
    (template,) = templates_in(file, "x.json")
    assert template.text == json.loads(literal(characters))
    assert changed(file, template, ()) == file


@settings(max_examples=60)
@given(st.data(), spelled(), st.sampled_from(AROUND))
def test_what_is_written_is_read_back_and_the_rest_of_the_file_stays(data, characters, around):
    file = literal(characters).join(around)
    (template,) = templates_in(file, "x.json")
    inserted = st.text(CHARACTERS.filter(lambda c: c != "\ud83d"), max_size=10)
    edits = data.draw(edits_of(template.text, inserted))
    after = changed(file, template, edits)
    assert after.startswith(around[0])
    assert after.endswith(around[1])
    assert [each.text for each in templates_in(after, "x.json")] == [apply(template.text, edits)]


@settings(max_examples=60)
@given(spelled(), st.sampled_from(AROUND))
def test_the_place_of_each_character_is_where_it_is_written(characters, around):
    file = literal(characters).join(around)
    (template,) = templates_in(file, "x.json")
    for offset, (_, written) in enumerate(characters):
        assert file.startswith(written, template.literal.place(offset))
    assert file[template.literal.place(len(characters)) :] == '"' + around[1]


@settings(max_examples=60)
@given(st.data(), spelled())
def test_every_other_character_stays_as_it_is_written(data, characters):
    characters = [each for each in characters if each[0] != "\ud83d"]
    file = literal(characters).join(AROUND[0])
    (template,) = templates_in(file, "x.json")
    (edit, *others) = data.draw(edits_of(template.text, st.text("ab", max_size=3)))
    last = (edit, *others)[-1]
    after = changed(file, template, (edit, *others))
    assert after.startswith(AROUND[0][0] + literal(characters[: edit.start])[:-1])
    assert after.endswith(literal(characters[last.end :])[1:] + AROUND[0][1])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r'"<\n"', r'"<\n<\n"'),
        (r'"\u003c\u000a"', r'"\u003c\u000a\u003c\u000a"'),
        (r'"\u003C\u000A"', r'"\u003C\u000A\u003C\u000A"'),
    ],
)
def test_what_is_put_in_is_written_as_the_string_writes_it_elsewhere(before: str, after: str):
    file = f'{{"chat_template": {before}}}'
    (template,) = templates_in(file, "x.json")
    assert changed(file, template, [Edit(2, 2, "<\n")]) == file.replace(before, after)


def test_beyond_ascii_the_string_has_its_own_habit():
    for before, after in (('"\\u00e9"', '"\\u00e9\\ud83d\\ude00"'), ('"é"', '"é😀"')):
        file = f'{{"chat_template": {before}}}'
        (template,) = templates_in(file, "x.json")
        assert changed(file, template, [Edit(1, 1, "😀")]) == file.replace(before, after)


def test_beyond_ascii_a_string_without_a_habit_has_that_of_the_file():
    for other, after in (("\\u00e9", "\\u2026"), ("é", "…"), ("", "…")):
        file = f'{{"a": "{other}", "chat_template": ""}}'
        (template,) = templates_in(file, "x.json")
        assert changed(file, template, [Edit(0, 0, "…")]) == f'{file[:-2]}{after}"}}'


def test_a_replacement_that_repeats_the_old_text_spares_it():
    file = r'{"chat_template": "\u0061\/b\u0063"}'
    (template,) = templates_in(file, "x.json")
    edit = Edit(0, len(template.text), "a/Xbc")
    assert changed(file, template, [edit]) == file.replace("b", "Xb")


def test_halves_of_a_character_that_would_meet_are_an_error():
    file = r'{"chat_template": "\ud83d-\ude00"}'
    (template,) = templates_in(file, "x.json")
    with pytest.raises(BadInput, match="two lone surrogates"):
        changed(file, template, [Edit(1, 2, "")])


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ({}, []),
        ({"template": "t", "a": ["chat_template"], "b": {"name": "x", "template": "t"}}, []),
        ({"chat_template": None}, []),
        ([{"chat_template": 1}, "chat_template"], []),
        ({"chat_template": "t"}, ["chat_template"]),
        (
            {
                "chat_template": [
                    {"name": "default", "template": "t"},
                    {"template": "u", "name": "tool_use"},
                ]
            },
            ["chat_template[default]", "chat_template[tool_use]"],
        ),
        (
            {"chat_template": {"default": "t", "rag": "u"}},
            ["chat_template[default]", "chat_template[rag]"],
        ),
        ({"tokenizer": [{"chat_template": "t"}]}, ["tokenizer.0.chat_template"]),
    ],
)
def test_the_templates_are_those_under_their_key(data: object, names: list[str]):
    for indent in (None, 2):
        assert [each.name for each in templates_in(json.dumps(data, indent=indent), "x")] == names


@pytest.mark.parametrize("text", ["", "{", '{"a": 1,}', '{"chat_template": "a\nb"}', "\ufeff"])
def test_what_is_no_json_is_bad_input_with_its_place(text: str):
    with pytest.raises(BadInput, match=r"^x\.json:\d+:\d+: not JSON"):
        templates_in(text, "x.json")


def test_json_that_is_nested_too_deeply_is_bad_input():
    with pytest.raises(BadInput, match="nested too deeply"):
        templates_in("[" * 200_000 + "]" * 200_000, "x.json")
