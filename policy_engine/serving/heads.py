"""What of the head of a request its readers don't agree on, and h11 is lenient about (RFC 9112).

Whoever is in front of a server may have seen another request in the same bytes: where it ends, or what it
asks for. None of this is sent by anybody's HTTP library.
"""

import re
from typing import Final

__all__ = ["may_be_misread"]

_END: Final = re.compile(rb"\r?\n\r?\n")
_ODD: Final = re.compile(
    rb"(?<!\r)\n"  # a line that ends without CR (section 2.2)
    rb"|\n[ \t]"  # a line that goes on in the next one (section 5.2)
)
_LENGTH: Final = re.compile(rb"\ncontent-length[ \t]*:", re.IGNORECASE)
_CODED: Final = re.compile(rb"\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_OLD: Final = re.compile(rb"[^\n]* HTTP/1\.0\r")


def may_be_misread(received: bytes) -> bool:
    """Whether the head at the beginning of these bytes is one that two readers may read differently.

    Args:
        received: what came of a request, from its first byte on; perhaps not all of its head yet.
    """
    end = _END.search(received)
    head = received if end is None else received[: end.end()]
    if _ODD.search(head):
        return True
    # Lengths that are equal are two all the same (section 6.3); HTTP/1.0 knows no codings (section 6.1).
    old = _OLD.match(head) is not None and _CODED.search(head) is not None
    return old or len(_LENGTH.findall(head)) > 1
