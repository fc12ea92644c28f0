"""A review as a comment on a pull request."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from policy_engine.review import Outcome, Review, Severity, Verdict
from policy_engine.review.report import compare, markdown, record
from tests.plugins.small_review import finding, review_of, shop, witness

Make = Callable[..., Review]

EXPECTED = """\
## ❌ Policy review: violated

**1 violated, 1 not known, 1 waived, 1 proved**

<details><summary>❌ <b>violated</b> <code>separation</code> <code>anybody-wipes</code> \
treats a machine as it treats a person.</summary>

Policies: <code>anybody-wipes</code>

- <code>Client&#58;&#58;"machines/bot"</code> is **allowed** <code>Action&#58;&#58;"shop/wipe"</code> \
on <code>Tool&#58;&#58;"shop/wipe"</code> by <code>anybody-wipes</code>
- <code>User&#58;&#58;"machines/bot"</code> is **allowed** <code>Action&#58;&#58;"shop/wipe"</code> \
on <code>Tool&#58;&#58;"shop/wipe"</code> by <code>anybody-wipes</code>

See it for yourself, as Client&#58;&#58;"machines/bot":

```sh
policy-engine explain --client machines/bot --scope wipe --tool wipe --args '{"env": "staging"}'
```

</details>

<details><summary>❔ <b>not known</b> <code>never</code> Whether a machine can do anything destructive \
isn't known.</summary>

Because <code>timeout</code>: &#49;0 seconds weren't enough

</details>

<details><summary>🤝 1 waived</summary>

- <code>health</code> <code>machines-look</code> allows nothing that others don't., \
by <code>&#64;x-waived("so")</code>

</details>

<details><summary>✅ 1 proved</summary>

- <code>separation</code> <code>people-look</code> is for people alone.

</details>

<details><summary>🔀 otherwise than in the earlier report: 1 verdict</summary>

| | what | was | is |
|---|---|---|---|
| ⬆️ verdict | <code>never</code> <code>destructive</code> |  | not known |

</details>

<details><summary>🔎 1 finding</summary>

| code | policy | says | where |
|---|---|---|---|
| <code>PS101</code> | <code>anybody-wipes</code> | its head names no kind \
| <code>policies/shop&#46;cedar&#58;2</code> |

</details>

<details><summary>👥 who can call what</summary>

| tool | any person | any machine | any person, through any agent |
|---|---|---|---|
| <code>shop/look</code> | **always** | may | **always** |
| <code>shop/wipe</code> | may | may | · |

</details>

<details><summary>📎 what it rests on</summary>

- <code>A1</code> Requests are typed.
- SHA-256 of policies: <code>DIGEST</code>
- SHA-256 of schema: <code>&#53;c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c</code>
- policy-engine 1&#46;0, cvc5 not installed

</details>
"""


def test_the_whole_comment(made: Make) -> None:
    """What is violated or not known in full, all else folded."""
    review = made()
    before = record(made(verdicts=tuple(each for each in review.verdicts if each.question != "never")))
    text = markdown(review, comparison=compare(before, record(review)))

    digest = review.digests["policies"]
    first = f"&#{ord(digest[0])};" if digest[0].isdigit() else digest[0]
    assert text == EXPECTED.replace("DIGEST", first + digest[1:])


NASTY = [
    "</summary></details><script>alert(1)</script>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "@octocat #1 org/repo#1 :smile: $x$",
    "| a | b |",
    "*b* _i_ ~~s~~ `c` **",
    "1. one",
    "- two",
    "# three",
    "a\n\n## four\n\n```\nfive",
    "&lt;b&gt; &#60;i&#62; \\<u>",
    "\u202egnp.exe",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_never_markup(name: str) -> None:
    """Whatever a policy, a file or a sentence is called: no link, picture, element, heading or list."""
    policies = '@id("x") permit (principal is Client, action in Action::"shop/*", resource);'
    verdict = Verdict(
        question=name,
        subject=name,
        outcome=Outcome.violated,
        statement=name,
        policies=(name,),
        witnesses=(witness(note=name),),
    )
    findings = (finding(policy=name, message=name, remedy=name, file=name),)
    harmless = replace(
        review_of(shop(), policies, replace(verdict, statement="x", witnesses=(witness(note="x"),))),
        findings=(finding(policy="x", message="x", remedy="x", file="x"),),
        notes=("x",),
    )
    review = replace(harmless, verdicts=(verdict,), findings=findings, notes=(name,))

    assert _shape(markdown(review)) == _shape(markdown(harmless))


def _shape(text: str) -> list[str]:
    """Everything in a document but its text and its names; comments show nothing, and don't count."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    html = [token.content for token in (*tokens, *inline) if token.type.startswith("html")]
    plain = ("text", "text_special", "html_inline", "html_block")
    found = [token.type for token in (*tokens, *inline) if token.type not in plain]
    tags = [part.partition(">")[0] for part in "".join(html).split("<")[1:]]
    return [*found, *(tag for tag in tags if tag not in ("code", "/code", "!-- --"))]


def test_a_command_never_ends_its_block(made: Make) -> None:
    """Its fence is longer than any run of backticks within; where there is none, the message is shown."""
    review = made()
    first, *rest = review.verdicts
    call = first.witnesses[0].call
    assert call is not None

    def told(**changes: object) -> str:
        asked = replace(first.witnesses[0], call=replace(call, **changes))  # type: ignore[arg-type]  # of a call
        return markdown(replace(review, verdicts=(replace(first, witnesses=(asked,)), *rest)))

    assert "\n\n`````sh\necho ````\n`````\n" in told(command="echo ````")
    assert 'The message, sent to shop:\n\n```json\n{"method": "ping"}\n```' in told(
        command="", message={"method": "ping"}
    )


def test_it_fits_a_comment() -> None:
    """What is too long is left out, and that is said; the heading and what it rests on stay."""
    verdict = Verdict(
        question="separation",
        subject="x",
        outcome=Outcome.violated,
        statement="x" * 300,
        severity=Severity.error,
    )
    text = markdown(review_of(shop(), "", *[verdict] * 400))

    assert len(text) < 65_536
    assert text.startswith("## ❌ Policy review: violated\n\n**400 violated**\n")
    assert "more parts would be too long for a comment; see the whole report." in text
