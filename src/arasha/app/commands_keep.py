"""``arasha backup``, ``arasha restore``, ``arasha migrate``: that a centre outlives its machine.

In: the directory of a centre, which may be in use for a backup. Out: a backup and a keyring, a
directory made from them, or files in the format of this release. The work is done in keeping/.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_rights import now_ms
from arasha.app.commands_vault import MASTER_VARIABLE, MasterKey
from arasha.app.options import AsJson, By, acting
from arasha.app.terminal import Exit
from arasha.errors import UsageError

if TYPE_CHECKING:
    from arasha.keeping.backup import KeyringOrder
    from arasha.keeping.manifest import Manifest
    from arasha.keeping.migrate import State
    from arasha.vault.keys import Master

Centre = Annotated[Path, Parameter(help="The directory of the centre.")]


def backup(
    directory: Centre,
    /,
    *,
    to: Annotated[Path, Parameter(help="The backup: a directory that is not there yet.")],
    keys: Annotated[
        Path | None,
        Parameter(
            help="The keyring, to be kept apart from backups; the one before is overwritten."
        ),
    ] = None,
    with_master_key: Annotated[
        bool,
        Parameter(
            negative=(),
            help="Put the master key into the keyring, which is then not encrypted: for a safe.",
        ),
    ] = False,
    master_key: MasterKey = None,
    json: AsJson = False,
) -> None:
    """Copy log, vault and register as of one instant, while the service runs.

    No key is in the backup. Those of the months that are kept, and that of the tokens, go into the
    keyring, encrypted under the vault's master key. Without a keyring a backup cannot be read.
    """
    from arasha.keeping.backup import backup as back_up
    from arasha.keeping.backup import size_of

    order = _order(directory, keys, master_key, inside=with_master_key)
    with terminal.progress("Copying", size_of(directory), quiet=json) as advance:
        made = back_up(directory, to, made_at_ms=now_ms(), order=order, on_bytes=advance)
    if json:
        terminal.say_json({"backup": str(to), "keyring": None if keys is None else str(keys),
                           **_told(made)})  # fmt: skip
        return
    terminal.say(f"{made.size:,} entries and {made.subjects:,} subjects, {made.bytes:,} bytes")
    terminal.say(f"{made.size}:{made.root}")
    if keys is None:
        terminal.note("No key was written: only with a keyring of this day or later, --keys FILE, "
                      "can this backup be restored.")  # fmt: skip
    elif with_master_key:
        terminal.note("The keyring opens everything. Put it into a safe, and nowhere else.")


def restore(
    backup: Annotated[Path, Parameter(help="The backup.")],
    /,
    *,
    to: Annotated[Path, Parameter(help="The directory of the centre to be: empty, or not there.")],
    keys: Annotated[Path, Parameter(help="The keyring, of the backup's day or later.")],
    master_key: MasterKey = None,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Make a centre again from a backup and its keyring; every byte and every entry is checked.

    What was retired since the backup stays gone. The log gets an entry that says it was restored.
    """
    from arasha.keeping import keyring
    from arasha.keeping.restore import restore as restore_centre

    who = acting(by)
    held = keyring.read(keys, _master(master_key))
    total = 3 * sum(path.stat().st_size for path in backup.glob("*") if path.is_file())
    with terminal.progress("Restoring", total, quiet=json) as advance:
        done = restore_centre(backup, to, held, by=who, now_ms=now_ms(), on_bytes=advance)
    if json:
        over = {"subjects_over": done.subjects_over, "months_over": list(done.months_over)}
        terminal.say_json({"restored": str(to), **over, **_told(done.manifest)})
        return
    terminal.say(f"{done.manifest.size:,} entries are as they were written")
    terminal.say(f"{done.manifest.size}:{done.manifest.root}")
    for month in done.months_over:
        terminal.say(f"{month} was retired since and stays gone")
    if done.subjects_over:
        terminal.say(f"{done.subjects_over:,} subjects whose months are over stay forgotten")
    terminal.note(f"arasha serve --data {to}")


def migrate(
    directory: Centre,
    /,
    *,
    check: Annotated[
        bool,
        Parameter(negative=(), help="Only say what is to be done; exit code 1 if anything is."),
    ] = False,
    json: AsJson = False,
) -> Exit:
    """Bring the files of a centre to the format of this release. Stop the service first.

    Each file is copied before it is changed. Killed at any time, it goes on where it was.
    """
    from arasha.keeping.migrate import COPIES_DIRECTORY, states
    from arasha.keeping.migrate import migrate as migrate_centre

    found = states(directory)
    todo = [state for state in found if state.steps]
    if not check and todo:
        migrate_centre(directory)
    if json:
        terminal.say_json({"files": [_state_object(state) for state in found], "done": not check})
    else:
        for state in found:
            file, now, then = state.format.file, state.version, state.format.version
            terminal.say(f"{file:<16} version {now}" + (f" -> {then}" if state.steps else ""))
            for step in state.steps:
                terminal.say(f"  {step.why}")
        if todo and not check:
            terminal.note(f"Copies of what was changed are in {directory / COPIES_DIRECTORY}: "
                          "remove them when the service runs well; log retire does.")  # fmt: skip
    return Exit.FINDINGS if check and todo else Exit.OK


def _order(
    directory: Path, keys: Path | None, master_key: Path | None, *, inside: bool
) -> KeyringOrder | None:
    from arasha.keeping.backup import KeyringOrder
    from arasha.vault.keys import Master

    if keys is None:
        if inside:
            raise UsageError("no keyring is written that could hold the master key",
                             expected="--keys FILE")  # fmt: skip
        return None
    text = os.environ.get(MASTER_VARIABLE)
    return KeyringOrder(
        keys, Master.load_or_create(directory, master_key, text, create=False), inside
    )


def _master(master_key: Path | None) -> Master | None:
    """The master key as the option or the environment say, if they do."""
    from arasha.vault.keys import Master

    text = os.environ.get(MASTER_VARIABLE)
    if master_key is None and text is None:
        return None
    return Master.load_or_create(Path(), master_key, text, create=False)


def _told(manifest: Manifest) -> dict[str, Any]:
    return {
        "entries": manifest.size,
        "root": manifest.root,
        "subjects": manifest.subjects,
        "bytes": manifest.bytes,
        "made_at_ms": manifest.made_at_ms,
    }


def _state_object(state: State) -> dict[str, Any]:
    return {
        "file": state.format.file,
        "version": state.version,
        "wanted": state.format.version,
        "steps": [step.why for step in state.steps],
    }
