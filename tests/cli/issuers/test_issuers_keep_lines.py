"""`policy-engine issuers add`, however people write their configuration: nothing of theirs is lost."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.config import load_config
from tests.plugins.samples import samples

REMARKS = st.sampled_from(["", "", "\n", "# a remark\n", "\n# a: {remark\n\n"])
INSIDE = st.sampled_from(["", "", "\n", "    # inside\n", "  # between: {\n"])
ENDS = st.sampled_from(["", "   # exact"])
KEYS = st.sampled_from(
    ["{file: keys/corp.json}", "\n      file: keys/corp.json", "{\n      file: keys/corp.json}"]
)
POLICIES = st.sampled_from(
    ["policies: policies/\n", "policies: [policies/people.cedar,\n  policies/more.cedar]\n"]
)
NAMES = st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True)
BRACES = "issuers: {z: {issuer: urn:z, profile: rfc9068, keys: {file: keys/corp.json}}} # one\n"


@st.composite
def issuers(draw: st.DrawFn) -> str:
    """The section that is added to."""
    if not draw(st.integers(0, 3)):
        return BRACES
    text = f"issuers:{draw(ENDS)}\n{draw(INSIDE)}"
    for name in draw(NAMES):
        text += f"  {name}:{draw(ENDS)}\n    issuer: https://{name}.example.com{draw(ENDS)}\n{draw(INSIDE)}"
        text += f"    profile: 'rfc9068'\n    keys: {draw(KEYS)}\n{draw(INSIDE)}"
    return text


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """The same configuration, written in many ways."""
    parts = [
        "version: 1\n",
        "servers:\n  github: {resource: https://mcp.example.com/github}\n",
        "audit: {stdout: true}\n",
        draw(POLICIES),
        draw(issuers()),
    ]
    text = "".join(draw(REMARKS) + part for part in draw(st.permutations(parts))) + draw(REMARKS)
    text = text.rstrip("\n") if draw(st.booleans()) else text
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@given(configurations())
@settings(max_examples=samples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_configuration_keeps_what_its_people_wrote(project: Any, text: str) -> None:
    """Every line is still there, in its order, and all of it loads, with one issuer more."""
    (project.folder / "policies" / "more.cedar").write_text("")
    project.write(text)
    before = load_config(project.file).config

    result = project.run(
        "add", "https://new.example.com", "-p", "auth0", "--no-fetch", "--client", "m=password"
    )

    assert (result.exit_code, result.stderr) == (0, "")
    after = load_config(project.file).config
    new = after.issuers["new"]
    assert (new.issuer, new.profile) == ("https://new.example.com", "auth0")
    assert after == before.model_copy(update={"issuers": {**before.issuers, "new": new}})
    rest = iter(project.text.splitlines())
    wanted = text.replace("}}} # one", "}}").splitlines()  # where the entry is put into the line itself
    assert [line for line in wanted if not any(each.startswith(line) for each in rest)] == []
