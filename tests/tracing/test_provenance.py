"""Strings remember where each character is from, and read as plain strings do."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.tracing.inputs import Inputs
from rewriter.tracing.origins import UNKNOWN, Field, Input, Literal
from rewriter.tracing.provenance import Traced, blended, joined, passed_on, stretches_of, tracked

# Each letter once, so that a character tells by itself where it is from.
ONE, OTHER = "kLmNo pQ\nr\tS", "uVwXy"
PLACES = {letter: (0, index) for index, letter in enumerate(ONE)}
PLACES |= {letter: (1000, index) for index, letter in enumerate(OTHER)}

Made = Callable[[str, str], Any]

KEEPS: dict[str, Made] = {
    "+": lambda a, b: a + b,
    "+ the other way": lambda a, b: b + a,
    "*": lambda a, _: a * 3,
    "* the other way": lambda _, b: 2 * b,
    "* nothing": lambda a, _: a * -1,
    "[index]": lambda a, _: a[4],
    "[negative index]": lambda a, _: a[-2],
    "[slice]": lambda a, _: a[2:7],
    "[negative slice]": lambda a, _: a[-4:-1],
    "[backward]": lambda a, _: a[::-1],
    "[steps]": lambda a, _: a[1::3],
    "[empty]": lambda a, _: a[7:2],
    "[beyond]": lambda a, _: a[3:99],
    "iteration": lambda a, _: list(a),
    "strip": lambda a, _: (a + " \n").strip(),
    "strip of characters": lambda a, _: a.strip("kS\t"),
    "lstrip": lambda a, _: a[5:].lstrip(),
    "rstrip": lambda a, _: a[:6].rstrip(),
    "lstrip of characters": lambda a, _: a.lstrip("Lk"),
    "rstrip of characters": lambda a, _: a.rstrip("S"),
    "removeprefix": lambda a, _: a.removeprefix("kLm"),
    "removeprefix that is not there": lambda a, _: a.removeprefix("x"),
    "removesuffix": lambda a, _: a.removesuffix("\tS"),
    "removesuffix that is not there": lambda a, _: a.removesuffix("x"),
    "split": lambda a, _: a.split(),
    "split once": lambda a, _: a.split(None, 1),
    "split at": lambda a, _: a.split("No"),
    "split at a traced string": lambda a, b: (a + b + a).split(b),
    "split where there is nothing": lambda a, _: a.split("zz"),
    "split at, limited": lambda a, _: (a + a + a).split("m", 1),
    "rsplit": lambda a, _: a.rsplit(),
    "rsplit once": lambda a, _: a.rsplit(None, 1),
    "rsplit at, limited": lambda a, _: (a + a + a).rsplit("m", 1),
    "splitlines": lambda a, _: (a + "\n").splitlines(),
    "splitlines with ends": lambda a, _: a.splitlines(keepends=True),
    "partition": lambda a, _: a.partition("N"),
    "partition where there is nothing": lambda a, _: a.partition("zz"),
    "rpartition": lambda a, _: (a + a).rpartition("N"),
    "rpartition where there is nothing": lambda a, _: a.rpartition("zz"),
    "replace": lambda a, b: a.replace("mN", b),
    "replace by nothing": lambda a, _: a.replace("mN", ""),
    "replace once": lambda a, b: (a + a).replace("m", b, 1),
    "replace what is not there": lambda a, b: a.replace("zz", b),
    "join": lambda a, b: b.join([a, a, a]),
    "join of characters": lambda a, b: b.join(a),
    "str": lambda a, _: str(a),
    "upper": lambda a, _: a.upper(),
    "lower": lambda a, _: a.lower(),
    "title": lambda a, _: a.title(),
    "capitalize": lambda a, _: a.capitalize(),
    "swapcase": lambda a, _: a.swapcase(),
    "casefold": lambda a, _: a.casefold(),
    "joined": lambda a, b: joined([a, b, a]),
    "%": lambda a, b: (a + "%s" + b) % b,
    "% of some": lambda a, b: ("%s" + a + "%s%s") % (b, a, b),
    "% by name": lambda a, b: (a + "%(it)s%(it)s") % {"it": b},
    "% to a width": lambda a, b: (a + "%9s" + b) % b,
    "% to a width on the left": lambda a, b: (a + "%-9s" + b) % b,
    "% of as many": lambda a, b: (a + "%7.2s" + b) % b,
    "% of none": lambda a, b: (a + "%.s" + b) % b,
    "format": lambda a, b: filled(a + "{}" + b + "{}", b, a),
    "format by number": lambda a, b: filled(a + "{1}{0}{1}", b, a),
    "format by name": lambda a, b: filled(a + "{it}{it!s}" + b, it=b),
}


def filled(text: str, *args: str, **named: str) -> str:
    made = text.format(*args, **named)
    return text.formatted(made, args, named) if isinstance(text, Traced) else made


def whole(text: str, at: int) -> Traced:
    return Traced.whole(text, Literal(at, 0))


def strings(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def origins(text: str) -> Iterator[Any]:
    """The origin of each character of a string."""
    for length, origin, _, _ in stretches_of(text):
        for index in range(length):
            at_index = isinstance(origin, Literal)
            yield Literal(origin.at, origin.index + index) if at_index else origin


@pytest.mark.parametrize("made", KEEPS.values(), ids=KEEPS)
def test_it_reads_as_with_plain_strings(made: Made):
    assert made(whole(ONE, 0), whole(OTHER, 1000)) == made(ONE, OTHER)


@pytest.mark.parametrize("made", KEEPS.values(), ids=KEEPS)
def test_each_character_keeps_its_place(made: Made):
    # What is only typed into the expression above is plain, and of unknown origin.
    known = {swapped(letter): place for letter, place in PLACES.items()} | PLACES
    for text in strings(made(whole(ONE, 0), whole(OTHER, 1000))):
        found = list(origins(text))
        assert len(found) == len(text)
        for letter, origin in zip(text, found, strict=True):
            if origin != UNKNOWN:
                assert (origin.at, origin.index) == known[letter]
            else:
                assert letter in " \n"


def swapped(letter: str) -> str:
    return letter.swapcase()


METHODS = ["strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "title", "upper"]
ARGUMENT = ["removeprefix", "removesuffix", "partition", "rpartition", "split", "rsplit", "strip"]
_texts = st.text("aB \n\r\tİß-", max_size=12)


@given(_texts, st.sampled_from(METHODS))
def test_a_method_reads_as_that_of_a_plain_string_whatever_the_text(text: str, method: str):
    check(text, getattr(whole(text, 0), method)(), getattr(text, method)(), method)


@given(_texts, st.text("aB \n-", min_size=1, max_size=2), st.sampled_from(ARGUMENT))
def test_so_does_a_method_with_an_argument(text: str, argument: str, method: str):
    check(text, getattr(whole(text, 0), method)(argument), getattr(text, method)(argument), method)


@given(_texts, st.text("aB", max_size=2), st.text("xy", max_size=2), st.integers(-1, 3))
def test_so_does_replace(text: str, old: str, new: str, count: int):
    check(text, whole(text, 0).replace(old, new, count), text.replace(old, new, count), "replace")


@given(_texts, st.slices(12))
def test_so_does_a_slice(text: str, part: slice):
    check(text, whole(text, 0)[part], text[part], "slice")


def check(text: str, got: Any, expected: Any, method: str) -> None:
    assert got == expected
    for part in strings(got):
        for letter, origin in zip(part, origins(part), strict=True):
            if isinstance(origin, Literal) and method not in ("title", "upper"):
                assert text[origin.index] == letter


def test_an_index_beyond_the_end_is_an_error_as_ever():
    with pytest.raises(IndexError):
        whole("ab", 0)[2]


@pytest.mark.parametrize("other", [None, 1, ["a"]])
def test_joining_to_what_is_no_string_is_an_error_as_ever(other: object):
    with pytest.raises(TypeError):
        whole("ab", 0) + other
    with pytest.raises(TypeError):
        other + whole("ab", 0)


def field(text: str, message: int, *path: str | int) -> Traced:
    return Traced.whole(text, Field(message, path))


def test_new_text_made_from_one_message_is_of_that_message():
    made = blended("new", [field("a", 1, "content"), whole("literal", 0)])
    assert set(origins(made)) == {Field(1, ("content",))}


def test_new_text_made_from_two_fields_of_a_message_is_of_what_they_share():
    value = {"a": field("x", 1, "tool_calls", 0, "a"), "b": [field("y", 1, "tool_calls", 0, "b")]}
    assert set(origins(blended("new", [value]))) == {Field(1, ("tool_calls", 0))}


@pytest.mark.parametrize(
    "sources",
    [
        [],
        [12],
        [whole("literal", 0)],
        [field("a", 1, "content"), field("b", 2, "content")],
        [field("a", 1, "content"), Traced.whole("2", UNKNOWN)],
        [field("a", 1, "content"), Traced.whole("t", Input("tools"))],
    ],
)
def test_new_text_made_from_anything_else_is_never_guessed(sources: list[Any]):
    assert set(origins(blended("new", sources))) == {UNKNOWN}


def test_a_filter_s_new_text_is_of_what_it_was_made_from():
    shout = tracked(lambda value, mark="!": "".join([str.upper(value), mark]))
    assert set(origins(shout(field("a", 3, "content")))) == {Field(3, ("content",))}
    same = field("a", 3, "content")
    assert tracked(lambda value: value)(same) is same


@pytest.mark.parametrize("made", [
    whole("<%r>", 0) % field("a", 2, "content"),
    whole("<%x$%s>", 0).formatted("<'a'>", (field("a", 2, "content"),), {}),
    filled(whole("<{!r}>", 0), field("a", 2, "content")),
    filled(whole("<{:>3}>", 0), field("a", 2, "content")),
])  # fmt: skip
def test_what_a_format_makes_new_is_of_what_it_formats(made: str):
    assert set(origins(made[1:-1])) == {Field(2, ("content",))}


@pytest.mark.parametrize("made", [
    whole("a%%b%s", 0) % field("c", 2, "content"),
    filled(whole("a{{b{}", 0), field("c", 2, "content")),
    filled(whole("a}}b{}", 0), field("c", 2, "content")),
])  # fmt: skip
def test_what_a_format_writes_twice_and_prints_once_is_of_the_format(made: str):
    at = [origin.index for origin in origins(made) if isinstance(origin, Literal)]
    assert [at[0], at[2]] == [0, 3]
    assert at[1] in (1, 2)
    assert list(origins(made))[3:] == [Field(2, ("content",))]


PIECES = ["%", "s", "%s", "%5s", "%-3s", "%.1s", "%d", "%(a)s", "%%", "{", "}", "{}", "{a}", "{0}"]
PIECES += ["{:>4}", "{a!r}", "{a.real}", "-", "%*s", "{{", "}}", "%c"]
VALUES = st.sampled_from(["", "xy", " z", 7, 2.5, None, ["q"]])


@given(
    st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
    st.one_of(VALUES, st.tuples(VALUES, VALUES), VALUES.map(lambda value: {"a": value})),
)
def test_a_format_makes_what_it_makes_of_plain_text(text: str, values: Any):
    assert made_or_raised(lambda: whole(text, 0) % values) == made_or_raised(lambda: text % values)
    named = values if isinstance(values, dict) else {}
    args = values if isinstance(values, tuple) else (values,)
    plain = made_or_raised(lambda: text.format(*args, **named))
    traced = made_or_raised(lambda: filled(whole(text, 0), *args, **named))
    assert traced == plain


def made_or_raised(make: Callable[[], str]) -> Any:
    try:
        return make()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return type(error)


def test_a_place_that_passes_text_on_is_added_after_those_before_it():
    text = passed_on(passed_on(field("ab", 0, "content"), 5, None) + whole("c", 9), 7, 3)
    found = [(stretch.length, stretch.sites, stretch.turn) for stretch in stretches_of(text)]
    assert found == [(2, (5, 7), 3), (1, (7,), 3)]


def test_the_turn_in_which_text_came_up_first_stays():
    (stretch,) = stretches_of(passed_on(passed_on(whole("a", 0), 5, 1), 6, 2))
    assert stretch.turn == 1


def test_each_string_of_a_message_knows_where_it_is():
    call = {"function": {"name": "look", "arguments": {"at": ["home", 2]}}}
    (message,) = Inputs().messages([{"role": "assistant", "tool_calls": [call]}])
    paths = dict(_below(message))
    assert paths["look"] == Field(0, ("tool_calls", 0, "function", "name"))
    assert paths["home"] == Field(0, ("tool_calls", 0, "function", "arguments", "at", 0))
    assert paths["at"] == Field(0, ("tool_calls", 0, "function", "arguments", "at"))
    assert message["tool_calls"][0]["function"]["arguments"]["at"][1] == 2


@pytest.mark.parametrize(
    ("holder", "path"),
    [
        ("content", ("content",)),
        ("tool_calls", ("tool_calls",)),
    ],
)
def test_what_is_printed_as_a_whole_is_of_the_field_that_holds_it(holder, path):
    values = {"content": {"at": "home"}, "tool_calls": [{"name": "look"}]}
    (message,) = Inputs().messages([{"role": "assistant", **values}])
    assert stretches_of(blended("made", [message[holder]]))[0].origin == Field(0, path)


def test_what_a_template_lists_is_of_the_fields_that_it_lists():
    (message,) = Inputs().messages([{"role": "assistant", "content": "x"}])
    (stretch,) = stretches_of(blended("made", [[message["content"]]]))
    assert stretch.origin == Field(0, ("content",))


def _below(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, str):
        yield from ((str(value), stretch.origin) for stretch in stretches_of(value))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (*_below(key), *_below(item))
    elif isinstance(value, list):
        for item in value:
            yield from _below(item)
