"""Checks a pack of evidence, offline. Needs Python 3.11 and nothing else.

    python -I verify.py [--keys FILE]

It checks, in this order, that no file of the pack was changed; that the log's key signed the
checkpoint (Ed25519); that each entry of the pack is in the log that was signed, at its place, with
its time and length; that the making of the pack is an entry of that log; and that the same key
signed what the pack says. Exit code 0 if all of it holds, else 1.

A key that comes with a pack proves nothing about who made it: get the log's public key from where
the centre publishes it (or from a witness), and name its file with --keys. Entries are proven as
they are kept, encrypted; that they say what case.json shows of them is what the centre has signed,
and who holds the log's own key can compare. Signatures by ML-DSA are not checked here: arasha log
check-receipt does.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    sys.path = sys.path[1:]  # a module that lies in the pack is none of Python's

import base64
import hashlib
import json
import struct
from pathlib import Path
from typing import Any, Final

FORMAT: Final = "arasha evidence 1"
SUMS: Final = "SHA256SUMS"
PROOFS: Final = "proofs.json"
CASE: Final = "case.json"
ATTACHMENT: Final = "attachment-"

_HEADER: Final = struct.Struct(
    "<QqIIBBHI"
)  # seq, known_at, period, length, kind, class, version, 0
_ED25519: Final = 1


class Fault(Exception):
    """What does not hold."""


def checked(pack: Path, trusted: str | None = None) -> list[str]:
    """What the pack proves, in sentences; ``trusted`` are public keys, one a line. Raises Fault."""
    files = _whole(pack)
    proofs, case = _json(files[PROOFS], PROOFS), _json(files[CASE], CASE)
    try:
        return [
            f"{len(files)} files are as they were made",
            *_signed(proofs, trusted),
            *_entries(proofs, case),
            *_attached(files, case),
            *_stated(proofs, case, content_of(files), trusted),
        ]
    except (KeyError, TypeError, ValueError, IndexError, struct.error) as error:
        raise Fault(f"the pack is not made as a pack is: {error!r}") from error


def content_of(files: dict[str, bytes]) -> str:
    """The hash that stands in the log of what a pack says: of every file but proofs and sums."""
    told = {name: data for name, data in files.items() if name not in (PROOFS, SUMS)}
    return hashlib.sha256(f"{FORMAT}\n{sums_of(told)}".encode()).hexdigest()


def sums_of(files: dict[str, bytes]) -> str:
    """Name and SHA-256 of each file, a line each, as sha256sum writes them."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))


def _whole(pack: Path) -> dict[str, bytes]:
    """The files of the pack, if they are those and no others. Raises Fault."""
    paths = sorted(pack.iterdir())
    for path in paths:
        if path.is_symlink() or not path.is_file():
            raise Fault(f"there is something in the pack that is no file of it: {path.name}")
    files = {path.name: path.read_bytes() for path in paths}
    sums = files.pop(SUMS, None)
    if sums is None or CASE not in files or PROOFS not in files:
        raise Fault(f"this is no pack of evidence: {SUMS}, {CASE} or {PROOFS} is missing")
    for line, expected in zip(sums.splitlines(), sums_of(files).splitlines(), strict=False):
        if line.decode("utf-8", "replace") != expected:
            raise Fault(f"a file was changed, added or removed: {expected.partition('  ')[2]}")
    if sums != sums_of(files).encode():
        raise Fault("a file was added or removed")
    return files


def _json(data: bytes, name: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise Fault(f"{name} is not JSON") from error


def _attached(files: dict[str, bytes], case: dict[str, Any]) -> list[str]:
    """The documents: each is the one that an entry names by its hash."""
    names = [name for name in files if name.startswith(ATTACHMENT)]
    told = {
        json.loads(one["act"]).get("act", {}).get("sha256") for one in case["entries"] if one["act"]
    }
    for name in names:
        digest = hashlib.sha256(files[name]).hexdigest()
        if not name.startswith(f"{ATTACHMENT}{digest}.") or digest not in told:
            raise Fault(f"no entry of the case names this document: {name}")
    return [f"{len(names)} documents are those that its entries name"] if names else []


# Signed by the log's key.


def _signed(proofs: dict[str, Any], trusted: str | None) -> list[str]:
    """The checkpoint."""
    text = _note(proofs["note"])[0]
    origin, size = text.split("\n")[:2]
    _by_key(proofs, "note", origin, trusted)
    whose = "the key in the pack itself: compare it with the one that the centre publishes"
    if trusted is not None:
        whose = "a key that you trust"
    return [f"the head of {origin}, {size} entries, is signed by {whose}"]


def _by_key(proofs: dict[str, Any], which: str, origin: str, trusted: str | None) -> None:
    """Fault unless a key of the log signed that note, and none signed another in its place."""
    text, lines = _note(proofs[which])
    keys = _keys(proofs["keys"] if trusted is None else trusted, origin)
    if not keys:
        raise Fault(f"there is no Ed25519 key of {origin} among the keys")
    good = 0
    for name, data in lines:
        public = keys.get((name, data[:4]))
        if public is None:
            continue
        if not ed25519_holds(public, text.encode(), data[4:]):
            raise Fault(f"a signature is not of the {which} that it stands under")
        good += 1
    if not good:
        raise Fault(f"the log's key did not sign the {which}")


def _note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a signed note, and its signatures: name, and key id with the bytes."""
    text, _, tail = note.rpartition("\n\n")
    lines = [line.removeprefix("— ").partition(" ") for line in tail.splitlines()]
    return text + "\n", [(name, base64.b64decode(told)) for name, _, told in lines]


def _keys(text: str, origin: str) -> dict[tuple[str, bytes], bytes]:
    """The Ed25519 keys of that name, by name and id. Lines of other forms are passed over."""
    found = {}
    for word in text.split():
        name, _, rest = word.partition("+")
        if name != origin:
            continue
        data = base64.b64decode(rest.partition("+")[2])
        key_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        if data[0] == _ED25519:
            found[name, key_id] = data[1:]
    return found


# In the log.


def _entries(proofs: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """Every entry leads to the signed root, and is what the case says of it."""
    _, size, root = _note(proofs["note"])[0].split("\n")[:3]
    said = {one["seq"]: one for one in case["entries"]}
    if len(said) != len(case["entries"]):
        raise Fault("the case names an entry twice")
    proven = {one["seq"]: one for one in proofs["entries"]}
    packed = proofs["packed"]
    if len(proven) != len(proofs["entries"]) or proven.keys() != said.keys() | {packed}:
        raise Fault("the case rests on other entries than those that are proven")
    for seq, one in proven.items():
        header = bytes.fromhex(one["header"])
        ciphertext = base64.b64decode(one["ciphertext"])
        leaf = hashlib.sha256(b"\0" + header + ciphertext).digest()
        proof = [bytes.fromhex(node) for node in one["proof"]]
        if not _leads(leaf, seq, int(size), proof, base64.b64decode(root)):
            raise Fault(f"entry {seq} is not proven to be in the log")
        place, known_at, _, length, kind, _, _, _ = _HEADER.unpack(header)
        if (place, length) != (seq, len(ciphertext)):
            raise Fault(f"entry {seq} says another place or length of itself")
        if seq == packed:
            continue
        told = said[seq]
        if (told["known_at_ms"], told["kind"]) != (known_at, kind):
            raise Fault(f"the case says another time or kind of entry {seq} than the log")
        if told["act"] is not None and len(told["act"].encode()) != length:
            raise Fault(f"the case says something else of entry {seq} than fits into it")
    return [f"{len(said)} entries of the case are in it, each at its place and time"]


def _leads(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether hashes lead from a leaf to the root of the tree (RFC 9162, 2.1.3.2)."""
    at, last, found = index, size - 1, leaf
    if not 0 <= index < size:
        return False
    for other in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = hashlib.sha256(b"\1" + other + found).digest()
            while at and at % 2 == 0:
                at, last = at // 2, last // 2
        else:
            found = hashlib.sha256(b"\1" + found + other).digest()
        at, last = at // 2, last // 2
    return last == 0 and found == root


def statement_of(told: dict[str, Any]) -> str:
    """What the log's key signs of a pack: a text that is no checkpoint."""
    return f"{FORMAT}\n{json.dumps(told, sort_keys=True)}\n"


def _stated(
    proofs: dict[str, Any], case: dict[str, Any], content: str, trusted: str | None
) -> list[str]:
    """The same key signed what the pack says, and who took it out."""
    text = _note(proofs["statement"])[0]
    told = json.loads(text.partition("\n")[2])
    origin = _note(proofs["note"])[0].split("\n")[0]
    expected = {"origin": origin, "case": case["case"], "content": content,
                "entry": proofs["packed"]}  # fmt: skip
    if text != statement_of({**told, **expected}):
        raise Fault("what was signed of this pack is not what the pack says")
    _by_key(proofs, "statement", origin, trusted)
    by, why, number = told["by"], told["why"], told["entry"]
    return [f"{by} took case {case['case']} out, which is entry {number}: {why}"]


# Ed25519 (RFC 8032, section 5.1), in plain arithmetic: slow, and for public data alone.

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int, int]
"""X, Y, Z, T with x = X/Z, y = Y/Z, x·y = T/Z."""

_NEUTRAL: Final[Point] = (0, 1, 1, 0)


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is of that message by that key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, scalar = _point(public), int.from_bytes(signature[32:], "little")
    if key is None or scalar >= _ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(hashed, "little") % _ORDER
    minus = (_P - key[0], key[1], key[2], _P - key[3])
    found = _sum(_times(scalar, _BASE), _times(challenge, minus))
    return _bytes(found) == signature[:32]


def _sum(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: Point) -> Point:
    total = _NEUTRAL
    while factor:
        if factor & 1:
            total = _sum(total, point)
        point, factor = _sum(point, point), factor >> 1
    return total


def _point(data: bytes) -> Point | None:
    """The point of 32 bytes; None where there is none."""
    number = int.from_bytes(data, "little")
    odd, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if x * x % _P != square or (x == 0 and odd):
        return None
    x = _P - x if x & 1 != odd else x
    return x, y, 1, x * y % _P


def _bytes(point: Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _base() -> Point:
    found = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    assert found is not None
    return found


_BASE: Final = _base()


def main(words: list[str]) -> int:
    """Check the pack in which this file lies; 0 if all of it holds, 1 if not, 2 for other words."""
    if words and (len(words) != 2 or words[0] != "--keys"):
        sys.stderr.write(__doc__ or "")
        return 2
    trusted = Path(words[1]).read_text(encoding="utf-8") if words else None
    try:
        said = checked(Path(__file__).resolve().parent, trusted)
    except Fault as fault:
        sys.stdout.write(f"NOT PROVEN: {fault}\n")
        return 1
    sys.stdout.write("\n".join([*said, "All of it holds."]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
