"""Passkeys: what a browser is asked, and whether its answer proves the person (WebAuthn level 2).

In: the site, a challenge, the browser's answer as JSON. Out: the public key of a new passkey; or
that a known one has signed, with its count of uses. The authenticator must have seen to it that its
owner is there (a finger, a PIN): so a passkey alone is two factors. It is bound to the site's name:
no other site can ask for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import webauthn
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from arasha.errors import UsageError

TIMEOUT_MS: Final = 120_000
"""How long a browser waits for its person, ms."""

MAX_ANSWER_BYTES: Final = 16 << 10
"""Longest answer of a browser that is looked at, bytes."""

MAX_ID_BYTES: Final = 1_023
"""Longest id of a passkey, bytes (WebAuthn, 4: credential ID)."""

_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


@dataclass(frozen=True, slots=True)
class Site:
    """Where the console is: ``origin`` as a browser writes it, ``https://centre.example``."""

    origin: str
    name: str = "Arasha"

    @property
    def host(self) -> str:
        """What a passkey is bound to."""
        return urlsplit(self.origin).hostname or ""

    @staticmethod
    def at_home(port: int) -> Site:
        """On this machine alone: by this name, for a passkey is bound to no number."""
        return Site(f"http://localhost:{port}")

    @staticmethod
    def of(address: str) -> Site:
        """The site at that address. Raises UsageError for one at which no browser would sign in:
        without TLS there is only ``localhost``.
        """
        parts = urlsplit(address)
        bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
        secure = parts.scheme == "https" or (
            parts.scheme == "http" and parts.hostname == "localhost"
        )
        if not (bare and secure and parts.hostname):
            raise UsageError("people cannot sign in at this address", found=address,
                             expected="https://HOST, or http://localhost:PORT")  # fmt: skip
        return Site(f"{parts.scheme}://{parts.netloc.lower()}")


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that a browser has made."""

    credential: bytes
    public_key: bytes
    uses: int


def creation(
    site: Site, person: str, handle: bytes, challenge: bytes, known: Sequence[bytes]
) -> dict[str, Any]:
    """What ``navigator.credentials.create`` is asked: a passkey that is found without a login, on
    an authenticator that has none of the ``known`` ones.
    """
    return options_to_json_dict(
        webauthn.generate_registration_options(
            rp_id=site.host, rp_name=site.name, user_name=person, user_id=handle,
            challenge=challenge, timeout=TIMEOUT_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
            supported_pub_key_algs=_ALGORITHMS,
        )
    )  # fmt: skip


def request(site: Site, challenge: bytes) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is asked: any passkey of this site."""
    return options_to_json_dict(
        webauthn.generate_authentication_options(
            rp_id=site.host, challenge=challenge, timeout=TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )  # fmt: skip


def made(site: Site, challenge: bytes, answer: bytes) -> NewPasskey | None:
    """The passkey of a browser's answer to `creation`; None where it proves none."""
    said = _object(answer)
    if said is None:
        return None
    try:
        found = webauthn.verify_registration_response(
            credential=said, expected_challenge=challenge, expected_rp_id=site.host,
            expected_origin=site.origin, require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )  # fmt: skip
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes make the library raise: no proof
        return None
    if not 0 < len(found.credential_id) <= MAX_ID_BYTES:
        return None
    return NewPasskey(found.credential_id, found.credential_public_key, found.sign_count)


def credential_of(answer: bytes) -> bytes | None:
    """Which passkey a browser's answer to `request` says it is."""
    said = _object(answer)
    try:
        name = None if said is None else webauthn.base64url_to_bytes(said["rawId"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return name if name and len(name) <= MAX_ID_BYTES else None


def uses_after(
    site: Site, challenge: bytes, answer: bytes, *, public_key: bytes, uses: int
) -> int | None:
    """The count of uses after an answer that this passkey has signed; None where it has not, or
    where the count did not grow: then there are two of it.
    """
    said = _object(answer)
    if said is None:
        return None
    try:
        found = webauthn.verify_authentication_response(
            credential=said, expected_challenge=challenge, expected_rp_id=site.host,
            expected_origin=site.origin, credential_public_key=public_key,
            credential_current_sign_count=uses, require_user_verification=True,
        )  # fmt: skip
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes make the library raise: no proof
        return None
    return found.new_sign_count


def _object(answer: bytes) -> dict[str, Any] | None:
    if len(answer) > MAX_ANSWER_BYTES:
        return None
    try:
        said = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
