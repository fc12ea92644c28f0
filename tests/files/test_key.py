"""files: a key is added to a mapping deep in a file that a person wrote, and nothing of theirs is touched."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from policy_engine.errors import ConfigError
from policy_engine.files import add_key
from tests.plugins.samples import samples

PATH = ("servers", "github")

ADDED = {
    "a block": (
        "# top\nservers: # all\n  github:\n    resource: x # c\n\n    # why\n"
        "    unpinned: deny\n  b: {c: d}\n",
        "# top\nservers: # all\n  github:\n    resource: x # c\n    catalogue: c/g.json\n\n    # why\n"
        "    unpinned: deny\n  b: {c: d}\n",
    ),
    "behind a mapping": (
        "servers:\n  github:\n    audiences:\n      a: [x]\n    resource: x\n",
        "servers:\n  github:\n    audiences:\n      a: [x]\n    catalogue: c/g.json\n    resource: x\n",
    ),
    "behind a folded text": (
        "servers:\n  github:\n    resource: >-\n      x\n      y\n    unpinned: deny\n",
        "servers:\n  github:\n    resource: >-\n      x\n      y\n    catalogue: c/g.json\n"
        "    unpinned: deny\n",
    ),
    "in braces": (
        "servers:\n  github: {resource: 'x', unpinned: deny} # c\n",
        "servers:\n  github: {resource: 'x', catalogue: c/g.json, unpinned: deny} # c\n",
    ),
    "all in braces": (
        '{"servers": {"github": {"resource": "x"}}}',
        '{"servers": {"github": {"resource": "x", catalogue: c/g.json}}}',
    ),
    "no last line end": (
        "servers:\n  github:\n    resource: x",
        "servers:\n  github:\n    resource: x\n    catalogue: c/g.json",
    ),
    "line ends of Windows": (
        "servers:\r\n  github:\r\n    resource: x\r\n",
        "servers:\r\n  github:\r\n    resource: x\r\n    catalogue: c/g.json\r\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=ADDED.keys())
def test_a_key_is_put_in_and_nothing_else_changes(before: str, after: str) -> None:
    """Behind the first key, in the layout that is there."""
    assert add_key(before, PATH, "catalogue", "c/g.json").after == after


REFUSED = {
    "no YAML": ("servers: [", "not YAML"),
    "no mapping": ("servers: {github: x}\n", "can't be added to"),
    "nothing there": ("servers: {}\n", "can't be added to"),
    "an empty one": ("servers: {github: {}}\n", "can't be added to"),
    "there already": ("servers: {github: {a: b, catalogue: d}}\n", "can't be added to"),
    "shared with another": ("servers:\n  github: &a\n    resource: x\n  b: *a\n", "can't be added to"),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_where_a_key_cannot_be_put_in_it_says_what_to_write(text: str, says: str) -> None:
    """Nothing is guessed; what two parts share isn't changed for one of them."""
    with pytest.raises(ConfigError, match=says) as caught:
        add_key(text, PATH, "catalogue", "c/g.json")

    assert caught.value.remedy in ("mend the file first", "write it yourself: catalogue: c/g.json")


@settings(max_examples=samples(40))
@given(value=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_any_text_reads_back(value: str) -> None:
    """In quotes where there is any doubt."""
    after = add_key("servers:\n  github:\n    resource: x\n", PATH, "catalogue", value).after

    assert YAML(typ="safe").load(after)["servers"]["github"] == {"resource": "x", "catalogue": value}
