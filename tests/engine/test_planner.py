"""Goals are enough: the transforms are found, the smallest edits that hold are taken."""

import pytest
from click.testing import CliRunner
from rendering import rendered

import rewriter
from rewriter.cli import main
from rewriter.engine.plan import Subject
from rewriter.engine.planner import candidates, recipes_for
from rewriter.tracing import compiled

LOOP = "{% for m in messages %}"
PROMPT = "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
OWN_BRANCH = (
    LOOP + "<|{{ m.role }}|>{% if m.role == 'assistant' %}{{ m.content }}<|end|>"
    "{% else %}{{ m.content }}<|end|>{% endif %}" + PROMPT
)
ONE_OUTPUT = LOOP + "{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}" + PROMPT
END_AFTER = (
    LOOP + "{% if m.role == 'assistant' %}<|assistant|>{{ m.content }}"
    "{% else %}<|user|>{{ m.content }}{% endif %}<|end|>" + PROMPT
)
MAY_BE_EMPTY = (
    LOOP + "{% if m.role == 'assistant' %}<|assistant|>{{ m.content }}"
    "{% else %}<|user|>{{ m.content }}{% endif %}" + PROMPT
)
EARLIER_THOUGHT_IS_LEFT_OUT = (
    LOOP + "{% if m.role == 'assistant' %}<|assistant|>{% if loop.last and m.reasoning_content %}"
    "<t>{{ m.reasoning_content }}</t>{% endif %}{{ m.content + '<|end|>' }}"
    "{% else %}<|user|>{{ m.content }}{% endif %}" + PROMPT
)
HI = {"role": "user", "content": "hi"}
YES = {"role": "assistant", "content": "yes"}


def test_a_transform_with_a_hazard_is_never_planned():
    found, lost = candidates(Subject(OWN_BRANCH, "strict"), recipes_for(["assistant-mask"]))
    names = [t.name for candidate in found for t in candidate.recipe]
    names += [name for each in lost for name in each.transforms]
    assert names
    assert "require-both-think-tags" not in names


def test_a_goal_that_was_not_asked_for_changes_nothing():
    found = rewriter.rewrite(EARLIER_THOUGHT_IS_LEFT_OUT, examples=50)
    assert "keep-earlier-turns" not in found.transforms


@pytest.mark.parametrize(
    ("source", "transforms"),
    [
        (OWN_BRANCH, ("wrap-assistant-output",)),
        (ONE_OUTPUT, ("split-role-header", "wrap-assistant-output")),
        (END_AFTER, ("move-turn-end-into-branches", "wrap-assistant-output")),
        (MAY_BE_EMPTY, ("wrap-unless-empty",)),
    ],
)
def test_no_more_is_done_than_must_be(source: str, transforms: tuple[str, ...]):
    found = rewriter.rewrite(source, examples=50)
    assert (found.proof, found.transforms) == ("structure", transforms)
    assert rendered(found.template, [HI, YES]).marked.count("⟦yes") == 1


def test_a_transform_that_is_named_does_what_there_is_to_do():
    found = rewriter.rewrite(OWN_BRANCH, transforms=["wrap-behind-prefill"], limits=None)
    wrapped = rewriter.rewrite(OWN_BRANCH, transforms=["wrap-assistant-output"], limits=None)
    assert found.template == wrapped.template != OWN_BRANCH


def test_goals_that_are_asked_for_are_reached_and_checked():
    goals = ("assistant-mask", "prefix-preserving")
    found = rewriter.rewrite(EARLIER_THOUGHT_IS_LEFT_OUT, goals=goals, examples=50)
    assert "keep-earlier-turns" in found.transforms
    assert found.proof == "verified"
    thought = {**YES, "reasoning_content": "hm"}
    shown = rendered(found.template, [HI, thought, HI, YES])
    assert (
        shown.marked
        == "<|user|>hi<|assistant|>⟦<t>hm</t>yes<|end|>⟧<|user|>hi<|assistant|>⟦yes<|end|>⟧"
    )


def test_a_goal_alone_puts_no_mask_in():
    goals = ("prefix-preserving",)
    found = rewriter.rewrite(EARLIER_THOUGHT_IS_LEFT_OUT, goals=goals, verify=False)
    assert found.transforms == ("keep-earlier-turns",)


def test_a_goal_that_there_is_not_is_bad_input():
    with pytest.raises(rewriter.BadInput, match="no goal 'speed'"):
        rewriter.rewrite(OWN_BRANCH, goals=("speed",))  # type: ignore[arg-type]


def test_what_was_tried_before_is_told():
    found = rewriter.rewrite(ONE_OUTPUT, examples=50)
    assert found.tried[0].startswith("wrap-assistant-output: this prints what the assistant is")


def test_what_is_asked_for_of_arguments_is_reached_and_leaves_text_as_it_is():
    source = (
        LOOP + "<|{{ m.role }}|>{% if m.role == 'assistant' %}{{ m.content }}"
        "{% for c in m.tool_calls %}{{ '<call>' + c.function.arguments + '</call>' }}{% endfor %}"
        "<|end|>{% else %}{{ m.content }}<|end|>{% endif %}" + PROMPT
    )
    goals = ("assistant-mask", "dict-arguments")
    found = rewriter.rewrite(source, goals=goals, examples=50)
    assert found.transforms == ("tojson-tool-arguments", "wrap-assistant-output")
    for arguments in ({"at": "home"}, '{"at": "home"}'):
        call = {**YES, "tool_calls": [{"function": {"name": "look", "arguments": arguments}}]}
        shown = rendered(found.template, [HI, call]).marked
        assert shown.endswith('⟦yes<call>{"at": "home"}</call><|end|>⟧')


def test_what_the_probes_do_not_tell_is_learnt_all_the_same():
    """No probe begins with the assistant, for whom the first turn is printed apart."""
    source = (
        LOOP + "{% if loop.first %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}"
        "{% else %}{{ '\n<|' + m.role + '|>' + m.content + '<|end|>' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '\n<|assistant|>' }}{% endif %}"
    )
    found = rewriter.rewrite(source, examples=50)
    assert rendered(found.template, [YES]).marked == "<|assistant|>⟦yes<|end|>⟧"


def test_what_no_probe_reaches_is_reached_and_left_out_if_nobody_knows_who_says_it():
    before = LOOP + "{% if m.role == 'assistant' %}<|assistant|>"
    after = "{{ m.content }}<|end|>{% else %}<|user|>{{ m.content }}{% endif %}" + PROMPT
    thought = before + "{% if m.thought %}<t>{{ m.thought }}</t>{% endif %}" + after
    found = rewriter.rewrite(thought, examples=50).template
    assert rendered(found, [{**YES, "thought": "hm"}]).marked.startswith(
        "<|assistant|>⟦<t>hm</t>yes"
    )
    for field in ("mood", "tool_results"):
        found = rewriter.rewrite(thought.replace("m.thought", f"m.{field}"), examples=50).template
        shown = rendered(found, [{**YES, field: "hm"}]).marked
        assert shown.startswith("<|assistant|><t>hm</t>⟦yes<|end|>⟧")


def test_a_text_is_not_sliced_after_a_token_of_the_tokenizers_own_length():
    source = (
        LOOP
        + "{{ [bos_token, '<|', m.role, '|>', m.content, '<|end|>'] | join | string }}{% endfor %}"
        "{% if add_generation_prompt %}{{ bos_token }}<|assistant|>{% endif %}"
    )
    with pytest.raises(rewriter.Refused) as raised:
        rewriter.rewrite(source, examples=50)
    assert raised.value.reason is rewriter.Reason.MIXED


def test_planning_compiles_the_template_once(monkeypatch: pytest.MonkeyPatch):
    compiles = []
    original = compiled._compiled

    def counted(*args):
        compiles.append(args)
        return original(*args)

    monkeypatch.setattr(compiled, "_compiled", counted)
    found, _ = candidates(Subject(ONE_OUTPUT, "strict"), recipes_for(["assistant-mask"]))
    assert found
    assert len(compiles) == 1


def test_the_command_takes_goals_and_explains(tmp_path):
    file = tmp_path / "x.jinja"
    file.write_text(EARLIER_THOUGHT_IS_LEFT_OUT)
    goals = ["--goal", "assistant-mask", "--goal", "prefix-preserving"]
    asked = ["patch", str(file), *goals, "--explain", "--examples", "50"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0
    assert "{% generation %}" in result.stdout
    assert "taken:\n  keep-earlier-turns + " in result.stderr
    assert "line 1: {{ m.reasoning_content }}: what the assistant generates" in result.stderr


def test_what_was_tried_is_still_there_under_its_old_name():
    source = (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    found = rewriter.rewrite(source, verify=False, limits=None)
    with pytest.warns(DeprecationWarning, match="Rewrite.tried"):
        assert found.lost == found.tried
