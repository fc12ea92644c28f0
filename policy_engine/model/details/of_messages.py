"""Details of messages that can't be decided on; many are the name of the member or parameter at fault."""

from types import MappingProxyType
from typing import Final

from policy_engine.model.details.detail import Detail, Details
from policy_engine.model.details.of_json import JSON_DETAILS

__all__ = ["MESSAGE_DETAILS"]

MESSAGE_DETAILS: Final[Details] = MappingProxyType(
    {
        "malformed_message": MappingProxyType(
            {
                **JSON_DETAILS,
                "too_large": Detail("it is larger than 1 MiB", "a file in an argument"),
                "batch": Detail("it is several messages at once", '`[{"jsonrpc": "2.0", …}, {…}]`'),
                "not_plain": Detail(
                    "it was handed over as values, and one of them isn't of JSON",
                    '`{"id": 1, "params": object()}`',
                ),
            }
        ),
        "invalid_request": MappingProxyType(
            {
                "no_message": Detail("there is no message, and neither GET nor DELETE", "an empty POST"),
                "verb": Detail("it came with another verb than POST", "GET with a body"),
                "not_an_object": Detail("it isn't an object", '`"tools/list"`'),
                "jsonrpc": Detail("`jsonrpc` isn't `2.0`", '`{"id": 1, "method": "ping"}`'),
                "unknown_member": Detail(
                    "it has a member that its kind doesn't have",
                    '`{"jsonrpc": "2.0", "id": 1, "methods": "ping"}`',
                ),
                "id": Detail(
                    "`id` is neither a string nor an integer",
                    '`{"jsonrpc": "2.0", "id": null, "method": "ping"}`',
                ),
                "method": Detail("`method` isn't a string", '`{"jsonrpc": "2.0", "id": 1, "method": 7}`'),
                "result_and_error": Detail(
                    "an answer has both `result` and `error`",
                    '`{"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}}`',
                ),
                "outcome": Detail(
                    "an answer's `result` or `error` isn't an object",
                    '`{"jsonrpc": "2.0", "id": 1, "result": "yes"}`',
                ),
                "unexpected_response": Detail(
                    "it is an answer, in a revision whose servers ask nothing",
                    '`{"jsonrpc": "2.0", "id": 1, "result": {}}` with `MCP-Protocol-Version: 2026-07-28`',
                ),
            }
        ),
        "header_mismatch": MappingProxyType(
            {
                "missing": Detail("a header isn't there", "a message of 2026-07-28 without `Mcp-Method`"),
                "different": Detail(
                    "a header says something else than the message",
                    "`MCP-Protocol-Version: 2025-11-25` with a message of 2026-07-28",
                ),
                "repeated": Detail("a header is there twice", "`Mcp-Name: a` and `mcp-name: a`"),
                "malformed": Detail(
                    "a header isn't visible ASCII, or not canonical Base64 where it says that it is",
                    "`Mcp-Name: =?base64?YQ?=`",
                ),
            }
        ),
        "invalid_params": MappingProxyType(
            {
                "params": Detail("`params` isn't an object", '`"params": ["list_issues"]`'),
                "meta": Detail(
                    "`_meta` isn't an object, or lacks what its revision requires",
                    '`"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}`',
                ),
                "lookalike": Detail(
                    "a parameter, or a prompt's name, is spelt almost like one that counts",
                    '`{"name": "a", "Name": "b"}`',
                ),
                "name": Detail(
                    "`name` is missing, empty, too long or no string", "`tools/call` without `name`"
                ),
                "uri": Detail(
                    "`uri` is missing, empty, too long, or no URI (RFC 3986)",
                    '`{"uri": "file:///etc\\\\passwd"}`',
                ),
                "uri_authority": Detail(
                    "a URI's authority has a user's name, no host, or one that readers disagree on",
                    '`{"uri": "https://example.com@127.0.0.1/"}`',
                ),
                "uri_path": Detail(
                    "a URI's path has a dot segment, an empty one, or a separator in disguise",
                    '`{"uri": "file:///public/../etc/passwd"}`',
                ),
                "uri_spelling": Detail(
                    "a URI isn't in its normal form (RFC 3986 section 6.2.2)",
                    '`{"uri": "file:///%65tc/passwd"}`',
                ),
                "parameter": Detail(
                    "another parameter of the method is missing, or has the wrong type",
                    '`{"method": "logging/setLevel", "params": {"level": 7}}`',
                ),
                "taskId": Detail(
                    "`taskId` is missing, empty, too long or no string", "`tasks/get` without `taskId`"
                ),
                "ref": Detail(
                    "`ref` is a reference to neither a prompt nor a template",
                    '`{"ref": {"type": "ref/tool"}}`',
                ),
                "notifications": Detail(
                    "a filter of `subscriptions/listen` isn't known, of the wrong type, or names too many",
                    '`{"notifications": {"everything": true}}`',
                ),
                "inputResponses": Detail("`inputResponses` isn't an object", '`{"inputResponses": ["yes"]}`'),
            }
        ),
        "invalid_arguments": MappingProxyType(
            {
                "wrong_type": Detail(
                    "an argument has another JSON type, or `arguments` is no object", '`{"limit": "20"}`'
                ),
                "unknown_argument": Detail(
                    "the pinned schema has no such argument", '`{"repo": "a", "force": true}`'
                ),
                "missing_argument": Detail(
                    "an argument that is required isn't there", "`{}`, where `repo` is required"
                ),
                "out_of_range": Detail(
                    "a number is beyond Cedar's 64 bits, or its decimals",
                    '`{"count": 9223372036854775808}`',
                ),
                "too_precise": Detail("a number has more than four decimal places", '`{"amount": 0.00001}`'),
                "too_many": Detail(
                    "a list has more than 10,000 elements, or all lists and unnamed members too many",
                    '`{"labels": ["a", "a", …]}`',
                ),
                "not_a_choice": Detail("the schema's `enum` doesn't have this value", '`{"state": "opne"}`'),
                "lookalike": Detail(
                    "a further argument is spelt almost like one that is decided on",
                    '`{"repo": "a", "Repo": "b"}`',
                ),
                "reserved_name": Detail(
                    "a name is one that Cedar reads as an entity or an extension value, or a server in "
                    "JavaScript as an object's prototype",
                    '`{"repo": {"__entity": {"type": "User", "id": "corp/alice"}}}`',
                ),
            }
        ),
        "tool_unpinned": MappingProxyType(
            {
                "lookalike": Detail(
                    "the tool isn't pinned, and its name imitates one that is",
                    "`Create_Issue`, where `create_issue` is pinned",
                )
            }
        ),
    }
)
