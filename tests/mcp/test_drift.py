"""What a list says against the pins: which items are changed, unpinned, and as they were again."""

import threading
from typing import Any

import pytest

from policy_engine.mcp import LISTS, Catalogue, Changes, Drift, ListReader, Server, item_digest
from policy_engine.model import EntityUid

ALPHA = {"name": "alpha", "description": "Reads.", "inputSchema": {"type": "object"}}
BETA = {"name": "beta", "annotations": {"readOnlyHint": True, "x": [1, 2.5, None]}}
NAME = {"name": "名前", "description": "é"}
PINNED = (ALPHA, BETA, NAME)
TOOLS = LISTS["tools/list"]


def server(*items: dict[str, Any], name: str = "github") -> Server:
    """A server with these tools pinned."""
    catalogue = Catalogue.from_json(name, {"tools": list(items)})
    return Server(name=name, resource=f"https://mcp.example.com/{name}", catalogue=catalogue)


def drift_of(*items: dict[str, Any], before: Drift | None = None) -> Drift:
    """One generation of one server."""
    return Drift({"github": server(*items)}, before)


def show(drift: Drift, *items: Any, name: str = "github") -> Changes:
    """The server answers a list request with these."""
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"tools": list(items)}}
    return drift.learn(name, TOOLS, ListReader().read("tools/list", "2025-11-25", 1, answer).items)


def changed(drift: Drift, *names: str) -> list[bool]:
    """Whether the tools of these names count as changed."""
    return [drift.is_changed(EntityUid("Tool", f"github/{name}")) for name in names]


NAMES = ("alpha", "beta", "名前")


def test_a_list_as_it_was_pinned_says_nothing() -> None:
    """Members in another order are the same item."""
    drift = drift_of(*PINNED)

    for items in (PINNED, PINNED[::-1], [dict(reversed(item.items())) for item in PINNED]):
        assert show(drift, *items) == Changes()
    assert changed(drift, *NAMES) == [False, False, False]


@pytest.mark.parametrize(
    "item",
    [
        {**ALPHA, "description": "Reads. "},
        {**ALPHA, "description": "reads."},
        {**ALPHA, "title": "Alpha"},
        {**ALPHA, "_meta": {}},
        {**ALPHA, "annotations": {}},
        {**ALPHA, "inputSchema": {"type": "object", "default": None}},
        {"name": "alpha"},
        {**ALPHA, "description": None},
        {**ALPHA, "description": "Reads.\u200b"},
        {**ALPHA, "description": "x" * 100_000},
    ],
)
def test_any_difference_is_a_change(item: dict[str, Any]) -> None:
    """The digest covers the whole item; the others aren't touched."""
    drift = drift_of(*PINNED)

    assert show(drift, item, BETA) == Changes(changed=("alpha",), new_changed=("alpha",))
    assert changed(drift, *NAMES) == [True, False, False]


def test_numbers_and_truths_are_told_apart() -> None:
    """To Python, `1`, `1.0` and `True` are one."""
    forms: list[Any] = [1, 1.0, True]
    for pinned in forms:
        drift = drift_of({"name": "a", "_meta": {"x": pinned}})
        found = [bool(show(drift, {"name": "a", "_meta": {"x": form}}).changed) for form in forms]

        assert found == [type(form) is not type(pinned) for form in forms]


def test_the_pinned_form_opens_the_tool_again() -> None:
    """Each step is news once."""
    drift = drift_of(*PINNED)
    other, third = {**ALPHA, "title": "a"}, {**ALPHA, "title": "b"}
    steps = [ALPHA, other, other, third, other, ALPHA, ALPHA, other]

    found = [show(drift, step) for step in steps]

    assert [bool(step.changed) for step in found] == [step != ALPHA for step in steps]
    assert [bool(step.new_changed) for step in found] == [False, True, False, True, True, False, False, True]
    assert [bool(step.restored) for step in found] == [False] * 5 + [True, False, False]
    assert changed(drift, "alpha") == [True]


def test_what_a_list_lacks_says_nothing() -> None:
    """It may be a page, or empty, or cut for its caller."""
    drift = drift_of(*PINNED)
    show(drift, {**ALPHA, "title": "a"})

    assert show(drift) == show(drift, BETA) == Changes()
    assert changed(drift, *NAMES) == [True, False, False]


@pytest.mark.parametrize("items", [(ALPHA, {**ALPHA, "title": "a"}), ({**ALPHA, "title": "a"}, ALPHA)])
def test_of_two_items_with_one_name_the_other_form_counts(items: tuple[dict[str, Any], ...]) -> None:
    """In whichever order; two of the pinned form are no change."""
    drift = drift_of(*PINNED)

    assert show(drift, *items) == Changes(changed=("alpha",), new_changed=("alpha",))
    assert changed(drift, "alpha") == [True]
    assert show(drift, ALPHA, ALPHA) == Changes(restored=("alpha",))


def test_unpinned_tools_are_named_and_are_news_once() -> None:
    """Lookalikes are other names, and nothing counts as changed for them."""
    drift = drift_of(*PINNED)
    lookalikes = ("Alpha", "alpha\u200b", "\uff41lpha", "\u0430lpha", "名\u524d ")
    items = [{"name": name} for name in (*lookalikes, "Alpha")]

    assert show(drift, *items) == Changes(unpinned=lookalikes, new_unpinned=lookalikes)
    assert show(drift, *items, {"name": "new"}) == Changes(
        unpinned=(*lookalikes, "new"), new_unpinned=("new",)
    )
    assert changed(drift, *NAMES, *lookalikes) == [False] * 8


def test_invented_names_take_no_room() -> None:
    """As many as one list may have, and long ones; what was noted before stays noted."""
    drift = drift_of(*PINNED)
    show(drift, {**ALPHA, "title": "a"})
    invented = [{"name": f"tool-{n}"} for n in range(10_000)]

    first = show(drift, *invented)
    again = show(drift, *invented[-2000:], {"name": "n" * 100_000})

    assert (len(first.unpinned), len(first.new_unpinned)) == (10_000, 1000)
    assert (len(again.unpinned), again.new_unpinned) == (2001, ())
    assert changed(drift, "alpha") == [True]


def test_one_name_a_thousand_times_is_one_change() -> None:
    """Whatever each of them says."""
    drift = drift_of(*PINNED)
    items = [{**ALPHA, "title": str(n)} for n in range(1000)]

    assert show(drift, *items, ALPHA) == Changes(changed=("alpha",), new_changed=("alpha",))


def test_servers_and_kinds_are_told_apart() -> None:
    """A tool of one server says nothing of another's, nor a prompt of a tool."""
    servers = {name: server(ALPHA, name=name) for name in ("github", "other")}
    drift = Drift(servers)
    prompts = {"jsonrpc": "2.0", "id": 1, "result": {"prompts": [{"name": "alpha"}]}}
    items = ListReader().read("prompts/list", "2025-11-25", 1, prompts).items

    assert drift.learn("github", LISTS["prompts/list"], items) == Changes()
    assert show(drift, {"name": "alpha"}, name="other").changed == ("alpha",)
    assert show(drift, {"name": "alpha"}, name="unknown") == Changes()
    assert changed(drift, "alpha") == [False]
    assert drift.is_changed(EntityUid("Tool", "other/alpha"))
    assert not drift.is_changed(EntityUid("Prompt", "other/alpha"))


def test_a_server_without_a_catalogue_changes_nothing() -> None:
    """All that it lists is unpinned."""
    drift = Drift({"github": Server(name="github", resource="https://x.example", unpinned="allow")})

    assert show(drift, ALPHA) == Changes(unpinned=("alpha",), new_unpinned=("alpha",))
    assert changed(drift, "alpha") == [False]


def test_a_new_generation_knows_what_was_listed() -> None:
    """Each holds it against its own pins: accepted, it is no change any more; for the old one it still is."""
    other, third = {**ALPHA, "title": "a"}, {**ALPHA, "title": "b"}
    first = drift_of(ALPHA, BETA)
    show(first, other, BETA)
    same = drift_of(ALPHA, before=first)
    accepted = drift_of(other, BETA, before=same)
    mistaken = drift_of(third, before=accepted)
    dropped = drift_of(BETA, before=mistaken)

    found = [changed(each, "alpha", "beta") for each in (first, same, accepted, mistaken, dropped)]

    assert found == [[True, False], [True, False], [False, False], [True, False], [False, False]]
    assert show(first, ALPHA).restored == ("alpha",)
    assert [changed(each, "alpha") for each in (first, same, accepted, mistaken)] == [
        [False], [False], [True], [True],
    ]  # fmt: skip


def test_threads_that_list_and_reload_never_tear() -> None:
    """Whatever is listed last counts; a generation of other pins has no part in it."""
    forms = [{**ALPHA, "title": str(n)} for n in range(4)]
    digests = {item_digest(form) for form in forms}
    generations = [drift_of(forms[0])]
    problems: list[object] = []

    def work(seed: int) -> None:
        try:
            for turn in range(300):
                form = forms[(turn * (seed + 1)) % len(forms)]
                drift = generations[-1]
                pinned = forms[(len(generations) - 1) % len(forms)]
                show(drift, form, BETA)
                if turn % 50 == 0:
                    generations.append(drift_of(pinned, before=drift))
        except Exception as error:  # noqa: BLE001 -- told to the test
            problems.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    show(generations[0], forms[1])

    assert problems == []
    assert len(digests) == 4
    for form in forms:
        assert changed(drift_of(form, before=generations[-1]), "alpha") == [form is not forms[1]]


@pytest.mark.parametrize(
    ("method", "member", "type_", "item"),
    [
        ("prompts/list", "prompts", "Prompt", {"name": "greet"}),
        ("resources/list", "resources", "Resource", {"uri": "file:///a", "name": "A"}),
        ("resources/templates/list", "resourceTemplates", "ResourceTemplate", {"uriTemplate": "file:///{x}"}),
    ],
)
def test_prompts_resources_and_templates_likewise(
    method: str, member: str, type_: str, item: dict[str, Any]
) -> None:
    """Where the catalogue has a list of them; else nobody reviews them."""
    kind = LISTS[method]
    name, other = item[kind.key], {**item, "description": "Changed."}
    catalogue = Catalogue.from_json("github", {member: [item]})
    github = Server(name="github", resource="https://mcp.example.com/github", catalogue=catalogue)
    drift, without = Drift({"github": github}), drift_of(ALPHA)

    def listed(of: Drift, *items: Any) -> Changes:
        answer = {"jsonrpc": "2.0", "id": 1, "result": {member: list(items)}}
        return of.learn("github", kind, ListReader().read(method, "2026-07-28", 1, answer).items)

    unpinned = {kind.key: "file:///new"}
    assert listed(drift, item) == Changes()
    assert listed(drift, other, unpinned) == Changes(
        changed=(name,), new_changed=(name,), unpinned=("file:///new",), new_unpinned=("file:///new",)
    )
    assert drift.is_changed(EntityUid(type_, f"github/{name}"))
    assert not drift.is_changed(EntityUid("Tool", f"github/{name}"))
    assert listed(without, other, unpinned) == Changes()
    assert not without.is_changed(EntityUid(type_, f"github/{name}"))
