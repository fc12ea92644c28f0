"""Which configured issuer an unknown `iss` may mean: most often there is a slash too few, or too many."""

import difflib
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

__all__ = ["nearest_issuer"]

_CLOSE = 0.85


def nearest_issuer(iss: str, configured: Mapping[str, str]) -> tuple[str, str] | None:
    """The name of the issuer that is nearest, and in what the two differ; None if none is near.

    Args:
        iss: what the token says.
        configured: `iss` by the name of the issuer.
    """
    for difference, same in _DIFFERENCES.items():
        for name, url in configured.items():
            if same(iss) and same(iss) == same(url):
                return name, difference
    near = difflib.get_close_matches(iss, configured.values(), n=1, cutoff=_CLOSE)
    if near:
        return next(name for name, url in configured.items() if url == near[0]), "they are spelt alike"
    return None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _loose(url: str) -> str:
    return url.strip().casefold().removeprefix("http://").removeprefix("https://").rstrip("/")


_DIFFERENCES: Mapping[str, Callable[[str], str]] = {
    "they differ in the slash at the end": lambda url: url.rstrip("/"),
    "they differ in `http`, in capital letters or in the slash at the end": _loose,
    "they have one host, and different paths": _host,
}
"""From the smallest difference to the largest: what is left of a URL without it."""
