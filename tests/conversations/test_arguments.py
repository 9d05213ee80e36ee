"""What a variant promises that takes objects where its original takes text."""

from rewriter.conversations.arguments import with_arguments_as_text
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named
from rewriter.rewriting.promises import promised
from rewriter.tracing.conversation import Conversation
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import AS_TEXT, WIDENS
from tests.verification.chatml import VARIANT as ENCODES
from tests.verification.chatml import edited

ENCODED = "            {{- call.function.arguments | tojson }}\n"
JOINED = edited(ENCODES, (ENCODED, "            {{- '' + call.function.arguments }}\n"))
EITHER = "(call.function.arguments if call.function.arguments is string else {})"
ARGUMENTS = {"at": "home", "no": None}


def variant(printed: str) -> str:
    other = EITHER.format(printed)
    return edited(ENCODES, (ENCODED, "            {{- '' + " + other + " }}\n"))


def called(arguments: object) -> Conversation:
    call = {"type": "function", "function": {"name": "look", "arguments": arguments}}
    return Conversation(
        (
            {"role": "user", "content": "what now"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
        )
    )


def broken(printed: str) -> set[str]:
    contract = promised(Subject(JOINED, "strict"), [transform_named("tojson-tool-arguments")])
    report = verify_pair(JOINED, variant(printed), contract, "strict", examples=20)
    return {failure.promise for failure in report.failures}


def test_text_stays_as_it_is():
    assert with_arguments_as_text(called('{"at": "home"}')) is None
    assert with_arguments_as_text(Conversation(({"role": "user", "content": "a"},))) is None


def test_an_object_becomes_the_text_that_a_template_would_make_of_it():
    written = with_arguments_as_text(called({"at": "höme", "deep": [1, True]}))
    (call,) = written.messages[1]["tool_calls"]
    assert call["function"]["arguments"] == '{"at": "höme", "deep": [1, true]}'


def test_an_object_printed_as_its_json_text_breaks_nothing():
    assert broken("call.function.arguments | tojson") == set()


def test_an_object_printed_otherwise_is_found():
    assert broken("call.function.arguments | string") == {AS_TEXT}


def test_an_object_that_is_still_not_taken_is_found():
    assert broken("call.function.arguments") == {AS_TEXT}


def test_a_contract_that_only_widens_says_nothing_of_objects():
    other = variant("call.function.arguments | string")
    assert verify_pair(JOINED, other, WIDENS, "strict", examples=20).ok
