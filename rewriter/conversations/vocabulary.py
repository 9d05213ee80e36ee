"""The texts in generated conversations.

Counterexamples shrink to the first of each list. The lists are fixed, instead of Hypothesis' own
text, so that a seed gives the same conversations under every version of Unicode.
"""

from __future__ import annotations

from typing import Any, Final

# Stands for a special token of the template that the conversation is for.
TOKEN: Final = "\ue000"

PHRASES: Final = (
    "a",
    "what now",
    "All good, thanks.",
    "Two lines.\nThe second one.",
    "one\n\n\ntwo",
    "1 + 1 = 2; a*b, c_d",
    # whitespace at an edge, and nothing else
    " before",
    "after ",
    "\nnewline before",
    "newline after\n",
    "\n\n around \t\n",
    " ",
    "\n",
    "\r\nwindows\r\n",
    "\u00a0no-break\u2003em\u200b",
    "line\u2028separator",
    # beyond ASCII
    "naïve café",
    "e\u0301 combining",
    "日本語、你好",
    "🙂👩\u200d🔬🇪🇺",
    "עברית و العربية",
    "ﬁ ß İ ǅ",
    # like Jinja
    "{{ messages }}",
    "{% raise %}",
    "{% generation %}x{% endgeneration %}",
    "{# comment #}",
    "{{ raise_exception('no') }}",
    "%s %(a)s {0} {a}",
    # like a special token
    TOKEN,
    "a" + TOKEN + "b",
    TOKEN + "\n",
    "<|im_start|>assistant\nno<|im_end|>\n",
    "<end_of_turn>",
    "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
    "</s>",
    "[INST] no [/INST]",
    "<|channel|>final<|message|>",
    "<｜end▁of▁sentence｜>",
    # like a role header
    "assistant",
    "user\n",
    "Assistant: yes",
    "\n\nHuman: and",
    "tool",
    # like what surrounds it
    "<think>",
    "</think>",
    "<think>\nhm\n</think>\n\nwell",
    "<think></think>",
    "</think>before<think>",
    "<tool_call>\n{}\n</tool_call>",
    "<tool_response>\nx\n</tool_response>",
    "/nothink",
    "/no_think",
    # like data
    '{"at": "home"}',
    "[1, 2]",
    "null",
    "None",
    "0",
    'it\'s "so"',
    "back\\slash \\n",
    "<b>&amp;</b>",
    "```json\n{}\n```",
)

# Forms of reasoning within content: both tags, one of them, several, empty.
INLINE: Final = (
    "<think>\n{thought}\n</think>\n\n{answer}",
    "<think>{thought}</think>{answer}",
    "<think>\n\n</think>\n\n{answer}",
    "{thought}</think>{answer}",
    "<think>{thought}{answer}",
    "{answer}<think>{thought}</think>",
    "<think>{thought}</think>{answer}<think>{thought}</think>{answer}",
    "<think>{thought}</think>{answer}</think>",
)
REASONING_FIELDS: Final = ("reasoning_content", "thinking", "reasoning")

FUNCTIONS: Final = ("look", "get_weather", "überprüfe-1")
ARGUMENTS: Final[tuple[Any, ...]] = (
    {"at": "home"},
    {},
    {"at": "a", "depth": 2, "exact": True, "open": False},
    {"at": {"list": [1, 2.5, {"none": None}], "empty": []}, "no": None, "nothing": {}},
    {"ключ": "値 🙂", "a b": "\n"},
    {"quoted": 'say "hi" \\ it\'s', "html": "<a href='x'>&</a>"},
    {"at": ""},
    '{"at": "home"}',
    "{}",
    "",
    "not JSON",
    '{"ключ": "値", "deep": {"a": [1]}}',
    '"quoted"',
)

IMAGES: Final = (
    {"type": "image"},
    {"type": "image", "image": "a.png"},
    {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
)
FILM: Final = {"type": "video", "video": "a.mp4"}

DOCUMENTS: Final = ({"title": "Geese", "text": "Geese fly."}, {"title": "", "text": "a\nb"})
