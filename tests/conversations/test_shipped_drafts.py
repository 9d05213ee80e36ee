"""The drafts that travel with the package, which every template is judged on by default."""

import json
import subprocess
import sys

from rewriter.conversations.draft import Draft
from rewriter.conversations.drafting import drawn, generated
from rewriter.conversations.kinds import KINDS, kind_of
from rewriter.conversations.shipped_drafts import EXAMPLES, FILE, SEED
from tests.conversations.shipping import strategies_digest

HEADER, *LINES = FILE.read_bytes().split(b"\n")


def test_another_seed_or_a_larger_number_is_drawn():
    assert generated(5, SEED + 1) == drawn(5, SEED + 1)
    assert generated(EXAMPLES + 1, SEED) == drawn(EXAMPLES + 1, SEED)


def test_as_many_travel_as_a_proof_asks_for_and_fewer_are_the_first_of_them():
    assert len(generated(EXAMPLES, SEED)) == EXAMPLES
    assert generated(40, SEED) == generated(EXAMPLES, SEED)[:40]


def test_they_were_drawn_with_the_strategies_of_today():
    # If this fails, run `python -m tests.conversations.shipping`.
    assert json.loads(HEADER)["strategies"] == strategies_digest()


def test_what_is_read_is_what_was_written_to_the_last_type():
    read = [json.dumps(draft.as_json()).encode() for draft in generated(EXAMPLES, SEED)]
    assert [*read, b""] == LINES
    ahead = drawn(30, SEED + 1)
    assert repr([Draft.from_json(json.loads(json.dumps(d.as_json()))) for d in ahead]) == repr(
        [*ahead]
    )


def test_every_kind_of_message_is_among_them():
    messages = [m for draft in generated(EXAMPLES, SEED) for m in draft.conversation.messages]
    assert {kind_of(message) for message in messages} == set(KINDS)


def test_to_read_them_takes_no_hypothesis():
    code = (
        "import sys; from rewriter.carriers.kept_drafts import drafts_of; drafts_of(200, 0);"
        "print('hypothesis' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.returncode) == ("False\n", 0)
