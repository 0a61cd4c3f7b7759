from __future__ import annotations

from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from arasha.app.http.answers import decided, decision, kept, moment
from arasha.client.messages import Kept
from arasha.engine.recall import Verdict
from arasha.events.symbols import ID_PATTERN
from arasha.policy import document

ROOT = Path(__file__).resolve().parent.parent
POLICY = document.load(ROOT / "policies" / "instant-payments.toml")

ids = st.from_regex(ID_PATTERN, fullmatch=True)
instants = st.integers(0, 4_000_000_000_000)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """Any verdict that the policy for instant payments could give, and many that it could not."""
    rules = sorted(draw(st.sets(st.integers(0, len(POLICY.rules) - 1), max_size=4)))
    count = sum(len(POLICY.rules[place].values) for place in rules)
    amounts = st.integers(0, 10**12).map(float) | st.just(float("nan"))
    values = draw(st.lists(amounts, min_size=count, max_size=count))
    return Verdict(
        POLICY, draw(st.integers(0, 3)), draw(st.integers(0, 1000)),
        draw(st.integers(0, 2**16 - 1)), tuple(rules), tuple(values),
        draw(st.sampled_from([398, 840, 978])),
    )  # fmt: skip


@given(ids, st.integers(0, 2**62), instants, verdicts())
def test_pieces_put_together_are_what_the_encoder_writes(
    payment: str, seq: int, known_at_ms: int, verdict: Verdict
) -> None:
    """Byte for byte the message that clients decode."""
    told = decided(payment, seq, known_at_ms, verdict)
    assert msgspec.json.encode(told) == decision(payment, seq, known_at_ms, verdict)


@given(ids, st.integers(0, 2**62), instants)
def test_a_fact_that_is_not_judged_is_answered_the_same_way(
    fact: str, seq: int, known_at_ms: int
) -> None:
    """Byte for byte, too."""
    told = Kept(fact, seq, moment(known_at_ms))
    assert msgspec.json.encode(told) == kept(fact, seq, known_at_ms)
