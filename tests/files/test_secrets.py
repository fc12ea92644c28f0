"""files: which lines may hold a secret, and what messages leave out."""

from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from policy_engine.files import FileModel, check, holds_user, read_document, secret_lines, without_users

LINES = {
    "nothing secret": ("a: 1\nb: {file: keys.json, uri: https://x.example/b}\nc: d@e\n", set()),
    "nothing at all": ("", set()),
    "a secret": ("a: 1\nclient_secret: x\nb: 2\n", {2}),
    "a secret in one line with others": ("a: {b: 1, password: x}\nc: 1\n", {1}),
    "a misspelt secret": ("a: 1\nclient_sceret: x\n", {2}),
    "a section": (
        "a: 1\nintrospection:\n  client_id: x\n\n  prefixes:\n    - y\n# end\nb: 2\n",
        {2, 3, 4, 5, 6},
    ),
    "a misspelt section": ("introspectoin:\n  what: x\nb: 2\n", {1, 2}),
    "a section in braces, and less indented": ("a: {introspection: {\nb: x,\nc: y}, d1:\n1}\n", {1, 2, 3}),
    "a server's issuer": ("servers:\n  a: {resource: r, introspection: corp}\n", set()),
    "an alias to a secret": ("a: &x [s]\nintrospection:\n  b: *x\nc: 1\n", {1, 2, 3}),
    "keys": ("keys:\n  jwks:\n    keys:\n      - kty: EC\n        x: 1\nb: 1\n", {2, 3, 4, 5}),
    "a private half": ("- kty: EC\n  d: x\n- 1\n", {2}),
    "a text of several lines": ("a: 1\ntoken: |\n  one\n  two\nb: 1\n", {2, 3, 4}),
    "a text in quotes that goes on": ('client_secret: "one\n  two"\nb: 1\n', {1, 2}),
    "a URI with a password": ("a:\n  b: https://u:p@x.example\n", {2}),
    "a URI with a strange password": ("a:\n  b: https://u:p/p@x.example\n", {2}),
    "a URI with a password, folded": ("a: >-\n  https://u:p@x.example\n  more\nb: 1\n", {1, 2, 3}),
    "a remark": ("a: 1 # the password is x\nb: 2\n", {1}),
    "what can't be read": ("a: [1\nclient_secret: x\nb: 2", {1, 2, 3}),
    "a private half that can't be read": ("a: [1\n{d: x\n", {1, 2, 3}),
    "a section that can't be read": ("a: [1\nintrospection: x\n", {1, 2, 3}),
    "nothing secret that can't be read": ("a: [1\nb: 2\n", set()),
    "two documents": ("token: x\n---\na: 1\n", {1, 2, 3, 4}),
    "a text that refers to itself": ("a: &x\n  b: *x\n", set()),
}


@pytest.mark.parametrize(("text", "lines"), LINES.values(), ids=LINES)
def test_lines_that_may_hold_a_secret_are_known(text: str, lines: set[int]) -> None:
    """By the names of keys and the form of URIs, with all that belongs to them."""
    assert secret_lines(text) == lines


def test_users_of_uris_are_left_out() -> None:
    """With what follows them, up to the host."""
    assert without_users("`https://u:p@x.example/a@b` and ssh://v@y") == "`://…@b` and ssh://…@y".replace(
        "`://", "`https://"
    )
    assert [holds_user(text) for text in ("https://u@x", "https://x/@a", "u@x", "https://x?a@b")] == [
        True,
        False,
        False,
        False,
    ]


MISTAKES = {
    "an alias": "client_secret: *s3cr",
    "an anchor": "client_secret: &s3cr",
    "a tag": "client_secret: !s3cr x",
    "a tag of nobody": "client_secret: !s3cr!x y",
    "a directive": "client_secret: %s3cr",
    "a reserved sign": "client_secret: @s3cr",
    "another reserved sign": "client_secret: `s3cr",
    "an escape": 'client_secret: "\\s3cr"',
    "an open quote": 'client_secret: "s3cr',
    "a colon": "client_secret: s3cr: x",
    "twice": "client_secret: s3cr\nclient_secret: s3cr2",
    "no blank": "a: b\nclient_secret:s3cr",
    "a key of two lines": "? s3cr\n  s3cr\n: x\nb",
    "a mapping as a key": "introspection: {{s3cr: 1}: 2}",
    "a number as a key": "introspection: {uri: {77345: 2}}",
    "a list as a key": "introspection: {[s3cr]: 2}",
    "a tab": "a:\n\ts3cr: 1",
}


class Anything(FileModel):
    """A whole file."""

    introspection: dict[str, str] | None = None


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_what_the_parser_says_quotes_no_secret(tmp_path: Path, text: str) -> None:
    """Passwords begin with every sign there is; nor does a traceback show them."""
    file = tmp_path / "f.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        check(Anything, read_document(file))

    error = caught.value
    told = (
        f"{error} {error!r} {error.__cause__!r} {None if error.__suppress_context__ else error.__context__!r}"
    )
    assert not any(secret in told for secret in ("s3cr", "77345"))
