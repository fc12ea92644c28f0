"""Mutants of tokens: one or two changes such as an attacker, a misconfigured issuer or a bug would make.

The same seed makes the same mutants of the same tokens. A change touches one thing: a claim, a member of the
header, a flag of the configuration, or, where ids are exchanged, several ids at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

from tests.plugins.catalogue import Vector, claims_of, flags_of

__all__ = ["MARKS", "ODD_VALUES", "Mutant", "Mutator"]

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1.5,
    "",
    " ",
    "x",
    "null",
    "absent",
    "client_credentials",
    [],
    ["x"],
    [None],
    {},
    {"x": 1},
    "x" * 256,
    "\x00",
)

TYPES: tuple[Any, ...] = (
    "JWT",
    "jwt",
    "at+jwt",
    "AT+JWT",
    "application/at+jwt",
    "application/jwt",
    "oauth-id-jag+jwt",
    "logout+jwt",
    "dpop+jwt",
    "at+jwt ",
    "\u200bJWT",
    "",
    None,
    1,
    ["JWT"],
)

MARKS: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "gty": ("client-credentials", ["client_credentials"], ["authorization_code"], "password"),
        "idtyp": ("app", "user"),
        "sub_type": ("client", "user"),
        "sub_profile": ("service", "user", "ai_agent", "User", "service user"),
        "grant_type": ("client_credentials", "authorization_code"),
        "act": ({"sub": "orchestrator"}, {"sub": "alice"}, {}),
        "auth_time": (1789999900,),
        "amr": (["pwd"], ["accesskey"]),
        "acr": ("1",),
        "sid": ("s1",),
        "nonce": ("n",),
        "cnf": ({"jkt": "x"},),
        "uid": ("00u1",),
        "username": ("alice",),
        "email_verified": (True, False, "true"),
    }
)
"""Marks of some issuers, besides those that the tokens themselves have."""

IDS = (
    "sub", "client_id", "azp", "cid", "appid", "aud", "common_name", "oid", "uid", "user_id", "email",
    "repository_id", "project_id", "username", "oi_prst", "subname", "tenant", "iss",
)  # fmt: skip
"""Claims that some profile reads an id from, and some that look as if."""

_LOOKALIKES = str.maketrans(
    "aceiopsxyABCEHIKMOPTX",
    "\u0430\u0441\u0435\u0456\u043e\u0440\u0455\u0445\u0443"
    "\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0422\u0425",
)
_FULL_WIDTH = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})

_PLAIN = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti"})

RESPELLINGS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    str.title,
    str.swapcase,
    lambda text: " " + text,
    lambda text: text + " ",
    lambda text: text + "\n",
    lambda text: text + "\x00",
    lambda text: "\u200b" + text,
    lambda text: text.translate(_LOOKALIKES),
    lambda text: text.translate(_FULL_WIDTH),
    lambda text: "x" + text,
    lambda text: text + "x",
    lambda text: text[1:],
    lambda text: text[:-1],
    lambda text: text + text,
    lambda text: text + "@clients",
    lambda text: text.removesuffix("@clients"),
    lambda text: "auth0|" + text,
    lambda text: "service-account-" + text,
    lambda text: "(age!" + text + ")",
    lambda text: "(usr!" + text + ")",
    lambda text: f'Client::"{text}"',
    lambda text: f"{text},{text}",
    lambda text: f"{text} user",
)


@dataclass(slots=True, kw_only=True)
class Mutant:
    """A changed token, and what was changed.

    Attributes:
        origin: the token that it was.
        flags: those of the configuration that it is judged under.
        changes: in words.
    """

    origin: Vector
    header: dict[str, Any]
    claims: dict[str, Any]
    flags: dict[str, Any]
    changes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """What a reader needs to make a test of it."""
        return f"{self.origin['id']}: {'; '.join(self.changes)} -> {self.header} {self.claims} {self.flags}"


Change = Callable[["Mutator", Mutant], str | None]
"""Changes a mutant and says how; None if there is nothing that it could change."""


class Mutator:
    """Makes mutants.

    Args:
        vectors: the tokens to change, those that are worth more than one more than once.
        seed: of chance.
        switches: names of the Boolean flags, by profile.
    """

    def __init__(self, vectors: Sequence[Vector], seed: int, switches: Mapping[str, Sequence[str]]) -> None:
        self.random = Random(seed)
        self.switches = switches
        self._vectors = vectors
        self._payloads = {vector["id"]: claims_of(vector) for vector in vectors}
        self.kin: dict[str, list[Vector]] = {}
        for vector in {vector["id"]: vector for vector in vectors}.values():
            self.kin.setdefault(vector["profile"], []).append(vector)
        anywhere = {repr(item): item for claims in self._payloads.values() for item in claims.items()}
        marks = [(name, value) for name, values in MARKS.items() for value in values]
        self.foreign = [*anywhere.values(), *marks * 3]

    def mutants(self, count: int) -> Iterator[Mutant]:
        """Some mutants, two thirds of them with one change."""
        for _ in range(count):
            origin = self.random.choice(self._vectors)
            mutant = Mutant(
                origin=origin,
                header=dict(origin["header"]),
                claims=dict(self._payloads[origin["id"]]),
                flags=flags_of(origin),
            )
            for _ in range(self.random.choice((1, 1, 2))):
                self._change(mutant)
            yield mutant

    def donor(self, mutant: Mutant) -> Mapping[str, Any]:
        """The claims of a token of the same profile."""
        return self._payloads[self.random.choice(self.kin[mutant.origin["profile"]])["id"]]

    def _change(self, mutant: Mutant) -> None:
        said = None
        while said is None:
            said = self.random.choice(CHANGES)(self, mutant)
        mutant.changes.append(said)


def _left_out(mutator: Mutator, mutant: Mutant) -> str | None:
    name = _claim(mutator, mutant)
    if name is None:
        return None
    del mutant.claims[name]
    return f"{name} left out"


def _odd(mutator: Mutator, mutant: Mutant) -> str | None:
    return _set(mutant, _claim(mutator, mutant), mutator.random.choice(ODD_VALUES))


def _foreign(mutator: Mutator, mutant: Mutant) -> str | None:
    return _set(mutant, *mutator.random.choice(mutator.foreign))


def _of_kin(mutator: Mutator, mutant: Mutant) -> str | None:
    return _set(mutant, *mutator.random.choice(list(mutator.donor(mutant).items())))


def _respelt(mutator: Mutator, mutant: Mutant) -> str | None:
    name = _claim(mutator, mutant)
    value = mutant.claims.get(name or "")
    return _set(mutant, name, mutator.random.choice(RESPELLINGS)(value)) if isinstance(value, str) else None


def _reshaped(mutator: Mutator, mutant: Mutant) -> str | None:
    name = _claim(mutator, mutant)
    match mutant.claims.get(name or ""):
        case str(text):
            return _set(
                mutant, name, mutator.random.choice(([text], text.split(), [text, text], [text, "x"]))
            )
        case [str(text), *_] as texts:
            return _set(mutant, name, mutator.random.choice((text, " ".join(map(str, texts)), [texts])))
        case bool(truth):
            return _set(mutant, name, str(truth).lower())
        case int(number):
            return _set(mutant, name, str(number))
        case _:
            return None


def _nested(mutator: Mutator, mutant: Mutant) -> str | None:
    name = _claim(mutator, mutant)
    if name is None:
        return None
    value = mutant.claims[name]
    if mutator.random.random() < 0.5:
        return _set(mutant, name, mutator.random.choice(({name: value}, {"value": value}, [value])))
    del mutant.claims[name]
    return _set(mutant, mutator.random.choice(("claims", "ext", "act", "cnf")), {name: value})


def _inner(mutator: Mutator, mutant: Mutant) -> str | None:
    objects = [name for name, value in mutant.claims.items() if isinstance(value, dict) and value]
    if not objects:
        return None
    name = mutator.random.choice(objects)
    return _set(mutant, name, _changed_within(mutator.random, mutant.claims[name]))


def _renamed(mutator: Mutator, mutant: Mutant) -> str | None:
    name = _claim(mutator, mutant)
    if name is None:
        return None
    other = mutator.random.choice(
        (name.upper(), name.title(), f"https://x.example/{name}", f"{name}.", f" {name}")
    )
    mutant.claims[other] = mutant.claims.pop(name)
    return f"{name} renamed to {other!r}"


def _id_copied(mutator: Mutator, mutant: Mutant) -> str | None:
    there = [name for name in IDS if name in mutant.claims]
    if not there:
        return None
    return _set(mutant, mutator.random.choice((*there, *IDS)), mutant.claims[mutator.random.choice(there)])


def _ids_exchanged(mutator: Mutator, mutant: Mutant) -> str | None:
    donor = mutator.donor(mutant)
    names = [name for name in IDS[:-1] if name in mutant.claims and name in donor]
    if mutator.random.random() < 0.5:
        names = names[: mutator.random.randrange(1, 3)]
    mutant.claims |= {name: donor[name] for name in names}
    return f"{', '.join(names)} of another token" if names else None


def _registered_id(mutator: Mutator, mutant: Mutant) -> str | None:
    clients = list(mutant.origin["config"]["clients"])
    return _set(mutant, mutator.random.choice(IDS), mutator.random.choice(clients)) if clients else None


def _type(mutator: Mutator, mutant: Mutant) -> str | None:
    typ = mutator.random.choice(TYPES)
    if typ is None:
        return None if mutant.header.pop("typ", None) is None else "header typ left out"
    mutant.header["typ"] = typ
    return f"header typ = {typ!r}"


def _header(mutator: Mutator, mutant: Mutant) -> str | None:
    names = [name for name in mutant.header if name not in ("alg", "kid", "typ")]
    name = mutator.random.choice((*names, "gty", "client_id", "idtyp"))
    pool = (*ODD_VALUES, ["client_credentials"], ["authorization_code"], "authorization_code", "app")
    mutant.header[name] = mutator.random.choice(pool)
    return f"header {name} = {mutant.header[name]!r}"


def _flag(mutator: Mutator, mutant: Mutant) -> str | None:
    names = mutator.switches.get(mutant.origin["profile"], ())
    if not names:
        return None
    name = mutator.random.choice(names)
    mutant.flags[name] = not mutant.flags.get(name, False)
    return f"flag {name} = {mutant.flags[name]}"


CHANGES: tuple[Change, ...] = (
    _left_out, _left_out, _odd, _odd, _foreign, _foreign, _of_kin, _of_kin, _respelt, _respelt, _reshaped,
    _nested, _inner, _renamed, _id_copied, _id_copied, _ids_exchanged, _registered_id, _type, _header, _flag,
)  # fmt: skip


def _claim(mutator: Mutator, mutant: Mutant) -> str | None:
    """Any claim, but seldom one that only stage 1 looks at."""
    if not mutant.claims:
        return None
    name = mutator.random.choice(list(mutant.claims))
    return mutator.random.choice(list(mutant.claims)) if name in _PLAIN else name


def _set(mutant: Mutant, name: str | None, value: Any) -> str | None:
    if name is None:
        return None
    mutant.claims[name] = value
    return f"{name} = {value!r}"


def _changed_within(random: Random, value: Mapping[str, Any]) -> dict[str, Any]:
    """An object with one member changed, at any depth."""
    name = random.choice(list(value))
    rest = {other: inner for other, inner in value.items() if other != name}
    inner = value[name]
    if isinstance(inner, dict) and inner and random.random() < 0.7:
        return {**rest, name: _changed_within(random, inner)}
    return rest if random.random() < 0.3 else {**rest, name: random.choice(ODD_VALUES)}
