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
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from arasha.app.http import problems
from arasha.app.http.desk import Desk
from arasha.app.http.office import Office
from arasha.app.http.problems import Problem
from arasha.cases.acts import Act, Actor, PolicyChosen, RequestApproved
from arasha.cases.projection import Done
from arasha.cases.refusals import Refusal
from arasha.engine.live_start import prepare
from arasha.errors import ArashaError, Diagnostic, PolicyError
from arasha.exchange.persons import Persons
from arasha.policy import document
from arasha.policy.definition import Policy
from arasha.policy.judge import Judge

PUBLISHER: Final = "policy_publisher"

_FILE: Final = "policy.toml"  # what a text without a file of its own is called


def has_publishers(persons: Persons) -> bool:
    """Whether somebody publishes here: then nobody puts a policy in force alone."""
    return any(PUBLISHER in person.roles for person, _ in persons.list())


@dataclass(frozen=True, slots=True)
class Checked:
    """A text that was read: the policy that it is, or None, and all that was found in it."""

    policy: Policy | None
    found: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What keeps it from being one."""
        return tuple(one for one in self.found if one.severity == "error")


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

    async def checked(self, toml: str) -> Checked:
        """Read a text as a policy of this centre, with every fault at its place."""
        return await asyncio.to_thread(self._check, toml)

    def lay_out(self, toml: str, folder: Path) -> Path:
        """The text as a file of that folder, with its model where it names it: as another process
        reads it. Nothing of it is looked at.
        """
        path = folder / _FILE
        name, content = self._model_of(toml)
        if content:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        path.write_text(toml, encoding="utf-8")  # last: no model takes the text's place
        return path

    def loaded(self, toml: str) -> Policy:
        """The policy that the text is. Raises PolicyError. It blocks."""
        with tempfile.TemporaryDirectory(prefix="arasha-policy-") as folder:
            return document.load(self.lay_out(toml, Path(folder)))

    def _check(self, toml: str) -> Checked:
        with tempfile.TemporaryDirectory(prefix="arasha-policy-") as folder:
            path = self.lay_out(toml, Path(folder))
            found = tuple(replace(one, file=_FILE) for one in document.check(path))
            if any(one.severity == "error" for one in found):
                return Checked(None, found)
            policy = document.load(path)
        ours = self._desk.live.policy.judges
        if policy.judges is not ours:
            found = (*found, _of_another_kind(ours.word))
            return Checked(None, found)
        return Checked(policy, found)

    async def approve(self, actor: Actor, approval: RequestApproved) -> Done | Refusal | Problem:
        """Agree to what is asked for; the last approval of a policy puts it in force, too."""
        found = await self._office.read(lambda state, _: state.requests.get(approval.request))
        if isinstance(found, Problem):
            return found
        what: Act | None = None if found is None else found.what
        if isinstance(what, PolicyChosen):
            return await self.publish(actor, approval, what)
        return await self._office.do(actor, approval)

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
            path = self.lay_out(toml, Path(folder))

            def work() -> Policy | Problem:
                try:
                    policy = document.load(path)
                except PolicyError as error:
                    said = str(error).replace(path.as_posix(), _FILE)
                    return Problem(problems.ACT_REFUSED, said, reason="policy_does_not_compile")
                if policy.judges is not self._desk.live.policy.judges:
                    fault = _of_another_kind(self._desk.live.policy.judges.word)
                    return Problem(problems.ACT_REFUSED, fault.what, reason="another_kind",
                                   expected=fault.expected)  # fmt: skip
                if policy.degraded:
                    return Problem(
                        problems.ACT_REFUSED, "the model that the policy names is not here",
                        reason="model_missing", expected="its file beside the service's policy",
                    )  # fmt: skip
                return policy

            yield work

    def _model_of(self, toml: str) -> tuple[str, bytes]:
        """Where the policy's model is to lie, and what its file holds: the one in force, or a file
        beside our own policy; nothing where neither is the one that the policy names by its hash.
        """
        try:
            model = tomllib.loads(toml).get("model", {})
            wanted, name = str(model.get("hash")), PurePosixPath(str(model.get("file")))
        except (tomllib.TOMLDecodeError, AttributeError, RecursionError, ValueError):
            return "", b""
        if name.is_absolute() or ".." in name.parts:
            return "", b""
        current = self._desk.live.policy.model
        if current is not None and current.text is not None and current.hash == wanted:
            return name.as_posix(), current.text.encode()
        if self._beside is None:
            return "", b""
        path = self._beside.parent / name
        if not path.is_file():
            return "", b""
        content = path.read_bytes()
        right = sha256(content).hexdigest() == wanted
        return (name.as_posix(), content) if right else ("", b"")


def _of_another_kind(word: str) -> Diagnostic:
    return Diagnostic(
        "error", "another-kind", "this centre's log is judged by policies of another kind", _FILE,
        expected=f'judges = "{word}"',
    )  # fmt: skip


def _another(found: str) -> Problem:
    return Problem(
        problems.ACT_REFUSED, "the text compiles to another policy than the one asked for",
        reason="another_policy", expected="the hash of the request", found=f"{found[:16]}…",
    )  # fmt: skip
