"""Public keys of Ed25519 that are no keys (RFC 8032 section 5.1).

The curve has a cofactor of 8: eight of its points have an order that divides 8. A signature by such a point
holds for one message in eight, or for all, without anybody knowing a secret. OpenSSL takes them as keys, and
encodings that RFC 8032 refuses, too. (Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs", 2020,
list both kinds; a test derives them from the equation of the curve.)
"""

from typing import Final

__all__ = ["has_small_order", "is_canonical"]

_P: Final = 2**255 - 19

_ENCODED_BYTES: Final = 32

_Y_OF_ORDER_8: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)

_SMALL: Final = frozenset({1, _P - 1, 0, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8})
"""The y of all points of order 1, 2, 4 and 8; the sign of x makes eight points of these five."""

_WITHOUT_X: Final = frozenset({1, _P - 1})
"""The y of the two points whose x is zero, which has no sign."""


def is_canonical(encoded: bytes) -> bool:
    """Whether some bytes are the one encoding of what they stand for (RFC 8032 section 5.1.3)."""
    y, sign = _parts(encoded)
    return len(encoded) == _ENCODED_BYTES and y < _P and not (sign and y in _WITHOUT_X)


def has_small_order(encoded: bytes) -> bool:
    """Whether an encoding, canonical or not, stands for a point whose order divides 8."""
    y, _ = _parts(encoded)
    return y % _P in _SMALL


def _parts(encoded: bytes) -> tuple[int, int]:
    """The y coordinate, and the sign of x, which is the highest bit."""
    number = int.from_bytes(encoded, "little")
    return number & (2**255 - 1), number >> 255
