"""The examples printed in the specifications, byte for byte."""

from typing import Any

import pytest

from policy_engine.errors import JoseError
from policy_engine.jose import SigningKey, VerifiedJws, thumbprint, verify

PAYLOAD = b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'

RSA_KEY = {
    "kty": "RSA",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-y"
    "RT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS"
    "-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2et"
    "hFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "e": "AQAB",
}
EC_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
ED_KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}

CLAIMS = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
RSA_TOKEN = (
    f"eyJhbGciOiJSUzI1NiJ9.{CLAIMS}."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
    "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
    "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
    "wlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
EC_TOKEN = (
    f"eyJhbGciOiJFUzI1NiJ9.{CLAIMS}."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
ED_SIGNATURE = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
ED_TOKEN = f"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.{ED_SIGNATURE}"


@pytest.mark.parametrize(
    ("token", "key", "expected"),
    [
        pytest.param(RSA_TOKEN, RSA_KEY, VerifiedJws({"alg": "RS256"}, PAYLOAD), id="RFC 7515 A.2"),
        pytest.param(EC_TOKEN, EC_KEY, VerifiedJws({"alg": "ES256"}, PAYLOAD), id="RFC 7515 A.3"),
        pytest.param(
            ED_TOKEN, ED_KEY, VerifiedJws({"alg": "EdDSA"}, b"Example of Ed25519 signing"), id="RFC 8037 A.4"
        ),
    ],
)
def test_a_published_token_verifies(token: str, key: dict[str, Any], expected: VerifiedJws) -> None:
    """Each example verifies with its key, as text, as bytes and through a set."""
    algorithms = {expected.header["alg"]}

    assert verify(token, key, algorithms) == expected
    assert verify(token.encode(), {"keys": [key]}, algorithms) == expected


def test_ed25519_signs_as_published() -> None:
    """RFC 8037 A.4: Ed25519 leaves nothing to chance, so our signature is the printed one."""
    signing_input, _, _ = ED_TOKEN.rpartition(".")
    other = SigningKey.from_jwk(ED_KEY)

    assert verify(f"{signing_input}.{ED_SIGNATURE}", other.public_jwk(), ["EdDSA"]).header == {"alg": "EdDSA"}
    assert other.signature(signing_input.encode()).hex() == (
        "860c98d2297f3060a33f42739672d61b53cf3adefed3d3c672f320dc021b411e"
        "9d59b8628dc351e248b88b29468e0e41855b0fb7d83bb15be902bfccb8cd0a02"
    )


def test_a_thumbprint_is_as_published() -> None:
    """RFC 7638 section 3.1: members that aren't the key itself don't count."""
    jwk = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebW"
        "KRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8"
        "KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBni"
        "Iqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }

    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_an_okp_thumbprint_is_as_published() -> None:
    """RFC 8037 A.3: the private half doesn't count."""
    assert thumbprint(ED_KEY) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_hmac_example_is_refused() -> None:
    """RFC 7515 A.1 is a valid token, and a symmetric key proves nothing about an issuer."""
    token = f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    key = {
        "kty": "oct",
        "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    }

    with pytest.raises(JoseError) as caught:
        verify(token, {"keys": [key]}, ["HS256"])

    assert (caught.value.code, caught.value.detail) == ("unsupported_algorithm", None)
