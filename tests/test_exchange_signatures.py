from __future__ import annotations

import base64
import hmac
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from arasha.exchange import signatures
from arasha.exchange.signatures import (
    WINDOW_S,
    Fault,
    Nonces,
    Request,
    content_digest,
    digest_fits,
    read_parameters,
    sign_parameters,
    signature_base,
    signature_fits,
    signature_headers,
    verify,
)

NOW_S = 1_767_225_600
KEY = b"k" * 32
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
PLAIN = Request("POST", "https", "centre.kz", "/v1/payments", "", (), b'{"id": "p-1"}')
COVERED = ("@method", "@path", "content-digest")


def signed(
    request: Request = PLAIN,
    covered: tuple[str, ...] = COVERED,
    *,
    created_s: int = NOW_S,
    nonce: str = "n-1",
    public: bool = False,
    algorithm: str | None = None,
) -> Request:
    """The request with its digest and signature."""
    digest = [("content-digest", content_digest(request.body))] if request.body else []
    request = replace(request, headers=[*request.headers, *digest])
    word = algorithm or ("ed25519" if public else "hmac-sha256")
    parameters = sign_parameters(
        covered, created_s=created_s, key_id="key", nonce=nonce, algorithm=word
    )
    base = signature_base(request, parameters)
    assert base is not None
    made = PRIVATE.sign(base) if public else hmac.digest(KEY, base, "sha256")
    return replace(request, headers=[*request.headers, *signature_headers(parameters, made)])


def said(request: Request, nonces: Nonces | None = None, *, now_s: float = NOW_S) -> Fault | None:
    return verify(request, "key", KEY, nonces or Nonces(0), now_s, public=False)


# Appendix B.2 of RFC 9421: one request, signed by a shared secret (B.2.5) and by Ed25519 (B.2.6).
RFC_REQUEST = Request(
    "POST",
    "https",
    "example.com",
    "/foo",
    "param=Value&Pet=dog",
    [
        ("host", "example.com"),
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("content-type", "application/json"),
        (
            "content-digest",
            (
                "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRw"
                "EmTHWXvJwew==:"
            ),
        ),
        ("content-length", "18"),
    ],
    b'{"hello": "world"}',
)
RFC_SIGNATURES = {
    "hmac": (
        (
            'sig-b25=("date" "@authority" "content-type");created=1618884473'
            ';keyid="test-shared-secret"'
        ),
        "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==",
    ),
    "ed25519": (
        (
            'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
            ';created=1618884473;keyid="test-key-ed25519"'
        ),
        (
            "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WP"
            "pBKRCw==:"
        ),
        "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=",
    ),
}


@pytest.mark.parametrize("name", RFC_SIGNATURES)
def test_the_standards_own_examples_are_good(name: str) -> None:
    """The signatures that RFC 9421 prints fit our base; with one letter changed they do not."""
    given, made, key = RFC_SIGNATURES[name]
    request = replace(
        RFC_REQUEST,
        headers=[*RFC_REQUEST.headers, ("signature-input", given), ("signature", made)],
    )
    read = read_parameters(request)
    assert not isinstance(read, Fault)
    base = signature_base(request, read[0])
    assert base is not None
    secret, public = base64.b64decode(key), name == "ed25519"
    assert signature_fits(base, read[1], secret, public=public)
    assert not signature_fits(base + b" ", read[1], secret, public=public)
    assert digest_fits(request.header("content-digest"), request.body)


@pytest.mark.parametrize("public", [False, True])
def test_a_signed_request_is_good_once(*, public: bool) -> None:
    """The first time it passes, by either algorithm; the second time it is replayed."""
    nonces, key = Nonces(0), PUBLIC if public else KEY
    request = signed(public=public)
    assert None is verify(request, "key", key, nonces, NOW_S, public=public)
    assert Fault.REPLAYED is verify(request, "key", key, nonces, NOW_S, public=public)
    other = signed(public=public, nonce="n-2")
    assert None is verify(other, "key", key, nonces, NOW_S, public=public)


def test_whatever_is_changed_is_seen() -> None:
    """Method, path, body, a header that is covered, the signature itself."""
    request = signed(PLAIN)
    assert Fault.WRONG_SIGNATURE is said(replace(request, method="PUT"))
    assert Fault.WRONG_SIGNATURE is said(replace(request, path="/v1/events"))
    assert Fault.WRONG_DIGEST is said(replace(request, body=b"{}"))
    headers = dict(request.headers) | {"content-digest": content_digest(b"{}")}
    assert Fault.WRONG_SIGNATURE is said(replace(request, headers=[*headers.items()], body=b"{}"))
    headers = dict(request.headers) | {"signature": f"sig=:{'A' * 43}=:"}
    assert Fault.WRONG_SIGNATURE is said(replace(request, headers=[*headers.items()]))
    assert Fault.NOT_COVERED is said(replace(request, query="all=1"))


def test_what_must_be_signed_must_be() -> None:
    """Without method, path, digest or nonce a signature proves too little."""
    for covered in (("@method", "@path"), ("@path", "content-digest"), ("@method",)):
        assert Fault.NOT_COVERED is said(signed(covered=covered))
    assert Fault.NOT_COVERED is said(signed(nonce=""))
    whole = ("@method", "@target-uri", "content-digest")
    assert None is said(signed(replace(PLAIN, query="a=1"), covered=whole))
    read = replace(PLAIN, method="GET", body=b"")
    assert None is said(signed(read, covered=("@method", "@path")))
    absent = signed(covered=COVERED)
    moved = [(k, v.replace('"@path"', '"@path" "x-no"')) for k, v in absent.headers]
    assert Fault.NOT_COVERED is said(replace(absent, headers=moved))


@pytest.mark.parametrize(
    ("created_s", "began_s", "fault"),
    [
        (NOW_S - WINDOW_S, 0, None),
        (NOW_S - WINDOW_S - 1, 0, Fault.STALE),
        (NOW_S + WINDOW_S, 0, None),
        (NOW_S + WINDOW_S + 1, 0, Fault.STALE),
        (NOW_S - 10, NOW_S - 9, Fault.STALE),
        (NOW_S - 10, NOW_S - 10, None),
    ],
)
def test_old_and_early_signatures_are_stale(
    created_s: int, began_s: int, fault: Fault | None
) -> None:
    """A minute either way; and nothing from before the process began, which forgot nonces."""
    assert fault is said(signed(created_s=created_s), Nonces(began_s))


def test_a_nonce_is_remembered_as_long_as_its_signature_would_pass() -> None:
    """At the last moment it is a replay; after it, the signature is stale."""
    nonces = Nonces(0)
    request = signed(created_s=NOW_S + WINDOW_S)
    assert None is said(request, nonces)
    assert Fault.REPLAYED is said(request, nonces, now_s=NOW_S + 2 * WINDOW_S)
    assert Fault.STALE is said(request, nonces, now_s=NOW_S + 2 * WINDOW_S + 1)


def test_nonces_are_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full memory makes requests wait, a signer who fills its share first; it empties in time."""
    monkeypatch.setattr(signatures, "MAX_NONCES", 3)
    monkeypatch.setattr(signatures, "MAX_NONCES_OF_KEY", 2)
    nonces = Nonces(0)
    taken = [nonces.take("key", f"n-{i}", NOW_S + 5, NOW_S) for i in range(3)]
    assert [None, None, Fault.TOO_MANY] == taken
    assert [None, Fault.TOO_MANY] == [
        nonces.take("other", f"n-{i}", NOW_S + 9, NOW_S) for i in range(2)
    ]
    assert None is nonces.take("key", "n-0", NOW_S + 9, NOW_S + 6)
    assert Fault.REPLAYED is nonces.take("other", "n-0", NOW_S + 9, NOW_S + 6)
    assert None is nonces.take("key", "n-1", NOW_S + 9, NOW_S + 6)
    assert {"key": 2, "other": 1} == nonces._of_key


def test_the_key_and_the_algorithm_are_the_participants_own() -> None:
    """Neither the key's id nor the algorithm is the sender's to choose."""
    assert Fault.WRONG_KEY is verify(signed(), "other", KEY, Nonces(0), NOW_S, public=False)
    assert Fault.WRONG_ALGORITHM is said(signed(algorithm="ed25519"))
    assert Fault.WRONG_ALGORITHM is said(signed(algorithm="none"))


@pytest.mark.parametrize(
    ("given", "made", "fault"),
    [
        (None, "sig=:AAAA:", Fault.UNSIGNED),
        ('sig=();created=1;keyid="key"', None, Fault.UNSIGNED),
        ("", "", Fault.MALFORMED),
        ('sig=("@method")', "other=:AAAA:", Fault.MALFORMED),
        ('sig=("@method" "@method")', "sig=:AAAA:", Fault.MALFORMED),
        ('sig=("@method"  "@path")', "sig=:AAAA:", Fault.MALFORMED),
        ('sig=("@method";req)', "sig=:AAAA:", Fault.MALFORMED),
        ('sig=("@method");created=1;created=2', "sig=:AAAA:", Fault.MALFORMED),
        ('sig=("@method");created=1', "sig=:AAA:", Fault.MALFORMED),
        ('sig=("@method"), sig2=("@path")', "sig=:AAAA:", Fault.MALFORMED),
        ("sig=(" + " ".join(f'"h{i}"' for i in range(33)) + ")", "sig=:AAAA:", Fault.MALFORMED),
        ('sig=("@method");x="' + "x" * 5_000 + '"', "sig=:AAAA:", Fault.MALFORMED),
    ],
)
def test_headers_are_read_strictly(given: str | None, made: str | None, fault: Fault) -> None:
    """One signature, written as the standard writes it."""
    headers = [("signature-input", given), ("signature", made)]
    request = replace(PLAIN, headers=[(k, v) for k, v in headers if v is not None])
    assert fault is said(request)


@pytest.mark.parametrize(
    ("header", "fits"),
    [
        (None, False),
        (content_digest(b"body"), True),
        (content_digest(b"other"), False),
        ("md5=:AAAA:", False),
        (f"md5=:AAAA:, {content_digest(b'body')}", True),
        (f"{content_digest(b'body')}, sha-512=:AAAA:", False),
        ("sha-256=:AAA:", False),
        ("sha-256=abc", False),
    ],
)
def test_digests_are_those_of_the_body(header: str | None, *, fits: bool) -> None:
    """At least one that we know, and every one that we know."""
    assert fits == digest_fits(header, b"body")


@given(st.text(max_size=60), st.text(max_size=60), st.binary(max_size=20))
def test_any_headers_give_a_fault_and_no_exception(given: str, made: str, body: bytes) -> None:
    """Whatever is written there, the answer is a name."""
    headers = [("signature-input", given), ("signature", made), ("content-digest", made)]
    assert isinstance(said(replace(PLAIN, headers=headers, body=body)), Fault)


@given(st.text('sig=():;"@method path created1keyid -', max_size=80))
def test_headers_that_are_nearly_right_too(given: str) -> None:
    """The same for what looks like a signature."""
    headers = [("signature-input", f"sig={given}"), ("signature", "sig=:AAAA:")]
    assert isinstance(said(replace(PLAIN, headers=headers)), Fault)
