"""Advice where stage 1 refused: form, issuer, algorithm, keys, signature, type, claims and times."""

from collections.abc import Iterator, Mapping

from policy_engine.cli.inspection.advice.nearest_issuer import nearest_issuer
from policy_engine.cli.inspection.advice.refusal import Refusal
from policy_engine.cli.inspection.change import Change
from policy_engine.cli.inspection.wording import listed, shown
from policy_engine.jose import ALGORITHMS
from policy_engine.mapper import load_profile, profile_names
from policy_engine.tokens import TokenRules

__all__ = [
    "advise_on_algorithm",
    "advise_on_claims",
    "advise_on_form",
    "advise_on_issuer",
    "advise_on_keys",
    "advise_on_signature",
    "advise_on_times",
    "advise_on_type",
]

_ENCRYPTED = 4
"""Dots in an encrypted token (RFC 7516 section 3.1)."""

_TRUST = "whoever has that issuer's keys can then say who somebody is"


def advise_on_form(refusal: Refusal) -> Iterator[Change]:
    """What was pasted isn't a token, or not the whole of one."""
    token = refusal.token
    if not token:
        text = "no token was given: paste one, or name a file that holds one"
    elif " " in token.strip():
        text = "give the token alone: what follows `Bearer `, without blanks"
    elif token.count(".") == _ENCRYPTED:
        text = "the token is encrypted (a JWE): have the issuer sign access tokens for this server instead"
    elif "." not in token:
        text = "the token is opaque, or only a part of one: what is read here is a signed JWT, of three parts"
    else:
        text = "the token was cut off, changed on its way, or never was a signed JWT: copy it again"
    yield refusal.nothing(text)


def advise_on_issuer(refusal: Refusal) -> Iterator[Change]:
    """No issuer is configured with this `iss`: one may be meant."""
    iss = refusal.first.claims.get("iss")
    if not isinstance(iss, str):
        yield refusal.nothing("the token doesn't say who issued it, so nobody's keys can prove it")
        return
    if shown(iss) != iss:
        yield refusal.nothing("no issuer is named like that: its `iss` is endless, or not printable ASCII")
        return
    configured = {name: issuer.issuer for name, issuer in refusal.bench.loaded.config.issuers.items()}
    near = nearest_issuer(iss, configured)
    if near is None:
        text = f"the token is of `{iss}`: add an issuer with exactly this `issuer`, and its profile"
        yield refusal.change("issuers", text=text, warning=_TRUST)
        return
    name, difference = near
    text = f"write `{iss}`, if `{name}` is meant: here stands `{configured[name]}`; {difference}"
    yield refusal.change("issuers", name, "issuer", text=text, warning=_TRUST)


def advise_on_algorithm(refusal: Refusal) -> Iterator[Change]:
    """The header is refused, or its `alg`."""
    alg = refusal.first.header.get("alg")
    if refusal.error.code != "unsupported_algorithm":
        yield refusal.nothing("no header that extends the format, or brings its own key, is ever accepted")
    elif not isinstance(alg, str) or alg not in ALGORITHMS:
        yield refusal.nothing(f"no such `alg` is ever accepted: {_sign_with(refusal)}")
    elif alg in refusal.profile.algorithms:
        text = f"add `{alg}`, if that is what `{refusal.issuer}` signs with"
        yield refusal.change("issuers", refusal.issuer, "algorithms", text=text)
    else:
        text = f"profile `{refusal.profile.name}` doesn't have `{alg}`: {_sign_with(refusal)}"
        yield refusal.nothing(text)


def _sign_with(refusal: Refusal) -> str:
    known = refusal.settings.algorithms or refusal.profile.algorithms
    return f"have the issuer sign with {listed(known, 'or')}"


_KEYS: Mapping[str | None, tuple[str, str]] = {
    "fetch_failed": ("keys", "check that this machine reaches the issuer, or write `keys: {file: …}`"),
    "http_status": ("keys", "name the key set, if it isn't where the metadata are: `keys: {uri: https://…}`"),
    "not_json": ("keys", "name the key set itself: `keys: {uri: https://…}`"),
    "not_a_key_set": ("keys", "name the key set itself: `keys: {uri: https://…}`"),
    "issuer_mismatch": ("issuer", "write the `issuer` that its metadata name, to the last slash"),
    "untrusted_jwks_uri": ("keys", "name the key set on the other host, if you trust it: `keys: {uri: …}`"),
}
"""Where to write what, by why keys can't be had."""


def advise_on_keys(refusal: Refusal) -> Iterator[Change]:
    """The issuer's keys can't be had."""
    key, text = _KEYS.get(refusal.error.detail, _KEYS["fetch_failed"])
    yield refusal.change("issuers", refusal.issuer, key, text=text)


def advise_on_signature(refusal: Refusal) -> Iterator[Change]:
    """No key of the issuer made the signature."""
    keys, name = refusal.settings.keys, refusal.issuer
    if refusal.error.detail != "unknown_key":
        yield refusal.nothing(
            "the token was changed after it was signed, or signed by somebody else; copy it again, whole"
        )
    elif keys is None and refusal.settings.development_key is not None:
        text = "the token isn't of this development key: mint it with this configuration"
        yield refusal.change("issuers", name, "development_key", text=text)
    elif keys is None or keys.uri is not None:
        yield refusal.nothing(
            "the issuer doesn't publish that key: the token is of another environment, or the key is retired"
        )
    else:
        text = "these keys are older than the token, or another environment's: get the issuer's key set anew"
        yield refusal.change("issuers", name, "keys", text=text)


def advise_on_type(refusal: Refusal) -> Iterator[Change]:
    """The profile allows no such `typ`; others may."""
    header = refusal.first.header
    fitting = [
        name for name in profile_names() if TokenRules(types=load_profile(name).typ).accepts_type_of(header)
    ]
    if not fitting:
        yield refusal.nothing(
            "no profile takes such a `typ`: it isn't an access token (perhaps an ID token or an assertion)"
        )
        return
    typ = f"`{shown(header['typ'])}`" if "typ" in header else "no `typ`"
    own = listed((one or "none" for one in sorted(refusal.profile.typ, key=str)), "or")
    text = (
        f"profile `{refusal.profile.name}` wants the `typ` {own}; the token has {typ}: write the profile of "
        f"the product that signed it, if it is another{_of_this_form(refusal, fitting)}"
    )
    warning = "a profile says what tells machines from people: never choose one because a token passes"
    yield refusal.change("issuers", refusal.issuer, "profile", text=text, warning=warning)


def _of_this_form(refusal: Refusal, names: list[str]) -> str:
    """Which of some profiles are of products whose issuers are named like this one; most have no form."""
    iss = str(refusal.first.claims.get("iss", ""))
    like = [name for name in names if any(form.matches(iss) for form in load_profile(name).issuer_forms)]
    return f"; issuers of {listed(like)} are named so" if like else " (`policy-engine issuers list-profiles`)"


def advise_on_claims(refusal: Refusal) -> Iterator[Change]:
    """A claim is missing, or has another type or form than its specification says."""
    if refusal.error.detail == "missing_claim":
        text = f"profile `{refusal.profile.name}` needs {refusal.claim}: have the issuer write it"
    else:
        text = f"have the issuer write {refusal.claim} as its specification says"
    yield refusal.nothing(text)


_TIMES: Mapping[str, str] = {
    "expired_token": "get a new token",
    "not_yet_valid": "set the clocks of this machine and of the issuer right: they may differ by 30 seconds",
    "invalid_claim": "have the issuer write tokens that don't last as long",
}
"""What to do, by the code of the refusal."""


def advise_on_times(refusal: Refusal) -> Iterator[Change]:
    """Time is nothing that a configuration could change."""
    yield refusal.nothing(_TIMES[refusal.error.code])
