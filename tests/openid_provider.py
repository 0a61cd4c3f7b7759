"""A small OpenID provider, run as a process of its own: real keys, real codes, PKCE checked.

Its authorisation endpoint lets in everybody as ``subject-1``. ``twist`` in the query says what is
to be wrong with the token that the code will give, or with the answer.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import sys
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "arasha", "a secret: of ours"
KEYS: list[Any] = [
    RSAKey.generate_key(2048, {"kid": "one"}),
    ECKey.generate_key("P-256", {"kid": "two"}),
]
PUBLISHED: list[Any] = [KEYS[0]]
STRANGER = ECKey.generate_key("P-256", {"kid": "one"})
CODES: dict[str, dict[str, str]] = {}


def token_of(asked: dict[str, str], access: str, issuer: str) -> str:
    """The ID token, with what is to be wrong with it."""
    now, twist = int(time.time()), asked.get("twist", "")
    half = sha256(access.encode()).digest()[:16]
    claims: dict[str, Any] = {
        "iss": issuer, "sub": "subject-1", "aud": CLIENT, "exp": now + 300, "iat": now,
        "nonce": asked["nonce"], "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
        "roles": ["officer", "administrator"],
    }  # fmt: skip
    twisted: dict[str, dict[str, Any]] = {
        "iss": {"iss": issuer + "/other"}, "aud": {"aud": "another"},
        "auds": {"aud": [CLIENT, "another"]}, "azp": {"azp": "another"},
        "auds_azp": {"aud": [CLIENT, "another"], "azp": CLIENT},
        "exp": {"exp": now - 300}, "old": {"iat": now - 3_600}, "future": {"iat": now + 3_600},
        "nonce": {"nonce": "another"}, "nonce_list": {"nonce": [asked["nonce"]]},
        "at_hash": {"at_hash": "AAAA"}, "sub": {"sub": 7}, "long": {"sub": "x" * 999},
        "exp_nan": {"exp": float("nan")}, "exp_text": {"exp": "never"},
    }  # fmt: skip
    claims |= twisted.get(twist, {})
    for name in ("exp", "iat", "nonce", "aud", "sub", "iss"):
        if twist == f"no_{name}":
            del claims[name]
    key, header = KEYS[0], {"alg": "RS256", "kid": "one"}
    if twist == "rotated":
        PUBLISHED[:] = KEYS
        key, header = KEYS[1], {"alg": "ES256", "kid": "two"}
    if twist == "stranger":
        key, header = STRANGER, {"alg": "ES256", "kid": "one"}
    if twist == "hmac":  # the public key taken for a secret one: RFC 8725, 2.1
        said = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
        mark = hmac.digest(KEYS[0].as_pem(private=False), said.encode(), "sha256")
        return f"{said}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
    signed = jwt.encode(header, claims, key, algorithms=["RS256", "ES256"])
    if twist == "none":
        bare = base64.urlsafe_b64encode(b'{"alg":"none","kid":"one"}').decode().rstrip("=")
        return f"{bare}.{signed.split('.')[1]}."
    if twist == "changed":
        head, _, signature = signed.split(".")
        body = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "another"}).encode())
        return f"{head}.{body.decode().rstrip('=')}.{signature}"
    return signed


class Handler(BaseHTTPRequestHandler):
    """The four addresses of a provider."""

    def issuer(self) -> str:
        return f"http://{self.headers['Host']}"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            at = self.issuer()
            self.tell({
                "issuer": at, "authorization_endpoint": f"{at}/authorize?tenant=1",
                "token_endpoint": f"{at}/token", "jwks_uri": f"{at}/keys",
                "authorization_response_iss_parameter_supported": True,
            })  # fmt: skip
        elif parts.path == "/evil/.well-known/openid-configuration":
            self.tell({
                "issuer": f"{self.issuer()}/evil", "authorization_endpoint": "http://evil.example/",
                "token_endpoint": "http://evil.example/", "jwks_uri": "http://evil.example/",
            })  # fmt: skip
        elif parts.path == "/keys":
            self.tell({"keys": [one.as_dict(private=False) for one in PUBLISHED]})
        elif parts.path == "/authorize":
            code = secrets.token_urlsafe(16)
            CODES[code] = asked
            back = {"code": code, "state": asked["state"], "iss": self.issuer()}
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        word, _, said = self.headers["Authorization"].partition(" ")
        user, _, secret = base64.b64decode(said).decode().partition(":")
        asked = CODES.pop(form["code"], None)
        proof = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        if (
            asked is None
            or (word, unquote(user), secret.replace("+", " ")) != ("Basic", CLIENT, _form(SECRET))
            or proof.decode().rstrip("=") != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return self.send_error(400)
        if asked.get("twist") == "flood":
            return self.tell({"id_token": "x" * (1 << 20)})
        if asked.get("twist") == "garbage":
            return self.tell([1, 2])
        if asked.get("twist") == "redirect":
            self.send_response(307)
            self.send_header("Location", "/token")
            return self.end_headers()
        access = secrets.token_urlsafe(16)
        return self.tell({"id_token": token_of(asked, access, self.issuer()),
                          "access_token": access, "token_type": "Bearer"})  # fmt: skip

    def tell(self, content: object) -> None:
        said = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _form(text: str) -> str:
    return urlencode({"": text})[1:].replace("+", " ")


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
