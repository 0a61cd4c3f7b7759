"""PASSporTs of shaken: what must be so for one to count, and each thing that can be wrong."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from arasha.exchange import passports
from arasha.exchange.passports import (
    FRESH_S,
    Claims,
    Fault,
    Remembered,
    may_be_fetched,
    read_identity,
    signed_by,
    verify,
)
from arasha.exchange.sti_certificates import Certificate, Roots
from passport_samples import (
    CALLEE,
    CALLER,
    NOW_S,
    URL,
    coded,
    head,
    identity,
    one,
    payload,
    signed,
    signer,
    tn_auth_list,
)

ROOT = signer("root", authority=True)
LEAF = signer("leaf", ROOT)
FOUND = Roots(ROOT.pem).trusted(LEAF.pem, NOW_S)
assert FOUND is not None
TRUSTED: Certificate = FOUND
GOOD = identity(signed(LEAF.key, head(), payload()))


def checked(header: str, *, now_s: float = NOW_S, caller: str = CALLER, callee: str = CALLEE,
            certificate: Certificate = TRUSTED, remembered: Remembered | None = None
            ) -> Fault | str:  # fmt: skip
    """The attestation, or what is wrong."""
    claims = read_identity(header)
    if isinstance(claims, Fault):
        return claims
    fault = verify(claims, certificate, remembered or Remembered(), caller=caller, callee=callee,
                   now_s=now_s)  # fmt: skip
    return fault or claims.attest


def made(**changes: Any) -> str:
    """A header that is good but for these claims."""
    return identity(signed(LEAF.key, head(), payload(**changes)))


def headed(**changes: Any) -> str:
    """A header that is good but for these members of its own."""
    return identity(signed(LEAF.key, head(**changes), payload()))


@pytest.mark.parametrize("attest", ["A", "B", "C"])
def test_a_good_one_says_what_was_attested(attest: str) -> None:
    """Each of the three levels of RFC 8588."""
    assert attest == checked(made(attest=attest))


def test_the_example_of_the_passport_drafts() -> None:
    """The token of draft-ietf-stir-passport's example, by the key that RFC 8225 prints with it."""
    key = ECKey.import_key(
        "-----BEGIN PUBLIC KEY-----\n"
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8HNbQd/TmvCKwPKHkMF9fScavGeH\n"
        "78YTU8qLS8I5HLHSSmlATLcslQMhNC/OhlWBYC626nIlo7XeebYS7Sb37g==\n"
        "-----END PUBLIC KEY-----\n"
    )
    token = (
        "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3"
        "Nwb3J0LmNlciJ9.eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6IjE0NDMyMDg"
        "zNDUiLCJvcmlnIjp7InRuIjoiMTIxNTU1NTEyMTIifX0.rq3pjT1hoRwakEGjHCnWSwUnshd0-zJ6F1VOgFWSjHBr8"
        "Qjpjlk-cpFYpFYsojNCpTzO3QfPOlckGaS6hEck7w"
    )
    assert signed_by(token, key)
    assert not signed_by(token.replace("rq3p", "rq3q"), key)


def test_parameters_may_be_left_out_or_stand_in_another_order() -> None:
    """``alg`` and ``ppt`` are said in the token, too (RFC 8224, section 4)."""
    token = signed(LEAF.key, head(), payload())
    for parameters in (f";info=<{URL}>", f'; ppt=shaken ;info=<{URL}>; alg="ES256"'):
        assert "A" == checked(identity(token, parameters))


def test_who_is_called_may_be_one_of_several() -> None:
    """A call to several numbers has one PASSporT."""
    assert "A" == checked(made(dest={"tn": ["77030000003", CALLEE[1:]]}))


def deep(plain: dict[str, Any] | None = None) -> str:
    """The same members, and one more that opens brackets as long as the header lets it."""
    text = msgspec.json.encode(plain or payload())[:-1] + b',"more":' + b"[" * 1_200
    return base64.urlsafe_b64encode(text + b"]" * 1_200 + b"}").decode().rstrip("=")


WRONG: dict[str, tuple[str, Fault]] = {
    "empty": ("", Fault.MALFORMED),
    "too long": (GOOD + " " * 4_096, Fault.MALFORMED),
    "no ASCII": (GOOD + "é", Fault.MALFORMED),
    "two parts": (GOOD.partition(".")[2], Fault.MALFORMED),
    "the compact form": (identity(".." + GOOD.partition(";")[0].rpartition(".")[2]),
                         Fault.MALFORMED),
    "no base64url": (identity("a+b.c/d.e=f"), Fault.MALFORMED),
    "no JSON": (identity(f"{coded('x')}.{coded('y')}.AAAA"), Fault.MALFORMED),
    "a parameter twice": (GOOD + f";info=<{URL}>", Fault.MALFORMED),
    "no info": (identity(signed(LEAF.key, head(), payload()), ""), Fault.WRONG_ADDRESS),
    "another info": (identity(signed(LEAF.key, head(), payload()), ";info=<https://x.example/>"),
                     Fault.WRONG_ADDRESS),
    "another alg outside": (identity(signed(LEAF.key, head(), payload()),
                                     f";info=<{URL}>;alg=HS256"), Fault.WRONG_KIND),
    "another ppt outside": (identity(signed(LEAF.key, head(), payload()),
                                     f";info=<{URL}>;ppt=div"), Fault.WRONG_KIND),
    "no alg": (headed(alg=None), Fault.MALFORMED),
    "alg none": (headed(alg="none"), Fault.WRONG_KIND),
    "alg HS256": (headed(alg="HS256"), Fault.WRONG_KIND),
    "alg in small letters": (headed(alg="es256"), Fault.WRONG_KIND),
    "another typ": (headed(typ="JWT"), Fault.WRONG_KIND),
    "another ppt": (headed(ppt="rph"), Fault.ANOTHER_KIND),
    "of a forwarded call": (
        identity(signed(LEAF.key, head(ppt="div"), payload(attest=None, origid=None,
                                                           div={"tn": "77020000002"})),
                 f";info=<{URL}>;alg=ES256;ppt=div"), Fault.ANOTHER_KIND),
    "crit": (headed(crit=["b64"]), Fault.WRONG_KIND),
    "no x5u": (headed(x5u=None), Fault.MALFORMED),
    "another attest": (made(attest="D"), Fault.MALFORMED),
    "iat of no clock": (made(iat=10**400), Fault.MALFORMED),
    "iat before 1970": (made(iat=-1), Fault.MALFORMED),
    "a claim without end": (identity(f"{coded(head())}.{deep()}.AAAA"), Fault.MALFORMED),
    "a head without end": (identity(f"{deep(head())}.{coded(payload())}.AAAA"), Fault.MALFORMED),
    "no attest": (made(attest=None), Fault.MALFORMED),
    "no origid": (made(origid=None), Fault.MALFORMED),
    "iat as text": (made(iat=str(int(NOW_S))), Fault.MALFORMED),
    "a caller with a plus": (made(orig={"tn": CALLER}), Fault.MALFORMED),
    "a caller by its URI": (made(orig={"uri": "sip:a@b.example"}), Fault.MALFORMED),
    "a callee by its URI": (made(dest={"uri": ["sip:a@b.example"]}), Fault.MALFORMED),
    "too old": (made(iat=int(NOW_S) - FRESH_S - 1), Fault.STALE),
    "of the future": (made(iat=int(NOW_S) + FRESH_S + 1), Fault.STALE),
    "another caller": (made(orig={"tn": "77010000009"}), Fault.WRONG_CALLER),
    "another callee": (made(dest={"tn": ["77020000009"]}), Fault.WRONG_CALLEE),
    "another key": (identity(signed(signer("x").key, head(), payload())), Fault.WRONG_SIGNATURE),
    "claims of another token": (
        identity(".".join([coded(head()), coded(payload()), made(attest="C").partition(";")[0]
                           .rpartition(".")[2]])), Fault.WRONG_SIGNATURE),
    "no signature": (identity(f"{coded(head())}.{coded(payload())}."), Fault.MALFORMED),
    "a signature of zeros": (identity(f"{coded(head())}.{coded(payload())}.{'A' * 86}"),
                             Fault.WRONG_SIGNATURE),
}  # fmt: skip


@pytest.mark.parametrize("why", WRONG)
def test_what_does_not_count(why: str) -> None:
    """Each for one reason, which is named."""
    header, fault = WRONG[why]
    assert fault == checked(header)


def test_the_edges_of_freshness() -> None:
    """A minute either way is fresh, and no second more."""
    for iat in (int(NOW_S) - FRESH_S, int(NOW_S) + FRESH_S):
        assert "A" == checked(made(iat=iat))


def test_a_public_key_is_no_secret() -> None:
    """The key of the certificate, taken for HMAC's, signs nothing: no confusion of algorithms."""
    public = LEAF.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for algorithm in ("HS256", "ES256"):
        base = f"{coded(head(alg=algorithm))}.{coded(payload())}"
        mac = hmac.digest(public, base.encode(), "sha256")
        for signature in (mac, mac + mac):
            token = f"{base}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
            assert checked(identity(token)) in (Fault.WRONG_KIND, Fault.WRONG_SIGNATURE)


def test_a_certificate_of_other_numbers() -> None:
    """Whoever may sign for one number may not for the next."""
    found = Roots(ROOT.pem).trusted(
        signer("leaf", ROOT, numbers=tn_auth_list(one("77010000009"))).pem, NOW_S
    )
    assert found is not None
    assert Fault.NOT_ITS_NUMBER == checked(GOOD, certificate=found)


def test_a_token_counts_once() -> None:
    """Played again, also with the other of its two signatures; after its time it is stale anyway,
    and the memory of it is let go of.
    """
    remembered = Remembered()
    assert "A" == checked(GOOD, remembered=remembered)
    assert Fault.REPLAYED == checked(GOOD, remembered=remembered)
    other = identity(signed(LEAF.key, head(), payload(), low=True))
    assert "A" == checked(other)
    assert Fault.REPLAYED == checked(other, remembered=remembered)
    assert "A" == checked(made(origid="another"), remembered=remembered)
    later = NOW_S + 2 * FRESH_S + 1
    assert "A" == checked(made(iat=int(later)), now_s=later, remembered=remembered)
    assert 1 == len(remembered._seen)


def test_where_there_is_no_room_none_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be remembered could be played again."""
    monkeypatch.setattr(passports, "MAX_REMEMBERED", 1)
    remembered = Remembered()
    assert "A" == checked(GOOD, remembered=remembered)
    assert Fault.TOO_MANY == checked(made(origid="another"), remembered=remembered)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        (URL, True),
        ("https://certificates.example:443/a.pem", True),
        ("http://certificates.example/a.pem", False),
        ("https://certificates.example:8443/a.pem", False),
        ("https://other.example/a.pem", False),
        ("https://certificates.example.evil.example/a.pem", False),
        ("https://user@certificates.example/a.pem", False),
        ("https://certificates.example/a.pem?x=1", False),
        ("https://127.0.0.1/a.pem", False),
        ("http://localhost/a.pem", False),
        ("file:///etc/passwd", False),
    ],
)
def test_where_certificates_may_come_from(url: str, *, may: bool) -> None:
    """Https, its own port, and a host that was named, letter by letter."""
    assert may == may_be_fetched(url, frozenset({"certificates.example"}))


@given(st.data())
def test_no_mutation_counts(data: st.DataObject) -> None:
    """Change, cut or add anything in the token: it is not taken, and nothing is raised.

    Of the last letter of a part some bits mean nothing; such a token says the same.
    """
    token, _, rest = GOOD.partition(";")
    at = data.draw(st.integers(0, len(token) - 1))
    end = at + data.draw(st.integers(0, 3))
    letters = st.text('ABCxyz019-_.=+;{}"\\ \x00', max_size=3)
    mutated = token[:at] + data.draw(letters) + token[end:]
    found = checked(f"{mutated};{rest}")
    same = [passports._plain(one) for one in token.split(".")]
    try:
        said = [passports._plain(one) for one in mutated.split(".")]
    except ValueError:
        said = []
    assert isinstance(found, Fault) or said == same


@given(st.text(max_size=200))
def test_no_header_makes_it_fail(header: str) -> None:
    """Whatever stands there is a fault with a name, or claims."""
    assert isinstance(read_identity(header), Fault | Claims)
