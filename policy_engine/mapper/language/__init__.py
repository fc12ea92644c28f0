"""The rule language of issuer profiles: questions about a verified token, answered yes, no or can't be told.

::

    sub == client_id + "@clients"                        texts, joined with +
    sub matches "<connection>|<id>" and sub != client_id whole-string patterns
    jti matches "<session:on|of><token>cc:<id>"          one of some words
    absent uid and not scp contains "/"                  presence; lists and lists between spaces
    header.gty within ["password", "refresh_token"]      header parameters; every member is one of these
    decoded.subject.conn_id == ""                        what a decoder made of a claim
    claim("https://x/kind") in ["app", "service"]        names that aren't words; ("a.b", "c") goes deeper
    email under "gserviceaccount.com"                    at a label's boundary
    registered(client_id, "people")                      what the operator listed
    flag(legacy) and @session                            the profile's flags, and its own definitions

`client_id`, `machine_id` and `user_id` are the ids that the profile resolved; `claim("client_id")` is the
claim so named.

Three invariants:

- **Absence is never evidence by accident.** A comparison with a claim that isn't there can't be told, and
  neither can its negation: only the word `absent` asks for absence. A rule holds when its answer is yes, and
  that goes for rules that refuse as well.
- **Types are exact.** A claim that a rule mentions and that is there with another JSON type than the profile
  says refuses the token, whichever way the rule would have gone.
- **A rule that loads can't fail**, and takes time in proportion to the text it reads.
"""

from policy_engine.mapper.language.claim_path import ABSENT, NOTHING_DECODED, ClaimPath, Root
from policy_engine.mapper.language.claim_types import ClaimType
from policy_engine.mapper.language.evaluation import Check, Clause, Frame, Grants, Layout, Rule, bind
from policy_engine.mapper.language.operators import OPERATORS
from policy_engine.mapper.language.parser import Vocabulary, parse_rule
from policy_engine.mapper.language.patterns import Pattern
from policy_engine.mapper.language.reading import wrong_type
from policy_engine.mapper.language.spelling import spell
from policy_engine.mapper.language.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    FlagType,
    FlagValue,
    Id,
    Join,
    Named,
    Not,
    Presence,
    Read,
    Registered,
    Setting,
    Switch,
    Term,
    Test,
    Text,
    Texts,
    Truth,
)

__all__ = [
    "ABSENT",
    "NOTHING_DECODED",
    "OPERATORS",
    "AllOf",
    "AnyOf",
    "Check",
    "ClaimPath",
    "ClaimType",
    "Clause",
    "Comparison",
    "Constant",
    "FlagType",
    "FlagValue",
    "Frame",
    "Grants",
    "Id",
    "Join",
    "Layout",
    "Named",
    "Not",
    "Pattern",
    "Presence",
    "Read",
    "Registered",
    "Root",
    "Rule",
    "Setting",
    "Switch",
    "Term",
    "Test",
    "Text",
    "Texts",
    "Truth",
    "Vocabulary",
    "bind",
    "parse_rule",
    "spell",
    "wrong_type",
]
