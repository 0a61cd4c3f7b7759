"""Lists of revoked certificates: an issuer's, the one of all issuers, and serials by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from arasha.errors import InputError
from arasha.exchange.sti_certificates import Certificate, Roots
from arasha.exchange.sti_revocations import Revocations, read
from passport_samples import NOW, NOW_S, Signer, signer

ROOT = signer("root", authority=True)
BETWEEN = signer("between", ROOT, authority=True)
LEAF, OTHER = signer("leaf", BETWEEN), signer("other", BETWEEN)
ADMINISTRATOR = signer("STI-PA")


def trusted(leaf: Signer) -> Certificate:
    """A certificate with its chain."""
    found = Roots(ROOT.pem).trusted(leaf.pem + BETWEEN.pem, NOW_S)
    assert found is not None
    return found


def crl(
    by: Signer, *revoked: Signer, issuer: str | None = None, delta: bool = False,
    ends: timedelta = timedelta(days=1),
) -> bytes:  # fmt: skip
    """A list; ``issuer``: the first entry says that it and the next are of that one."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(NOW - timedelta(days=2))
        .next_update(NOW + ends)
    )
    for place, one in enumerate(revoked):
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(NOW - timedelta(days=2))
        )
        if issuer is not None and place == 0:
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
            said = x509.CertificateIssuer([x509.DirectoryName(name)])
            entry = entry.add_extension(said, critical=True)
        builder = builder.add_revoked_certificate(entry.build())
    if delta:
        builder = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)
    return builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def der(pem: bytes) -> bytes:
    """The same list in DER."""
    return x509.load_pem_x509_crl(pem).public_bytes(Encoding.DER)


REVOKED: dict[str, bytes] = {
    "its issuer's list": crl(BETWEEN, LEAF),
    "in DER": der(crl(BETWEEN, LEAF)),
    "the second of two lists": crl(ROOT) + crl(BETWEEN, LEAF),
    "one that is past its time": crl(BETWEEN, LEAF, ends=timedelta(days=-1)),
    "whoever is between it and the root": crl(ROOT, BETWEEN),
    "the list of all issuers": crl(ADMINISTRATOR, ROOT, LEAF, issuer="BETWEEN"),
    "its serial": f"# stolen\n{LEAF.certificate.serial_number:x}\n".encode(),
    "its serial in pairs": LEAF.certificate.serial_number.to_bytes(20, "big").hex(":").encode(),
}
NOT_REVOKED: dict[str, bytes] = {
    "nothing": b"",
    "an empty list": crl(BETWEEN),
    "another certificate": crl(BETWEEN, OTHER),
    "the same serial of another issuer": crl(ROOT, LEAF),
    "another serial": b"0123\n",
}


def test_the_list_of_all_issuers_may_write_a_name_in_other_letters() -> None:
    """Its entries name issuers as the administrator has them."""
    assert "CN=between" == BETWEEN.certificate.subject.rfc4514_string()


@pytest.mark.parametrize("how", REVOKED)
def test_what_is_revoked(tmp_path: Path, how: str) -> None:
    """In each of the forms in which a site may have it."""
    path = tmp_path / "revoked"
    path.write_bytes(REVOKED[how])
    assert read(path).has(trusted(LEAF).chain)


@pytest.mark.parametrize("how", NOT_REVOKED)
def test_what_is_not(tmp_path: Path, how: str) -> None:
    """A serial alone names a certificate only where a list by hand says so."""
    path = tmp_path / "revoked"
    path.write_bytes(NOT_REVOKED[how])
    assert not read(path).has(trusted(LEAF).chain)


@pytest.mark.parametrize(
    "data",
    [b"hello", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", b"\x30\x03abc",
     crl(BETWEEN, LEAF, delta=True), "№ 17".encode()],
)  # fmt: skip
def test_what_is_no_list_is_told(tmp_path: Path, data: bytes) -> None:
    """A part of a list, too: without the rest of it nobody knows who is revoked."""
    path = tmp_path / "revoked"
    path.write_bytes(data)
    with pytest.raises(InputError, match="no list of revoked"):
        Revocations([path])


def test_other_files_are_taken_up(tmp_path: Path) -> None:
    """One that is none, or gone, leaves what was known before."""
    path = tmp_path / "revoked"
    path.write_bytes(crl(BETWEEN))
    lists = Revocations([path])
    assert not lists.look()
    assert (NOW + timedelta(days=1)).timestamp() == lists.now.renewed_by_s
    path.write_bytes(crl(BETWEEN, LEAF))
    assert lists.look()
    assert 1 == len(lists.now)
    path.write_bytes(b"hello")
    with pytest.raises(InputError):
        lists.look()
    path.unlink()
    with pytest.raises(InputError, match="not there"):
        lists.look()
    assert lists.now.has(trusted(LEAF).chain)
