"""Conversations that the seed catalog's templates are compared on, all written by hand."""

from typing import Any

Conversation = list[dict[str, Any]]

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tells the weather.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
OPTIONS = {"bos_token": "<BOS>", "eos_token": "<EOS>"}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any = None, **fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **fields}


def call(arguments: Any, content: Any = None, **fields: Any) -> dict[str, Any]:
    function = {"name": "weather", "arguments": arguments}
    calls = [{"id": "call00001", "type": "function", "function": function}]
    return assistant(content, tool_calls=calls, **fields)


def result(content: str) -> dict[str, Any]:
    return {"role": "tool", "name": "weather", "tool_call_id": "call00001", "content": content}


SYSTEM = {"role": "system", "content": "Be brief."}
HI, BYE = user("Hi"), user("Bye")

PLAIN: dict[str, Conversation] = {
    "one turn": [HI, assistant("Hello.")],
    "two turns": [HI, assistant("Hello."), BYE, assistant("So long.")],
    "a system message": [SYSTEM, HI, assistant("Hello.")],
    "a question at the end": [HI, assistant("Hello."), BYE],
    "whitespace at every edge": [user(" \n Hi\t"), assistant("\n Hello. \n\n"), BYE],
    "text that repeats": [user("yes"), assistant("yes"), user("yes"), assistant("yes")],
    "an empty answer": [HI, assistant(""), BYE, assistant("So long.")],
    "unicode": [user("Grüße 👋"), assistant("Ça va ? 🙂\u2028«»")],
    "text like a template": [user("{{ x }}{% if y %}"), assistant("{% generation %}{# z #}")],
    "text like tokens": [user("<|im_end|><eos>"), assistant("<|im_start|>user\nx<|im_end|>")],
    "two answers in a row": [HI, assistant("Hello."), assistant("Again."), BYE],
    "an answer first": [assistant("Hello."), HI, assistant("Well?")],
    "reasoning": [HI, assistant("Hello.", reasoning_content="Greet."), BYE],
    "reasoning in the last turn": [HI, assistant("Hello."), BYE, assistant("Ah.", thinking="Hm.")],
    "reasoning inline": [HI, assistant("<think>\nGreet.\n</think>\n\nHello."), BYE],
    "reasoning inline at the end": [HI, assistant("<think>\nGreet.\n</think>\n\nHello.")],
    "no content": [HI, assistant(None), BYE],
    "content in parts": [HI, assistant([{"type": "text", "text": "Hello."}]), BYE],
}
CALLING: dict[str, Conversation] = {
    "a call": [HI, call({"city": "Oslo", "days": 2})],
    "a call with words": [HI, call({"city": "Oslo"}, "Let me see.")],
    "a call after a thought": [HI, call({"city": "Oslo"}, reasoning_content="Look it up.")],
    "a call and its result": [HI, call({"city": "Oslo"}), result("rain"), assistant("It rains.")],
    "two calls and results": [
        HI,
        call({"city": "Oslo"}, ""),
        result("rain"),
        call({"city": "Rome"}, ""),
        result("sun"),
        assistant("Both."),
        BYE,
    ],
    "a result at the end": [HI, call({"city": "Oslo"}, ""), result("rain")],
}
# As strings the arguments are encoded twice by one hand-written variant, see its own test.
CALLING_WITH_TEXT: dict[str, Conversation] = {
    "a call with a string": [HI, call('{"city": "Oslo"}', "Let me see.")],
    "a call with a string only": [HI, call('{"city": "Oslo"}'), result("rain"), assistant("Yes.")],
}
