"""How to mend what the grammar refused: the mistakes that people make, one row each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from policy_engine.cedar.syntax.complaints.expectations import NAMES
from policy_engine.cedar.syntax.complaints.refusal import Refusal
from policy_engine.cedar.syntax.words import likely_entity, nearest

__all__ = ["mend", "mend_of_character"]

_DEFAULT = "Cedar's grammar is at docs.cedarpolicy.com/policies/syntax-grammar.html"

_CHARACTERS: Mapping[str, str] = MappingProxyType(
    {
        "'": 'texts stand in double quotes, `"…"`',
        "`": 'texts stand in double quotes, `"…"`',
        "“": 'texts stand in straight quotes, `"…"`',
        "”": 'texts stand in straight quotes, `"…"`',
        "=": "to compare, write `==`",
        "&": "write `&&`",
        "|": "write `||`",
        "/": "a comment begins with `//`; Cedar doesn't divide",
        "%": "Cedar has no remainder",
        "#": "a comment begins with `//`",
        "?": "write `if … then … else …`",
    }
)
_OTHER_CHARACTERS = "names are made of A to Z, digits and `_`; anything else stands in quotes"

_WORDS: Mapping[str, str] = MappingProxyType(
    {"and": "write `&&`", "or": "write `||`", "not": "write `!`", "equals": "write `==`"}
)

_EFFECTS: Mapping[str, str] = MappingProxyType({"allow": "permit", "grant": "permit", "deny": "forbid"})


def mend(refusal: Refusal) -> str:
    """How to mend it."""
    return next((text for row in _ROWS if (text := row(refusal))), _DEFAULT)


def mend_of_character(character: str) -> str:
    """How to mend a character that isn't Cedar's."""
    return _CHARACTERS.get(character, _OTHER_CHARACTERS)


def _word_of_another_language(refusal: Refusal) -> str:
    if "_AND" not in refusal.accepted and refusal.before != "COMPARISON":
        return ""
    for word in (refusal.found, *refusal.read[-1:]):
        if word is not None and word.type == "IDENTIFIER" and word.lower() in _WORDS:
            return _WORDS[word.lower()]
    return "write `!=`" if refusal.found == ">" and refusal.read[-1:] == ["<"] else ""


def _comma(refusal: Refusal) -> str:
    if refusal.kind == "COMMA" and refusal.before in {"COMMA", "LPAR", "LSQB", "LBRACE"}:
        return "take this `,` out"
    starts = refusal.kind in NAMES | {"STRING", "INTEGER", "TRUE", "FALSE", "IF", "NOT"}
    return "put a `,` before it" if "COMMA" in refusal.accepted and starts else ""


def _type(refusal: Refusal) -> str:
    if refusal.before == "_PATH" and refusal.kind == "STRING":
        return "after `is` stands a type alone; to compare with an entity, write `==`"
    if refusal.before == "IS" and refusal.kind in {"STRING", "LPAR"}:
        return "a type stands without quotes and without brackets"
    if refusal.before == "IS" and not (refusal.found or "").isidentifier():
        return "write a type after `is`"
    if refusal.kind == "_PATH" and "INTEGER" in refusal.accepted:
        return "a name doesn't begin with `::`"
    return ""


def _entity(refusal: Refusal) -> str:
    if refusal.kind == "STRING" and refusal.before in NAMES and "_PATH" in refusal.accepted:
        return f"an entity is written `{refusal.path}::{refusal.found}`"
    return ""


def _path(refusal: Refusal) -> str:
    if refusal.before == "DOT" and refusal.after_has:
        return "a path after `has` is made of names: ask for what follows by itself, after `&&`"
    return ""


def _reserved_word(refusal: Refusal) -> str:
    if "IDENTIFIER" not in refusal.accepted or refusal.found is None or not refusal.found.isidentifier():
        return ""
    word = f'"{refusal.found}"'
    if "INTEGER" in refusal.accepted:
        if refusal.kind == "IF":
            return "put `if … then … else …` in brackets"
        if refusal.kind in {"IN", "IS", "LIKE", "HAS"}:
            return f"write what `{refusal.found}` is about before it"
        return "it is a word of the language and can't be a name"
    if refusal.before == "DOT":
        return f"it is a word of the language: write `[{word}]` without the point"
    if "STRING" in refusal.accepted and refusal.before != "_PATH":
        return f"it is a word of the language: write `{word}`"
    return "it is a word of the language and can't be a name"


def _effect(refusal: Refusal) -> str:
    if "IDENTIFIER" in refusal.accepted or "PERMIT" not in refusal.accepted:
        return ""
    if refusal.kind == "STRING":
        return f"the value of an annotation stands in brackets, `({refusal.found})`"
    word = str(refusal.found).lower()
    meant = _EFFECTS.get(word, "") or nearest(word, ("permit", "forbid"))
    return f"write `{meant}`" if meant else "a policy begins with `permit` or `forbid`"


def _head(refusal: Refusal) -> str:
    place, kind, accepted = refusal.place, refusal.kind, refusal.accepted
    if place.part != "head":
        return ""
    beyond = "IDENTIFIER" not in accepted and bool({"PRINCIPAL", "ACTION", "RESOURCE"} & {*accepted})
    meant = nearest(str(refusal.found), [place.clause]) if beyond and kind == "IDENTIFIER" else ""
    if meant:
        return f"write `{meant}`"
    if beyond or (place.depth == 1 and kind == "RPAR" and "COMMA" in accepted):
        return "the head names principal, action and resource, in this order"
    if place.depth == 1 and accepted == {"RPAR"}:
        return "the head names principal, action and resource, and nothing else"
    if accepted == {"_PATH"}:
        return f"an entity is written `{likely_entity(refusal.path)}`"
    if kind in {"COMPARISON", "HAS", "LIKE", "_AND", "_OR", "DOT", "PLUS", "MINUS", "STAR"}:
        return "the head takes `==`, `in` and `is`; anything else goes into `when { … }`"
    rows = {
        "IS": "actions have no type to ask for",
        "EQUAL": "after a type, write `in` and what it must be in",
        "LSQB": f"name one entity; for several, `when {{ {place.clause} in [ … ] }}`",
        "SLOT": "only principal and resource have slots",
        "STRING": 'say its type, too: `Type::"…"`',
        "COLON": f"write `{place.clause} is …`",
    }
    if kind == "LSQB" and place.clause == "action":
        return "write `action in [ … ]`"
    if kind in {"IN", "IS", "EQUAL"} and "IN" not in accepted:
        return f"ask one thing of the {place.clause} here, and the rest in `when {{ … }}`"
    return rows.get(kind, "")


def _condition(refusal: Refusal) -> str:
    if refusal.before in {"WHEN", "UNLESS"} and {*refusal.accepted} == {"LBRACE"}:
        return f"write the condition in braces, `{refusal.read[-1]} {{ … }}`"
    if "WHEN" not in refusal.accepted or "IDENTIFIER" in refusal.accepted:
        return ""
    meant = nearest(str(refusal.found), ("when", "unless")) if refusal.kind == "IDENTIFIER" else ""
    if meant:
        return f"write `{meant}`"
    if refusal.kind in {"IDENTIFIER", "IF", "LBRACE"}:
        return "a condition is written `when { … }` or `unless { … }`"
    return "end the policy with `;`"


def _comparisons(refusal: Refusal) -> str:
    compares = refusal.kind in {"EQUAL", "COMPARISON", "IN", "IS", "LIKE", "HAS"}
    chained = compares and "_AND" in refusal.accepted and "COMPARISON" not in refusal.accepted
    return "comparisons don't chain: put one of them in brackets" if chained else ""


def _attribute(refusal: Refusal) -> str:
    if refusal.before == "DOT" and refusal.kind in {"STRING", "INTEGER"}:
        name = f"{refusal.found}".strip('"')
        return f'write `["{name}"]` without the point'
    return "name the attribute or method, or take the point out" if refusal.before == "DOT" else ""


def _text(refusal: Refusal) -> str:
    if {*refusal.accepted} != {"STRING"}:
        return ""
    rows = {
        "LIKE": 'a pattern is a text in quotes, `like "…*"`',
        "LSQB": 'an attribute\'s name stands here in quotes, `["…"]`',
        "LPAR": "the value of an annotation is a text in quotes; one without a value has no brackets",
    }
    return rows.get(refusal.before, "")


def _nothing_there(refusal: Refusal) -> str:
    if "INTEGER" not in refusal.accepted or refusal.kind not in {"RBRACE", "RPAR", "RSQB", "SEMICOLON", ""}:
        return ""
    if refusal.kind == "RBRACE" and refusal.before == "LBRACE":
        return "write what must hold, or leave the condition out"
    return f"write what belongs after `{refusal.read[-1]}`, or take that out"


def _sign(refusal: Refusal) -> str:
    both = {refusal.before, refusal.kind} == {"NOT", "MINUS"}
    return f"put what `{refusal.read[-1]}` is about in brackets" if both else ""


def _literally(refusal: Refusal) -> str:
    """Rows that follow from what would be accepted."""
    accepted = {*refusal.accepted}
    if {"THEN", "ELSE"} & accepted and "IDENTIFIER" not in accepted:
        return "a conditional is written `if … then … else …`"
    if "COLON" in accepted:
        return "a field of a record is written `name: value`"
    if "_AND" in accepted:
        return "take it out, or put an operator before it"
    if "STRING" in accepted and refusal.kind == "INTEGER":
        return "put it in quotes"
    if "IDENTIFIER" in accepted and refusal.before == "AT":
        return 'an annotation is written `@name` or `@name("…")`'
    rows = {
        "LPAR": "write the head in brackets",
        "RPAR": "write `)` before it",
        "RSQB": "write `]` before it",
        "$END": "take it out",
    }
    return rows.get("".join(accepted), "")


_ROWS: tuple[Callable[[Refusal], str], ...] = (
    _word_of_another_language,
    _comma,
    _type,
    _entity,
    _path,
    _reserved_word,
    _effect,
    _head,
    _condition,
    _comparisons,
    _attribute,
    _text,
    _nothing_there,
    _sign,
    _literally,
)
