"""What an operator wants to add: what was typed, checked against the configuration and the profiles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policy_engine.cli.issuers.answers import keys_elsewhere, published_metadata
from policy_engine.cli.issuers.entry import command, missing_flags, written_path
from policy_engine.cli.issuers.forms import fits
from policy_engine.cli.issuers.naming import issuer_name
from policy_engine.cli.issuers.patience import PatientFetcher
from policy_engine.errors import ConfigError
from policy_engine.files import Document, holds_user
from policy_engine.mapper import Profile, load_profile, profile_names
from policy_engine.tokens import parse_url

__all__ = ["CONFIG", "IncompleteError", "Wanted", "section"]

CONFIG: Final = Path("policy-engine.yaml")

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class IncompleteError(ConfigError):
    """Something has to be typed that nobody else may choose.

    Attributes:
        commands: of which one will do.
    """

    def __init__(self, problem: str, commands: list[str]) -> None:
        super().__init__(problem)
        self.commands = commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed."""

    issuer: str
    profile: str | None
    name: str | None
    flag: list[str]
    client: list[str]
    keys_file: Path | None
    keys_uri: str | None
    no_fetch: bool
    dry_run: bool
    config: Path

    def typed(self, **changed: Any) -> str:  # noqa: ANN401 -- options
        """The command again, with some options changed."""
        options: dict[str, Any] = {
            "profile": self.profile,
            "name": self.name,
            "flag": self.flag,
            "client": self.client,
            "keys_file": self.keys_file,
            "keys_uri": self.keys_uri,
            "config": None if self.config == CONFIG else self.config,
            "no_fetch": self.no_fetch,
            "dry_run": self.dry_run,
        }
        return command("policy-engine", "issuers", "add", self.issuer, **options | changed)

    def check_words(self) -> None:
        """Refuse what would be something else when it is read back from the configuration.

        Raises:
            ConfigError: an argument is of that kind; it isn't repeated.
        """
        options: dict[str, list[str]] = {
            "the issuer": [self.issuer],
            "--profile": [self.profile or ""],
            "--flag": self.flag,
            "--client": self.client,
            "--keys-file": ["" if self.keys_file is None else str(self.keys_file)],
            "--keys-uri": [self.keys_uri or ""],
        }
        for name, values in options.items():
            if any("${" in value for value in values):
                remedy = "write the value; `${NAME}` is replaced when the configuration is read"
                raise ConfigError(f"{name} holds `${{`", remedy=remedy)
            if name.startswith("--") and not all(value.isprintable() for value in values):
                raise ConfigError(f"{name} holds characters that can't be printed", remedy="leave them out")
        for name in ("the issuer", "--keys-uri"):
            if any(map(holds_user, options[name])):
                remedy = "leave it out: what follows it would be printed and written down"
                raise ConfigError(f"{name} has a user in it", remedy=remedy)

    def find_name(self, document: Document) -> str:
        """The name it gets; neither it nor the issuer may be there already.

        Raises:
            ConfigError: one of them is, or the name is none.
        """
        if not self.issuer.isprintable() or self.issuer.split() != [self.issuer]:
            raise ConfigError("the issuer isn't one word", remedy="give it as its tokens have it for `iss`")
        found = section(document, "issuers")
        there = found if isinstance(found, dict) else {}
        for name, entry in there.items():
            if isinstance(entry, dict) and entry.get("issuer") == self.issuer:
                remedy = f"change that entry; to see how it does: policy-engine issuers check {name}"
                place = ("issuers", name, "issuer")
                raise document.error(place, f"this issuer is there already, as `{name}`", remedy)
        if self.name is None:
            return issuer_name(self.issuer, there)
        if not _NAME.fullmatch(self.name):
            remedy = "use lower-case letters, digits, `_` and `-`, a letter first, 63 at most"
            raise ConfigError("--name isn't a name", remedy=remedy)
        if self.name in there:
            raise document.error(
                ("issuers", self.name), f"an issuer is called `{self.name}` already", "choose another --name"
            )
        return self.name

    def find_profile(self) -> Profile:
        """The profile that was named; none is ever chosen for the operator.

        Raises:
            ConfigError: it can't be used.
            IncompleteError: none was named.
        """
        if self.profile is not None:
            return load_profile(self.profile)
        profiles = [load_profile(name) for name in profile_names()]
        fit = [p for p in profiles if fits(p, self.issuer)]
        if fit:
            titles = ", ".join(f"{p.name} ({p.title})" for p in fit)
            problem = f"say which product signs its tokens: --profile; its URL looks like {titles}"
            raise IncompleteError(problem, [self.typed(profile=p.name) for p in fit])
        problem = (
            "say which product signs its tokens: --profile; its URL looks like none of those that are known"
        )
        raise IncompleteError(problem, ["policy-engine issuers list-profiles", self.typed(profile="NAME")])

    def written_profile(self) -> str:
        """The profile as the configuration has it."""
        name = self.profile or ""
        return name if name in profile_names() else written_path(Path(name), self.config)

    def find_keys(self, fetcher: PatientFetcher | None, *, development: bool) -> dict[str, str] | None:
        """Where its keys come from, if not from its own host by its metadata.

        Raises:
            ConfigError: that can't be told, or (`issuer_unusable`) it doesn't tell.
        """
        if self.keys_file is not None and self.keys_uri is not None:
            raise ConfigError("--keys-file and --keys-uri are two places", remedy="give one of them")
        if self.keys_file is not None:
            return {"file": written_path(self.keys_file, self.config)}
        if self.keys_uri is not None:
            return {"uri": self.keys_uri}
        url = parse_url(self.issuer)
        if url is None:
            raise ConfigError(
                "the issuer isn't a URL that could be asked for its keys",
                remedy="give --keys-file or --keys-uri",
            )
        if not url.may_be_fetched(allow_loopback_http=development):
            raise ConfigError(
                "the issuer isn't https, so nobody can tell who answers there",
                remedy="give --keys-file; `development: true` allows http on this machine",
            )
        if fetcher is None:
            return None
        metadata = published_metadata(self.issuer, fetcher)
        uri = keys_elsewhere(self.issuer, metadata, development=development)
        return None if uri is None else {"uri": uri}

    def check_flags(self, profile: Profile, flags: Mapping[str, object]) -> None:
        """Ask for the flags that the profile can't do without.

        Raises:
            IncompleteError: one is missing.
        """
        missing = missing_flags(profile, flags)
        if not missing:
            return
        names = [each.partition("=")[0] for each in missing]
        said = "; ".join(f"{name}: {profile.flags[name].description}" for name in names)
        needs = "the flag" if len(missing) == 1 else "the flags"
        problem = f"profile `{profile.name}` can't do without {needs} {said}"
        raise IncompleteError(problem, [self.typed(flag=[*self.flag, *missing])])


def section(document: Document, key: str) -> Any:  # noqa: ANN401 -- YAML data
    """The value of a key at the top of a file that may be of any form."""
    return document.data.get(key) if isinstance(document.data, dict) else None
