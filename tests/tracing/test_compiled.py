"""The sandbox that changed trees run in is transformers' own, its short ways included."""

from typing import Any

import pytest
from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.utils import Namespace

from rewriter.tracing.compiled import Compiled, _getattr
from rewriter.tracing.installed_transformers import sandbox
from rewriter.tracing.provenance import UNKNOWN, Traced

pytestmark = pytest.mark.transformers_version

OBJECTS: dict[str, Any] = {
    "message": {"role": "user", "items": 1, "_hidden": 2, "__class__": 3, "": 4},
    "namespace": Namespace(role="user", items=1, _hidden=2),
    "string": "abc",
    "traced string": Traced.whole("abc", UNKNOWN),
    "loop": LoopContext([1, 2], Undefined),
    "list": [1, 2],
    "number": 7,
    "none": None,
    "dict subclass": type("Own", (dict,), {"extra": 1})(role="user"),
}
NAMES = sorted(
    {name for thing in OBJECTS.values() for name in dir(thing)}
    | {"role", "items", "_hidden", "", "missing", "__class__", "__init__", "mro", "func_globals"}
)


def outcome(getattr_, thing: Any, name: str) -> Any:
    """What comes of asking, in a form that can be compared."""
    try:
        found = getattr_(thing, name)
    except Exception as error:  # noqa: BLE001 — whatever is raised is compared
        return type(error), str(error)
    if isinstance(found, Undefined):
        return found._undefined_exception, found._undefined_name, found._undefined_hint
    return repr(found) if callable(found) else found


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_attribute_is_what_the_sandbox_says_it_is(kind):
    environment = sandbox()
    short = _getattr(environment)
    differing = [
        name
        for name in NAMES
        if outcome(short, OBJECTS[kind], name) != outcome(environment.getattr, OBJECTS[kind], name)
    ]
    assert differing == []


@pytest.mark.parametrize(
    "source",
    [
        "{{ x.__class__.__mro__ }}",
        "{{ x.role.__class__.__base__.__subclasses__() }}",
        "{{ x.items.__self__.__class__.__mro__ }}",
        "{{ '{0.__class__.__mro__}'.format(x) }}",
        "{{ ''.format_map.__self__.__class__.__mro__ }}",
        "{{ x.update({'a': 1}) }}",
        "{{ y.append(1) }}",
    ],
)
def test_what_the_sandbox_forbids_is_forbidden(source):
    tree = sandbox().parse(source)
    with pytest.raises(SecurityError):
        Compiled(tree, source, {}).run({"x": {"role": "user"}, "y": []})


def test_nothing_of_the_shared_sandbox_is_changed():
    before = dict(vars(sandbox()))
    Compiled(sandbox().parse("{{ x }}"), "{{ x }}", {"odd name": str})
    assert vars(sandbox()) == before
    assert "odd name" not in sandbox().filters
