"""A small PKI of telephone networks, and PASSporTs that are as they must be but for one thing."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from arasha.exchange.sti_certificates import TN_AUTH_LIST, Tag

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW_S = NOW.timestamp()
CALLER, CALLEE = "+77010000001", "+77020000002"
URL = "https://certificates.example/operone.pem"

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Signer:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def signer(
    name: str,
    by: Signer | None = None,
    *,
    authority: bool = False,
    numbers: bytes | None = None,
    begins: timedelta = timedelta(days=-1),
    ends: timedelta = timedelta(days=90),
    curve: ec.EllipticCurve | None = None,
) -> Signer:
    """A certificate by another, or by itself."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    issuer = name if by is None else by.certificate.subject.rfc4514_string().removeprefix("CN=")
    issuing = key if by is None else by.key
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + begins)
        .not_valid_after(NOW + ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority, content_commitment=False, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=authority,
                crl_sign=authority, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if numbers is not None:
        extension = x509.UnrecognizedExtension(TN_AUTH_LIST, numbers)
        builder = builder.add_extension(extension, critical=False)
    return Signer(builder.sign(issuing, hashes.SHA256()), key)


def der(tag: Tag, content: bytes) -> bytes:
    """One value of DER."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    width = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + length.to_bytes(width, "big") + content


def text(value: str) -> bytes:
    """A text of DER."""
    return der(Tag.IA5, value.encode())


def tn_auth_list(*entries: bytes) -> bytes:
    """The extension of these entries."""
    return der(Tag.SEQUENCE, b"".join(entries))


def spc(code: str) -> bytes:
    """A network by its code."""
    return der(Tag.SPC, text(code))


def one(number: str) -> bytes:
    """One number."""
    return der(Tag.ONE, text(number))


def block(start: str, count: int) -> bytes:
    """So many numbers from there on."""
    counted = der(Tag.INTEGER, count.to_bytes((count.bit_length() + 8) // 8, "big"))
    return der(Tag.RANGE, der(Tag.SEQUENCE, text(start) + counted))


def coded(value: Any) -> str:
    """Base64url without padding, of JSON."""
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


def signed(key: Key, head: Any, payload: Any, *, low: bool = False) -> str:
    """A token of ES256; ``low``: by the other of the two signatures that fit."""
    base = f"{coded(head)}.{coded(payload)}"
    r, s = decode_dss_signature(key.sign(base.encode(), ec.ECDSA(hashes.SHA256())))
    if low:
        s = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 - s
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{base}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def head(**changes: Any) -> dict[str, Any]:
    """A header of shaken."""
    plain = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": URL}
    return {name: value for name, value in (plain | changes).items() if value is not None}


def payload(**changes: Any) -> dict[str, Any]:
    """The claims of a call from CALLER to CALLEE, now, attested in full."""
    plain = {
        "attest": "A", "dest": {"tn": [CALLEE[1:]]}, "iat": int(NOW_S), "orig": {"tn": CALLER[1:]},
        "origid": "123e4567-e89b-12d3-a456-426655440000",
    }  # fmt: skip
    return {name: value for name, value in (plain | changes).items() if value is not None}


def identity(token: str, parameters: str = f';info=<{URL}>;alg=ES256;ppt="shaken"') -> str:
    """An Identity header."""
    return token + parameters
