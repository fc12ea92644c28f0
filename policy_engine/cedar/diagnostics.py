"""Cedar's evaluation errors, reduced to what may leave: which policy, and a code.

Cedar's sentences quote attribute names, tags and entity ids of the request, and so stay here. They are read
from their beginning, and a quoted uid is skipped as a whole, so that no id can pass for another sentence.
"""

import re

from policy_engine.cedar.errors import CedarError

__all__ = ["OTHER", "read_error"]

OTHER = "evaluation_error"
"""The code of every error that has no finer one."""

_ERROR = re.compile(r"error while evaluating policy `(policy\d+)`: (.*)", re.DOTALL)

_UID = r'`(?:\w+::)+"(?:[^"\\]|\\.)*"`'

_CODES = tuple(
    (re.compile(pattern, re.DOTALL), code)
    for pattern, code in (
        (r"type error: ", "type_error"),
        (r"record does not have the attribute `", "missing_attribute"),
        (rf"{_UID} does not have the attribute `", "missing_attribute"),
        (rf"{_UID} does not have the tag `", "missing_tag"),
        (rf"entity {_UID} does not exist", "missing_entity"),
        (r"integer overflow ", "overflow"),
        (r"error while evaluating `\w+` extension function: ", "extension_error"),
        (r"recursion limit reached", "recursion"),
    )
)


def read_error(sentence: str) -> tuple[str, str]:
    """Cedar's own id of the policy (`policyN`), and the code of the error.

    Raises:
        CedarError: `cedar_answer`: the sentence doesn't say which policy it is about.
    """
    match = _ERROR.fullmatch(sentence)
    if match is None:
        raise CedarError("cedar_answer", "an evaluation error names no policy")
    policy, reason = match.groups()
    return policy, next((code for pattern, code in _CODES if pattern.match(reason)), OTHER)
