"""A pack of evidence: what a case rests on, to be checked by whoever gets it, without the centre.

In: a log, the state that it amounts to, a case. Out: files. What the pack says comes first
(`draft`); its hash goes into the log, with who took it out and why; then come the proofs
(`sealed`), under a checkpoint that has that entry, too::

    index.html    for people: reports, holds, who did what when
    case.json     the same entries for machines, each act as it stands in the log
    proofs.json   each entry as it is kept, closed; the hashes to the root; the signed checkpoint;
                  and the statement, signed by the same key, that the pack says what it says
    verify.py     checks all of it, with Python alone (evidence_verifier.py)
    attachment-…  the documents of the case that are still there, each named by its SHA-256
    SHA256SUMS    of all these files

Of facts (payments, reports) the pack has place, time and proof: what an act rests on of them stands
in the act. Parties are tokens, and the references by which persons appeal are masked.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from arasha.cases.acts import unpack
from arasha.cases.evidence import acts_behind, facts_behind
from arasha.cases.projection import Projection
from arasha.errors import UsageError
from arasha.events.schema import Kind
from arasha.log.frames import HEADER
from arasha.log.keys import Retention
from arasha.log.log import Log
from arasha.log.notes import Note
from arasha.log.record import Record
from arasha.log.signing import Algorithm
from arasha.log.tiles import Tiles
from arasha.reports import evidence_verifier as verifier
from arasha.reports.evidence_page import Said, render

PAGE: Final = "index.html"
SCRIPT: Final = "verify.py"

_REFERENCE: Final = re.compile(r'("reference":")([0-9A-HJKMNP-TV-Z]{20})(?=")')

Find = Callable[[Sequence[bytes]], Any]
"""The places of payments by their digests, -1 where one is not known (`Log.seqs_of`)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a pack says, before it is proven: its files, the places it rests on, its hash."""

    case: str
    files: Mapping[str, bytes]
    places: tuple[int, ...]
    content: str
    by: str
    why: str


def draft(
    log: Log,
    projection: Projection,
    case: str,
    find: Find,
    *,
    by: str,
    why: str,
    documents: Mapping[str, bytes] | None = None,
) -> Draft:
    """The files of a case, but for its proofs, with its documents by their files' names. Raises
    UsageError where there is no such case.
    """
    state = projection.state
    known = state.cases.get(case)
    if known is None:
        raise UsageError("there is no such case", expected="a case's id", found=case)
    acts = acts_behind(state, known, lambda name: (p.seq for p in projection.acts_of.get(name, ())))
    reports, payments = facts_behind(state, known)
    paid = [int(at) for at in find([bytes.fromhex(one) for one in payments])] if payments else []
    facts = {at for at in (*reports, *paid) if 0 <= at < log.size}
    entries = [_entry(log, seq) for seq in sorted({*acts, *facts})]
    told = [Said(one["seq"], unpack(body_at(log, one["seq"]))) for one in entries if one["act"]]
    files = {
        verifier.CASE: _json({
            "format": verifier.FORMAT, "case": case, "as_of_ms": log.last_known_at_ms,
            "entries": entries,
        }),
        PAGE: render(state, known, told, len(facts), by=by, why=why,
                     as_of_ms=log.last_known_at_ms).encode(),
        SCRIPT: Path(verifier.__file__).read_bytes(),
        **(documents or {}),
    }  # fmt: skip
    places = tuple(one["seq"] for one in entries)
    return Draft(case, files, places, verifier.content_of(files), by, why)


def sealed(
    log: Log, tiles: Tiles, made: Draft, packed: int, note: Note, record: Record
) -> dict[str, bytes]:
    """The whole pack. ``packed`` is the place of the act that it was made by, ``note`` a signed
    checkpoint that has it, ``tiles`` are of at least as many entries, ``record`` has the keys.
    """
    size = int(note.text.split("\n")[1])
    assert packed < size, "the checkpoint has the act"
    entries = []
    for seq in sorted({*made.places, packed}):
        entry = log.sealed_entry(seq)
        entries.append({
            "seq": seq, "header": entry.header.hex(), "ciphertext": _base64(entry.ciphertext),
            "proof": [node.hex() for node in tiles.inclusion_proof(seq, size)],
        })  # fmt: skip
    told = {
        "origin": record.origin, "case": made.case, "content": made.content, "entry": packed,
        "by": made.by, "why": made.why,
    }  # fmt: skip
    text = verifier.statement_of(told)
    signers = [one for one in record.keys if one.verifier.algorithm is Algorithm.ED25519]
    statement = Note(text, tuple(one.sign_statement(text) for one in signers))
    proofs = {
        "format": verifier.FORMAT, "note": note.encoded.decode(), "keys": record.keys_text,
        "entries": entries, "packed": packed, "statement": statement.encoded.decode(),
    }  # fmt: skip
    files = {**made.files, verifier.PROOFS: _json(proofs)}
    return {**files, verifier.SUMS: verifier.sums_of(files).encode()}


def write(out: Path, files: Mapping[str, bytes]) -> None:
    """Write a pack. Raises UsageError where something is already."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("there is something here already", expected="a new directory",
                         found=str(out))  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (out / name).write_bytes(data)


def body_at(log: Log, seq: int) -> bytes:
    """The body of an act."""
    (frame,) = log.read(seq, seq + 1, classes=(Retention.ACTS,))
    return frame.bodies[0]


def _entry(log: Log, seq: int) -> dict[str, Any]:
    """An entry as case.json has it: an act as it stands in the log, a fact without what it says."""
    header = np.frombuffer(log.sealed_entry(seq).header, HEADER)[0]
    kind = Kind(int(header["kind"]))
    is_act = int(header["class"]) == Retention.ACTS
    return {
        "seq": seq, "known_at_ms": int(header["known_at"]), "kind": int(kind),
        "what": kind.name.lower(), "act": masked(body_at(log, seq)) if is_act else None,
    }  # fmt: skip


def masked(body: bytes) -> str:
    """What an act says, as long as it is, without references: who has one acts as the person held.

    >>> masked(b'{"act":"appeal_opened","reference":"0123456789ABCDEFGHJK"}')
    '{"act":"appeal_opened","reference":"********************"}'
    """
    return _REFERENCE.sub(lambda found: found[1] + "*" * len(found[2]), body.decode())


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
