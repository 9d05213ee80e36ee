"""TRL's own functions, run on our variants of its families under the policy ``trl``.

They are taken out of the pinned wheel as it is. What they import besides, and only datasets and
images need, is left out; so TRL need not be installed.
"""

import importlib.util
import sys
from types import ModuleType

import pytest
from processors import VisionProcessor
from releases import RELEASE
from rendering import done_or_raised
from seed import HI, TOOLS, assistant, call

from rewriter.carriers.packages import read_package
from rewriter.engine.families import load_catalog
from tests.tokens.offline_tokenizers import byte_level_merging

CATALOG = load_catalog("trl-1.16.0")
FAMILIES = {f.name: f for f in CATALOG.families if f.recipe}
BY_HAND = [f.name for f in FAMILIES.values() if f.reference]
FUNCTIONS = {
    "chat_template_utils.py": "839f3724a499081816f0b6fd25ce3a262675f18c47acb2019461fea349d2e257"
}
# It indexes into its content for every role, and so takes blocks only, as processors give them.
TAKES_BLOCKS_ONLY = {"llava_next"}
SAID = {
    "an answer": [HI, assistant("Hello.")],
    "a thought": [HI, assistant("Hello.", reasoning_content="Greet.")],
    "a call": [HI, call({"city": "Oslo"}, "")],
}
STAND_IN = (
    "def prepare_multimodal_messages(messages, images=None):\n    raise NotImplementedError\n"
)

pytestmark = pytest.mark.usefixtures("fixed_date")


@pytest.fixture(scope="module")
def theirs(later_texts, tmp_path_factory):
    """TRL's module of functions on chat templates, beside the templates that it reads."""
    package = CATALOG.package.model_copy(update={"folder": "trl"})
    folder = tmp_path_factory.mktemp("trl")
    (folder / "chat_templates").mkdir()
    for name, text in later_texts.items():
        (folder / "chat_templates" / name).write_text(text, encoding="utf-8", newline="")
    name = "functions_of_trl"
    parent = ModuleType(name)
    parent.__path__ = [str(folder)]
    (folder / "data_utils.py").write_text(STAND_IN)
    (source,) = read_package(package, FUNCTIONS).values()
    path = folder / next(iter(FUNCTIONS))
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"{name}.functions", path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, name, parent)
        patch.setitem(sys.modules, module.__name__, module)
        spec.loader.exec_module(module)
        yield module


@pytest.fixture
def before(name, later_texts):
    return byte_level_merging(later_texts[FAMILIES[name].file])


@pytest.fixture
def after(name, later_texts, trl_variants):
    made = byte_level_merging(later_texts[FAMILIES[name].file])
    made.chat_template = trl_variants[name]
    return made


@pytest.mark.parametrize("name", FAMILIES)
def test_trl_takes_the_original_for_none_to_train_with_and_ours_for_one(
    name, theirs, before, after
):
    assert not theirs.has_generation_markers(before.chat_template)
    assert theirs.has_generation_markers(after.chat_template)
    assert theirs.get_training_chat_template(after) is None


@pytest.mark.parametrize("name", FAMILIES)
def test_what_can_call_tools_can_and_keeps_its_prefix(name, theirs, before, after):
    assert theirs.supports_tool_calling(after) is theirs.supports_tool_calling(before)
    if theirs.supports_tool_calling(after):
        assert theirs.is_chat_template_prefix_preserving(after)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_token_that_ends_a_turn_is_trained(name, theirs, before, after):
    made = VisionProcessor if name in TAKES_BLOCKS_ONLY else lambda same: same
    assert not theirs.is_chat_template_stop_token_trained(made(before))
    assert theirs.is_chat_template_stop_token_trained(made(after))


@pytest.mark.skipif(RELEASE < (5, 15), reason="it cannot read calls back by a schema")
@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
@pytest.mark.parametrize("name", BY_HAND)
def test_what_is_generated_reads_back_as_it_was_said_or_as_by_hand(
    name, said, theirs, before, after, later_texts
):
    if done_or_raised(lambda: theirs.add_response_schema(before)) is ValueError:
        pytest.skip("TRL cannot read what this family generates")
    if said[1].get("tool_calls") and not theirs.supports_tool_calling(before):
        pytest.skip("no tools")
    if "reasoning_content" in said[1] and not FAMILIES[name].supports.reasoning:
        pytest.skip("no thoughts")
    found = read_back(theirs, before, after.chat_template, said)
    by_hand = later_texts[FAMILIES[name].reference.file]
    assert found == said_by(said[1]) or found == read_back(theirs, before, by_hand, said)


def read_back(theirs, tokenizer, template, messages):
    """What TRL reads in the tokens of the mask, after those before it."""
    tools = TOOLS if messages[1].get("tool_calls") else None
    shown = tokenizer.apply_chat_template(
        messages,
        chat_template=template,
        tools=tools,
        return_assistant_tokens_mask=True,
        return_dict=True,
    )
    ids, mask = shown["input_ids"], shown["assistant_masks"]
    start, end = mask.index(1), len(mask) - mask[::-1].index(1)
    return said_by(
        theirs.parse_response(tokenizer, ids[start:end], prefix=ids[:start], tools=tools)
    )


def said_by(message):
    calls = [each["function"] for each in message.get("tool_calls", [])]
    thought = message.get("reasoning_content") or message.get("thinking") or ""
    return message.get("content") or "", thought, calls
