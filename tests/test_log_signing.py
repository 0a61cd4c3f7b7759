"""Keys and signatures of checkpoints: vectors of others, and everything that must not verify."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arasha.errors import InputError
from arasha.log.checkpoint import Checkpoint
from arasha.log.notes import Note, Signature
from arasha.log.signing import (
    LOG_ALGORITHMS,
    Algorithm,
    Signer,
    Verifier,
    opened,
    signed,
    signers,
)
from record_samples import LOG_KEYS, ORIGIN, WITNESS, WITNESS_KEYS, verifiers

VECTORS = Path(__file__).parent / "snapshots" / "record"
HEAD = Checkpoint(ORIGIN, 48, bytes(range(32)))


def test_another_log_of_ml_dsa_is_read() -> None:
    """A key and a checkpoint that litewitness is tested with (filippo.io/torchwood, v0.10.0)."""
    key = Verifier.parse((VECTORS / "mldsa.vkey").read_text())
    note = Note.parse((VECTORS / "mldsa.checkpoint").read_bytes())
    assert ("example.com/mldsa-log", 0xB5DF45C5) == (key.name, key.key_id)
    assert (VECTORS / "mldsa.vkey").read_text().strip() == key.text
    found = opened(note, [key])
    assert (1, [0]) == (found.checkpoint.size, [one.at_s for one in found.log])
    larger = Note(note.text.replace("\n1\n", "\n2\n"), note.signatures)
    with pytest.raises(InputError, match="not of the checkpoint"):
        opened(larger, [key])


def test_keys_of_the_specification_have_their_ids() -> None:
    """The id of Ed25519, type 1 (golang.org/x/mod/sumdb/note's example of a verifier)."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = Verifier.parse(text)
    assert (Algorithm.ED25519, text) == (key.algorithm, key.text)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([*LOG_KEYS, *WITNESS_KEYS]), st.data())
def test_a_signature_is_of_one_checkpoint(key: Signer, data: st.DataObject) -> None:
    """Whatever is changed, of the checkpoint or of the signature: it no longer verifies."""
    made = key.sign(HEAD, 1_700_000_000)
    assert key.verifier.verifies(HEAD, made.signature)
    assert key.verifier.made(made)
    at = data.draw(st.integers(0, len(made.signature) - 1))
    bit = data.draw(st.integers(0, 7))
    broken = bytearray(made.signature)
    broken[at] ^= 1 << bit
    assert not key.verifier.verifies(HEAD, bytes(broken))
    assert not key.verifier.verifies(HEAD, made.signature[:-1])
    for other in (
        replace(HEAD, size=49), replace(HEAD, root=bytes(32)), replace(HEAD, origin="other"),
    ):  # fmt: skip
        assert not key.verifier.verifies(other, made.signature)


def test_time_is_signed_where_the_type_has_one() -> None:
    """A witness says when, in both of its signatures; the log in that of ML-DSA."""
    note = signed(HEAD, [*LOG_KEYS, *WITNESS_KEYS], 1_700_000_007)
    found = opened(note, verifiers(LOG_KEYS), verifiers(WITNESS_KEYS))
    assert [None, 1_700_000_007] == [one.at_s for one in found.log]
    assert [1_700_000_007] * 2 == [one.at_s for one in found.witnesses]
    assert (WITNESS,) == found.witnessed_by


def test_who_trusts_both_keys_is_not_satisfied_by_one() -> None:
    """A forger of Ed25519 does not get past somebody who has the log's ML-DSA key, too."""
    alone = signed(HEAD, LOG_KEYS[:1], 0)
    assert HEAD == opened(alone, verifiers(LOG_KEYS[:1])).checkpoint
    with pytest.raises(InputError, match=r"did not sign(.|\n)*ML-DSA-44"):
        opened(alone, verifiers(LOG_KEYS))


def test_a_rotated_key_is_enough() -> None:
    """While two keys sign, who trusts the old one, the new one, or both, is served."""
    new = signers(ORIGIN, LOG_ALGORITHMS, b"n" * 32)
    both = signed(HEAD, [*LOG_KEYS, *new], 0)
    for trusted in (LOG_KEYS, new, (*LOG_KEYS, *new)):
        assert HEAD == opened(both, verifiers(trusted)).checkpoint
    assert HEAD == opened(signed(HEAD, new, 0), verifiers((*LOG_KEYS, *new))).checkpoint
    with pytest.raises(InputError, match="did not sign"):
        opened(signed(HEAD, new, 0), verifiers(LOG_KEYS))


def test_unknown_signatures_are_passed_over_and_wrong_ones_are_not() -> None:
    """As the specification says: name and id together make a key known."""
    note = signed(HEAD, LOG_KEYS, 0)
    known = verifiers(LOG_KEYS)
    stranger = Signature(ORIGIN, known[0].key_id ^ 1, b"anything")
    assert HEAD == opened(note.signed_by((stranger,)), known).checkpoint
    wrong = Signature(ORIGIN, known[0].key_id, bytes(64))
    with pytest.raises(InputError, match="stands under"):
        opened(note.signed_by((wrong,)), known)
    with pytest.raises(InputError, match="stands under"):
        opened(Note(note.text, (*note.signatures, wrong)), known)


def test_a_witness_is_not_the_log() -> None:
    """Whoever cosigns vouches for no log; another log's key vouches for none but its own."""
    note = signed(HEAD, WITNESS_KEYS, 0)
    with pytest.raises(InputError, match="another log"):
        opened(note, verifiers(WITNESS_KEYS))
    with pytest.raises(InputError, match="did not sign"):
        opened(note, verifiers(LOG_KEYS), verifiers(WITNESS_KEYS))


def test_lines_that_a_signature_would_not_cover_are_not_signed() -> None:
    """ML-DSA cosignatures leave extension lines out, so such a checkpoint gets none."""
    extended = replace(HEAD, extensions=("more",))
    with pytest.raises(InputError, match="not signed"):
        signed(extended, LOG_KEYS, 0)
    assert LOG_KEYS[0].verifier.verifies(extended, LOG_KEYS[0].sign(extended, 0).signature)
    forged = Note(extended.text, signed(HEAD, LOG_KEYS[1:], 0).signatures)
    with pytest.raises(InputError, match="stands under"):
        opened(forged, verifiers(LOG_KEYS[1:]))


@pytest.mark.parametrize("key", [*LOG_KEYS, *WITNESS_KEYS], ids=str)
def test_a_key_is_read_as_it_is_written(key: Signer) -> None:
    """And in no other way; its secret half shows itself nowhere."""
    text = key.verifier.text
    assert key.verifier == Verifier.parse(f"{text}\n")
    name, key_id, told = text.split("+", 2)
    for wrong in (
        f"{name}x+{key_id}+{told}", f"{name}+{key_id.upper()}0+{told}", f"{name}+{key_id}",
        f"{name}+00000000+{told}", f"{name}+{key_id}+{told[:-4]}", f"+{key_id}+{told}", "",
    ):  # fmt: skip
        with pytest.raises(InputError, match="no public key"):
            Verifier.parse(wrong)
    with pytest.raises(TypeError, match="not copied or pickled"):
        pickle.dumps(key)
    assert told not in repr(key)


def test_names_and_types_have_keys_of_their_own() -> None:
    """From one secret: no key of one name or type is one of another."""
    made = [
        Signer(name, algorithm, b"s" * 32).verifier.public
        for name in (ORIGIN, WITNESS)
        for algorithm in Algorithm
    ]
    assert len(made) == len(set(made))
