"""People who sign in, and what they hold in their hands: an authenticator, a phone with codes."""

from __future__ import annotations

import json
import secrets
from base64 import b32decode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import webauthn.helpers
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from arasha.exchange.enrolment import Enrolment, Welcomed
from arasha.exchange.passkeys import Site
from arasha.exchange.persons import Persons
from arasha.exchange.sealed import Seal
from arasha.exchange.signin import SignIn
from arasha.exchange.signin_tables import open_signin
from exchange_samples import OPENED, Clock

SITE = Site("https://centre.example")
KEY = b"s" * 32
PASSWORD = "a long walk along the Esentai"


def text(content: bytes) -> str:
    """Bytes as WebAuthn's JSON writes them."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def raw(said: str) -> bytes:
    """The bytes again."""
    return urlsafe_b64decode(said + "=" * (-len(said) % 4))


@dataclass
class Door:
    """A centre's sign-in, with clocks that go when they are told to."""

    persons: Persons
    signin: SignIn
    enrolment: Enrolment
    clock: Clock
    steady_s: list[float]

    def person(self, name: str = "aigul", *roles: str) -> str:
        """A person of the centre."""
        self.persons.create(name, roles or ("officer",), by="root")
        return name

    def welcomed(self, name: str = "aigul") -> tuple[Welcomed, bytes]:
        """A person who has come in with a password, and the secret of their authenticator."""
        secret, _ = self.enrolment.invitations.invite(self.person(name), by="root")
        offer = self.enrolment.offer(secret)
        assert offer is not None
        held = secret_in(offer.address)
        found = self.enrolment.set_password(
            secret, offer.sealed, PASSWORD, code(held, self.clock.now_ms)
        )
        assert isinstance(found, Welcomed)
        return found, held


def door(
    directory: Path,
    clock: Clock | None = None,
    *,
    persons: Persons | None = None,
    vfs: str | None = None,
) -> Door:
    """The sign-in of that directory; of those persons, or of whom its own register has."""
    clock = clock or Clock()
    steady_s = [0.0]
    if persons is None:
        persons = Persons.open(directory, clock)
        OPENED.append(persons.close)
    seal = Seal(KEY)
    signin = SignIn(open_signin(directory, vfs=vfs), persons, seal, SITE, clock=clock,
                    steady_s=lambda: steady_s[0])  # fmt: skip
    OPENED.append(signin.close)
    return Door(persons, signin, Enrolment(signin, seal, clock), clock, steady_s)


def secret_in(address: str) -> bytes:
    """The secret that an authenticator reads in ``otpauth://…``."""
    [said] = parse_qs(urlsplit(address).query)["secret"]
    return b32decode(said + "=" * (-len(said) % 8))


def code(secret: bytes, now_ms: int) -> str:
    """What the authenticator shows."""
    return TOTP(secret, 6, hashes.SHA1(), 30).generate(now_ms // 1_000).decode()


@dataclass
class Authenticator:
    """A passkey by the letter of WebAuthn level 2 (6.1, 6.5, 7): real keys, real signatures.

    ``counts`` False is one that counts nothing, as those that are synchronised do.
    """

    origin: str = SITE.origin
    counts: bool = True
    verifies: bool = True
    uses: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes = b""

    def create(self, options: dict[str, Any]) -> bytes:
        """The answer to ``navigator.credentials.create``, attestation none."""
        self.handle = raw(options["user"]["id"])
        number = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: number.x.to_bytes(32), -3: number.y.to_bytes(32)}
        attested = bytes(16) + len(self.credential).to_bytes(2) + self.credential
        data = self._data(options["rp"]["id"], 0x40)
        data += attested + webauthn.helpers.encode_cbor(cose)
        held = webauthn.helpers.encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(held)})

    def get(self, options: dict[str, Any]) -> bytes:
        """The answer to ``navigator.credentials.get``."""
        self.uses += self.counts
        data = self._data(options["rpId"], 0)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({
            "clientDataJSON": text(client), "authenticatorData": text(data),
            "signature": text(signature), "userHandle": text(self.handle),
        })  # fmt: skip

    def _data(self, host: str, more: int) -> bytes:
        flags = 0x01 | (0x04 if self.verifies else 0) | more
        return sha256(host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4)

    def _client(self, type_: str, challenge: str) -> bytes:
        said = {"type": type_, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, str]) -> bytes:
        name = text(self.credential)
        return json.dumps({
            "id": name, "rawId": name, "type": "public-key", "response": response,
            "clientExtensionResults": {},
        }).encode()  # fmt: skip
