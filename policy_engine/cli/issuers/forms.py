"""Whether an issuer is of a form that its profile knows; forms decide nothing, they help to see slips."""

from policy_engine.mapper import Profile
from policy_engine.tokens import parse_url

__all__ = ["fits", "fits_but_for_slash"]


def fits(profile: Profile, issuer: str) -> bool:
    """Whether an issuer is of one of the forms; on this machine http is as good as https."""
    url = parse_url(issuer)
    local = url is not None and url.loopback and url.scheme == "http"
    secure = f"https{issuer[4:]}" if local else issuer
    return any(
        # A hole of a form may take in a slash.
        form.source.endswith("/") == issuer.endswith("/") and (form.matches(issuer) or form.matches(secure))
        for form in profile.issuer_forms
    )


def fits_but_for_slash(profile: Profile, issuer: str) -> str | None:
    """What the slash at the end has to do with it, in words; None if that isn't what is wrong."""
    bare = issuer.rstrip("/")
    if fits(profile, issuer):
        return None
    if issuer.endswith("/") and fits(profile, bare):
        return "issuers of this profile have no slash at the end, and `iss` is compared exactly"
    if not issuer.endswith("/") and fits(profile, f"{bare}/"):
        return "issuers of this profile have a slash at the end, and `iss` is compared exactly"
    return None
