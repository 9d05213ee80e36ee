"""Schemas of tools in all their variety.

Templates walk over schemas to print them in their own way: every type, optional keys, nested
schemas. One toolbox has nearly everything, so that one render shows it.
"""

from __future__ import annotations

from typing import Any, Final

from rewriter.tracing.probes import TOOLS

_TYPES: Final = ("string", "number", "integer", "boolean", "null", "object", "array")
_SAID: Final[dict[str, Any]] = {"description": "what it is"}


def _tool(name: str, parameters: Any, **fields: Any) -> dict[str, Any]:
    function = {"name": name, "description": "Does so.", "parameters": parameters, **fields}
    return {"type": "function", "function": function}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _array(items: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **fields}


_INNER: Final = _object("a", "b", a={"type": "string"}, b={"type": "integer", **_SAID})
_OPEN: Final = {"type": "object", "properties": {"a": {"type": "string"}}}
# Each type alone, with a description, and as nullable.
_SCALARS: Final[dict[str, Any]] = {
    f"{kind}{number}": {"type": kind, **more}
    for kind in _TYPES
    for number, more in enumerate(({}, _SAID, {"nullable": True}, {**_SAID, "nullable": True}))
}
_CHOICES: Final[dict[str, Any]] = {
    "chosen": {"type": "string", "enum": ["one", "two"], **_SAID},
    "unsaid": {"type": "string", "enum": ["one"]},
    "default": {"type": "string", "enum": ["one", "two"], "default": "one"},
    "numbered": {"type": "integer", "enum": [1, 2]},
    "counted": {"type": "integer", "default": 1},
    "constant": {"const": "one"},
    "typeless": dict(_SAID),
    "empty": {},
    "types": {"type": ["string", "null"], "default": None},
    "one_type": {"type": ["string"]},
}
_NESTED: Final[dict[str, Any]] = {
    "nested": {**_INNER, **_SAID},
    "nullable": {**_INNER, "nullable": True},
    "open": _OPEN,
    "deep": _object(inner=_INNER, more=_OPEN),
    "none": _object(),
    "closed": {**_object(), "additionalProperties": False},
    "shapeless": {"type": "object", "required": ["a", "b"]},
    "free": {"type": "object", "additionalProperties": {"type": "string"}},
}
_LISTS: Final[dict[str, Any]] = {
    **{f"list_of_{kind}": _array({"type": kind}) for kind in _TYPES},
    "list": {"type": "array", **_SAID},
    "list_or_null": {"type": "array", "nullable": True},
    "list_of_anything": _array({}, **_SAID),
    "list_of_nothing": _array(None, nullable=True),
    "list_of_empty": _array(_object()),
    # An empty mapping, as PHP writes it.
    "list_of_lists_for_mappings": _array({"type": "object", "properties": []}),
    "list_of_inner": _array(_INNER, nullable=True),
    "list_of_open": _array(_OPEN, **_SAID, nullable=True),
    "list_of_named": _array({"title": "Item", "type": "object", **_SAID}),
    "list_of_chosen": _array({"type": "string", "enum": ["one", "two"]}),
    "list_of_types": _array({"type": ["string", "null"]}),
    "list_of_lists": _array(_array({"type": "number"})),
    "list_of_deep": _array(_object("x", x=_INNER, y={"type": "string", **_SAID})),
    "list_of_titled": _array(
        {"type": "object", "title": None, "properties": None, "default": {"a": [1, 0.5, True]}}
    ),
}
_EITHER: Final[dict[str, Any]] = {
    f"{word}{number}": {word: list(variants), **more}
    for word in ("anyOf", "oneOf", "allOf")
    for number, (variants, more) in enumerate(
        (
            (({"type": "string"}, {"type": "null"}), {}),
            ((_INNER, {"type": "string", **_SAID}), {"default": "a"}),
            (({"type": "integer", "default": 1, **_SAID}, {"type": "boolean"}), {**_SAID}),
            ((_OPEN,), {**_SAID}),
        )
    )
}
# A template that joins a default to a text raises for null, so nothing beside it would show.
_UNSET: Final[dict[str, Any]] = {
    word: {word: [_OPEN], "default": None} for word in ("anyOf", "oneOf", "allOf")
}
# Many entries of every list in a schema, the last unlike the others.
_NAMES: Final = tuple(f"w{number}" for number in range(12))
_WIDE: Final = _object(*_NAMES, **{name: {"type": "string"} for name in _NAMES}, last=_INNER)
_MANY: Final[dict[str, Any]] = {
    **{
        word: {word: [*({"type": "string", "description": name} for name in _NAMES), _OPEN]}
        for word in ("anyOf", "oneOf", "allOf")
    },
    "chosen": {"type": "string", "enum": [*_NAMES]},
    "types": {"type": [*_TYPES]},
    "wide": _WIDE,
    "list_of_wide": _array(_WIDE),
}
# Names of each length, since templates write differently what is too long for a line.
_LENGTHS: Final[dict[str, Any]] = {
    f"long{length}": _array(_object(**{"a" * length: {"type": "string"}}))
    for length in range(1, 64)
}

(_LOOK,) = TOOLS
WEATHER: Final = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": 'The weather, "as it is", naïvely.\nNothing else.',
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "enum": ["here", "there"], "description": "where"},
                "days": {"type": "array", "items": {"type": "integer"}},
                "unit": {"type": ["string", "null"], "default": "C"},
                "box": {
                    "type": "object",
                    "properties": {"deep": {"type": "number", "nullable": True}},
                },
            },
        },
        "return": {"type": "string"},
    },
}
_GROUPS: Final = tuple(
    _tool(f"group{number}", _object(*list(group)[::2], **group))
    for number, group in enumerate((_SCALARS, _CHOICES, _NESTED, _LISTS, _EITHER))
)
# Two tools of one namespace, and tools that are simpler or written in another form.
_ODD: Final = (
    _tool("files.read", _object("at", "by", at={"type": "string"}, by={"type": "string"})),
    _tool("files.write", _object()),
    _tool("empty", {}),
    _tool("nothing", None),
    _tool("unsaid", _INNER, description=""),
    _tool("loose", {"properties": {"a": {"type": "string"}}}),
    _tool("strict", _INNER, strict=True, response={"type": "object"}),
    _tool("answers", _INNER, response={"type": "string", **_SAID}),
    _tool("tells", _INNER, response={"type": "object", **_SAID}),
    {"type": "function", "function": {"name": "bare"}},
    {"type": "function", "function": {"name": "argless", "description": "Does so."}},
    _tool("unset", _object(**_UNSET)),
    _tool("unrequired", {**_OPEN, "required": None}),
    _tool("typeless", _object(a={"type": []})),
    _tool("long", _object(**_LENGTHS)),
    _tool("many", _object(**_MANY)),
    {"name": "look", "description": "Looks.", "parameters": _INNER},
    {"type": "function", "name": "bare"},
)
# The tools that drafts choose from, and those that every template is shown once.
TOOLBOXES: Final[tuple[tuple[dict[str, Any], ...], ...]] = (
    (_LOOK,),
    (_LOOK, WEATHER),
    (WEATHER,),
    (),
    *((group,) for group in _GROUPS),
    _ODD[:2],
)
THOROUGH: Final[tuple[tuple[dict[str, Any], ...], ...]] = (
    *((group, _LOOK) for group in _GROUPS),
    _ODD[:2],
    *((odd,) for odd in _ODD),
    (),
)
