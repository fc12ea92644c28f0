"""Neither secrets nor their hashes are where they needn't be, whatever is done."""

import re
from typing import Any

from policy_engine.authserver import generate_secret

ADD = ("--category", "service", "--resource", "github", "--scope", "issues:read")
HASH = re.compile(r"[0-9a-f]{64}")


def test_no_command_but_the_one_that_makes_it_says_a_secret(project: Any, monkeypatch: Any) -> None:
    """Not the list, not the page of a client, in neither form; not plans; the store has hashes alone."""
    given = generate_secret().reveal()
    monkeypatch.setenv("GIVEN", given)
    made = [project.json("add", "bot", *ADD)["client_secret"]]
    made.append(project.json("rotate", "bot")["client_secret"])
    text = (
        "clients:\n  - {client_id: file, category: service, token_endpoint_auth_method: client_secret_post,"
        " grant_types: [client_credentials], resources: files, scope: files:read, secret: {env: GIVEN}}\n"
    )
    file = project.write(text)

    said = [project.done("apply", "-f", file), project.done("apply", "-f", file, "--format", "json")]
    for words in (["list"], ["show", "bot"], ["show", "file"]):
        said += [project.done(*words), project.done(*words, "--format", "json")]
    said.append(project.done("rotate", "bot", "--finish", "--format", "json"))
    said.append(project.refused("apply", "-f", project.write(text.replace("scope:", "skope:"))))
    said.append(project.refused("apply", "-f", project.write(text.replace("{env: GIVEN}", given))))
    said.append(project.refused("apply", "-f", project.write(text.replace("GIVEN", given.replace("-", "_")))))
    said.append(project.refused("apply", "-f", project.write(text.replace("secret:", f"secret{given}:"))))
    said.append(
        project.refused("apply", "-f", project.write(text.replace("{env: GIVEN}", f"{{{given}: x}}")))
    )
    said.append(project.done("export", "--registry", str(project.folder / "registry.json")))

    everything = "\n".join(said)
    assert [secret for secret in (*made, given) if secret in everything] == []
    assert HASH.findall(everything) == []
    stored = project.bytes()
    assert [secret for secret in (*made, given) if secret.encode() in stored] == []
