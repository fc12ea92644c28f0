"""Details of lists that a server answers with."""

from types import MappingProxyType
from typing import Final

from policy_engine.model.details.detail import Detail, Details
from policy_engine.model.details.of_json import JSON_DETAILS

__all__ = ["LIST_DETAILS"]

LIST_DETAILS: Final[Details] = MappingProxyType(
    {
        "malformed_list": MappingProxyType(
            {
                **JSON_DETAILS,
                "too_large": Detail("it is larger than 16 MiB", "a list of ten thousand tools on one page"),
                "not_plain": Detail(
                    "it was handed over as values, and one of them isn't of JSON",
                    '`{"id": 1, "result": None}`',
                ),
                "not_an_object": Detail("it isn't an object", '`[{"name": "list_issues"}]` in a stream'),
                "no_list": Detail("the request asks for no list", "`tools/call`"),
                "answer": Detail(
                    "it isn't a JSON-RPC answer with either a result or an error",
                    '`{"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}}`',
                ),
                "id": Detail("it answers another request", '`{"id": "1"}` to `{"id": 1}`'),
                "items": Detail(
                    "the list isn't there, or isn't a list; or its cursor isn't text",
                    '`{"result": {"tools": {}}}`',
                ),
                "too_many": Detail(
                    "a list has more than 10,000 items, or a stream too many events or lines",
                    "a stream of a million comments",
                ),
                "item": Detail("an item has no name, URI or template", '`{"tools": [{"title": "Issues"}]}`'),
                "lookalike": Detail(
                    "a member is spelt almost like one that is read", '`{"tools": [], "Tools": [{…}]}`'
                ),
                "stream": Detail(
                    "a stream of events doesn't hold one answer, or holds what none may",
                    "a stream that ends before the answer comes",
                ),
            }
        ),
    }
)
