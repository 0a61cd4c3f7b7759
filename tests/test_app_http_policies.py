"""A policy is put in force by two people, in one commit, and by nobody alone."""

from __future__ import annotations

import json
import signal
from hashlib import sha256
from pathlib import Path
from typing import Any

from arasha.cases.acts import unpack
from arasha.cases.projection import rebuilt
from arasha.engine.again import compare
from arasha.engine.reigns import policy_of
from arasha.events.schema import Kind
from arasha.log.log import Log
from live_samples import STRICTER, WITH_FALLBACK
from policy_samples import POLICY, written
from service_samples import Served, participant, paying, serving
from test_app_commands_serve import said
from test_app_http_acting import LAW, call, people, until


def asked(served: Served, toml: str, name: str = "kairat") -> tuple[str, str]:
    """The author asks for a policy; the request and its content."""
    done = call(served, name, "POST", "/v1/policy", toml=toml)
    (request,) = (one["id"] for one in done["changed"])
    shown = call(served, "leila", "GET", f"/v1/requests/{request}")
    assert "policy_chosen" == shown["what"]["act"]
    return request, shown["content"]


def in_force(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = call(served, "leila", "GET", "/v1/policy")
    return found


def test_two_people_put_a_policy_in_force(tmp_path: Path) -> None:
    """Asked for, agreed to by its hash; neither of them alone, nor the operator by a signal."""
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")} | people(directory)
    with serving(directory, policy, "--law", str(LAW), keys=keys) as served:
        with served.client() as client:
            first = client.judge(paying("p-1", payee_account="KZ-a"))
        request, content = asked(served, STRICTER)
        before = in_force(served)
        assert (first.policy.hash, 0, WITH_FALLBACK) == (
            before["hash"], before["since_seq"], before["toml"],
        )  # fmt: skip
        for name, status, reason in (
            ("kairat", 403, "not_for_this_role"), ("bolat", 409, "role_not_needed"),
            ("ivan", 403, "not_for_this_role"), ("BANKKZKA", 403, "not_for_this_role"),
        ):  # fmt: skip
            refused = call(served, name, "POST", f"/v1/requests/{request}/approve", status,
                           content=content)  # fmt: skip
            assert reason == refused["reason"], name
        stale = call(served, "leila", "POST", f"/v1/requests/{request}/approve", 409,
                     content="0" * 64)  # fmt: skip
        assert "content_has_changed" == stale["reason"]
        assert before == in_force(served)
        done = call(served, "leila", "POST", f"/v1/requests/{request}/approve", content=content)
        after = in_force(served)
        assert (STRICTER, done["seq"] + 1) == (after["toml"], after["since_seq"])
        with served.client() as client:
            second = client.judge(paying("p-2", payee_account="KZ-b"))
            assert first == client.decision("p-1")
        assert ("allow", "hold") == (first.action, second.action)
        assert after["hash"] == second.policy.hash
        written(tmp_path, POLICY)
        served.process.send_signal(signal.SIGHUP)
        until(lambda: len(said(served, "switch")) == 2)
        assert "two people publish here" in str(said(served, "switch")[-1]["result"])
        assert after == in_force(served)
        assert 0 == served.stop()
    with Log.open(directory, writable=False) as log:
        at = done["seq"]
        assert [0, at + 1] == log.places(Kind.POLICY)
        (frame,) = log.read(at, at + 2)
        assert [Kind.REQUEST, Kind.POLICY] == frame.kinds.tolist(), "one commit"
        assert "request_approved" == json.loads(frame.bodies[0])["act"]["act"]
        assert content == unpack(frame.bodies[0]).act.content  # type: ignore[union-attr]  # it is one
        published = rebuilt(log).state.published
        assert published is not None
        assert (after["hash"], "kairat", "leila") == (
            published.policy, published.author, published.second,
        )  # fmt: skip
        assert after["hash"] == policy_of(log, directory, at + 1).hash
    assert 0 == compare(directory).differing
    with serving(directory, policy, keys=keys) as served:  # its file is another one by now
        assert after == in_force(served)
        assert "the policy in force stays" in str(said(served, "switch")[-1]["result"])
        assert 0 == served.stop()


def test_what_cannot_judge_is_not_asked_for_and_an_edit_is_compiled_again(tmp_path: Path) -> None:
    """A broken policy, the one in force, one whose model is missing; a text with another's hash."""
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")} | people(directory)
    missing = f"""{STRICTER}
[model]
file = "models/none.txt"
hash = "{sha256(b"none").hexdigest()}"
fallback = "rules"
features = ["paid"]
calibration = {{ kind = "sigmoid", slope = 1.0, intercept = 0.0 }}
"""
    with serving(directory, policy, "--law", str(LAW), keys=keys) as served:
        for toml, reason in (
            (STRICTER.replace("when =", "whenever ="), "policy_does_not_compile"),
            ("[policy", "policy_does_not_compile"),
            (WITH_FALLBACK + "\n# a comment alters nothing\n", "same_policy"),
        ):  # fmt: skip
            refused = call(served, "kairat", "POST", "/v1/policy", 409, toml=toml)
            assert reason == refused["reason"], refused
        refused = call(served, "kairat", "POST", "/v1/policy", 409, toml=missing)
        assert refused["reason"] in ("model_missing", "policy_does_not_compile")
        assert str(tmp_path) not in json.dumps(refused)
        assert (
            403 == served.request("POST", "/v1/policy", b'{"toml": "x"}', name="leila").status_code
        )
        assert 401 == served.request("GET", "/v1/policy", name=None).status_code
        assert 403 == served.request("GET", "/v1/policy", name="BANKKZKA").status_code
        request, content = asked(served, STRICTER)
        shown = call(served, "leila", "GET", f"/v1/requests/{request}")["what"]
        call(served, "kairat", "POST", f"/v1/requests/{request}/edit",
             what={**shown, "toml": POLICY.replace("1000000", "5")})  # fmt: skip
        void = call(served, "leila", "POST", f"/v1/requests/{request}/approve", 409,
                    content=content)  # fmt: skip
        assert "content_has_changed" == void["reason"]
        edited = call(served, "leila", "GET", f"/v1/requests/{request}")["content"]
        other = call(served, "leila", "POST", f"/v1/requests/{request}/approve", 409,
                     content=edited)  # fmt: skip
        assert "another_policy" == other["reason"]
        assert 0 == in_force(served)["since_seq"]
        assert 0 == served.stop()


def test_without_a_publisher_the_operator_changes_it_by_a_signal(tmp_path: Path) -> None:
    """A centre without persons, or without a law, goes on as before."""
    directory, policy = tmp_path / "centre", written(tmp_path, WITH_FALLBACK)
    keys = {"BANKKZKA": participant(directory, "BANKKZKA")}
    with serving(directory, policy, "--law", str(LAW), keys=keys) as served:
        written(tmp_path, STRICTER)
        served.process.send_signal(signal.SIGHUP)
        until(lambda: len(said(served, "switch")) == 1)
        assert "in force" == said(served, "switch")[0]["result"]
        assert 0 == served.stop()
