"""A policy that two people publish: an author asks for it, a publisher agrees, and it judges.

In: the text of a policy, and the approval of exactly that. Out: two entries in one commit, the
approval and the policy, and from there on it judges. The approval is bound to the text and to the
hash of what the text compiles to; the hash covers the model, which lies where the service's own
policy has its models, or is the one in force. It is compiled and caught up beside the payments.
"""

from __future__ import annotations

import asyncio
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from arasha.app.http import problems
from arasha.app.http.desk import Desk
from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.cases.acts import Actor, PolicyChosen, RequestApproved
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.engine.live_start import prepare
from arasha.errors import ArashaError, PolicyError
from arasha.exchange.persons import Persons
from arasha.policy import document
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge

PUBLISHER: Final = "policy_publisher"


def has_publishers(persons: Persons) -> bool:
    """Whether somebody publishes here: then nobody puts a policy in force alone."""
    return any(PUBLISHER in person.roles for person, _ in persons.list())


class Publishing:
    """The way of a policy into force, of one service."""

    def __init__(
        self, desk: Desk, office: Office, directory: Path, beside: Path | None,
        watch: Callable[[Judge], None],
    ) -> None:  # fmt: skip
        """``beside`` is the service's own policy file; ``watch`` is told who is to judge."""
        self._desk, self._office, self._directory = desk, office, directory
        self._beside, self._watch = beside, watch
        self._persons = Persons(desk.door.participants.register)
        self._turn = asyncio.Lock()

    @property
    def by_two(self) -> bool:
        """Whether it takes two people here: there is a law, and somebody who publishes."""
        return self._office.is_lawful and has_publishers(self._persons)

    async def compiled(self, toml: str) -> PolicyChosen | Problem:
        """The act that asks for this policy, with its hash; or why it is none."""
        with self._compiled(toml) as found:
            policy = await asyncio.to_thread(found)
        if isinstance(policy, Problem):
            return policy
        if policy.hash == self._desk.live.policy.hash:
            return Problem(problems.ACT_REFUSED, "this policy is in force already",
                           reason="same_policy")  # fmt: skip
        return PolicyChosen(policy.hash, toml)

    async def publish(
        self, actor: Actor, approval: RequestApproved, chosen: PolicyChosen
    ) -> Done | Refusal | Problem:
        """Agree to a policy and have it judge, in one commit; what was refused changes nothing."""
        tried = await self._office.tried(actor, approval)
        if tried is not None:
            return tried
        async with self._turn:
            with self._compiled(chosen.toml) as found:
                policy = await asyncio.to_thread(found)
                if isinstance(policy, Problem):
                    return policy
                if policy.hash != chosen.policy:
                    return _another(policy.hash)
                return await self._in_force(actor, approval, policy)

    async def _in_force(
        self, actor: Actor, approval: RequestApproved, policy: Policy
    ) -> Done | Refusal | Problem:
        desk = self._desk
        try:
            prepared = await asyncio.to_thread(prepare, self._directory, policy)
        except ArashaError as error:
            desk.journal.fault("switch", error)
            return Problem(problems.ACT_REFUSED, str(error), reason="policy_cannot_judge")
        self._watch(prepared.judge)
        done = await self._office.do_with(
            actor, approval, lambda keep: desk.live.put_in_force(prepared, keep)
        )
        if not isinstance(done, Done):
            self._watch(desk.live.judge)
            return done
        desk.journal.say("switch", result="in force", policy=policy.hash, entry=done.seq + 1)
        return done

    @contextmanager
    def _compiled(self, toml: str) -> Iterator[Callable[[], Policy | Problem]]:
        """What compiles it; its file is there for as long as the block."""
        with tempfile.TemporaryDirectory(prefix="arasha-policy-") as folder:
            path = Path(folder) / "policy.toml"
            path.write_text(toml, encoding="utf-8")

            def work() -> Policy | Problem:
                try:
                    policy = document.load(path, model=self._model_of(toml))
                except PolicyError as error:
                    said = str(error).replace(path.as_posix(), "policy.toml")
                    return Problem(problems.ACT_REFUSED, said, reason="policy_does_not_compile")
                if policy.degraded:
                    return Problem(
                        problems.ACT_REFUSED, "the model that the policy names is not here",
                        reason="model_missing", expected="its file beside the service's policy",
                    )  # fmt: skip
                return policy

            yield work

    def _model_of(self, toml: str) -> bytes:
        """What the policy's model file holds: the one in force, or a file beside our own policy;
        nothing where neither is the one that the policy names by its hash.
        """
        try:
            model = tomllib.loads(toml).get("model", {})
            wanted, name = str(model.get("hash")), PurePosixPath(str(model.get("file")))
        except (tomllib.TOMLDecodeError, AttributeError, RecursionError, ValueError):
            return b""
        current = self._desk.live.policy.model
        if current is not None and current.text is not None and current.hash == wanted:
            return current.text.encode()
        if self._beside is None or name.is_absolute() or ".." in name.parts:
            return b""
        path = self._beside.parent / name
        if not path.is_file():
            return b""
        content = path.read_bytes()
        return content if sha256(content).hexdigest() == wanted else b""


def _another(found: str) -> Problem:
    return Problem(
        problems.ACT_REFUSED, "the text compiles to another policy than the one asked for",
        reason="another_policy", expected="the hash of the request", found=f"{found[:16]}…",
    )  # fmt: skip
