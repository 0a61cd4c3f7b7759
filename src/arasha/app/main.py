"""The door for people and scripts: ``arasha COMMAND …``.

In come words from a shell; out go an exit code (terminal.Exit) and what the command says. A command
is a function in this room that takes typed arguments, calls one function of another room and says
the result; it returns its exit code, or None for 0. This module names the commands and turns every
expected error into a sentence. A command's module is imported only when it is asked for, and the
rooms behind it only when it runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from arasha import __version__
from arasha.app import terminal
from arasha.app.terminal import Exit
from arasha.errors import ArashaError, UsageError

HELP = (
    "An open anti-fraud centre: it judges payments as they happen and answers for what it decides."
    "\n\n"
    "Exit codes: 0 done; 1 it found something wrong (damage in a log, errors in a policy); 2 wrong "
    "usage or unreadable input; 3 an operating fault (full disk, busy log); 130 interrupted."
)


app = App(
    name="arasha",
    help=HELP,
    version=__version__,
    help_format="plaintext",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)

app.command("arasha.app.commands_replay:replay", name="replay", help="Judge a file of payments.")
app.command("arasha.app.commands_serve:serve", name="serve", help="The centre, live.")
app.command(
    "arasha.app.commands_backtest:backtest", name="backtest",
    help="What a policy, or two, would have decided about a file.",
)  # fmt: skip
app.command(
    "arasha.app.commands_train:train", name="train",
    help="Train a model on settled payments; write a new version of a policy.",
)  # fmt: skip
app.command(
    "arasha.app.commands_rehearse:rehearse", name="rehearse",
    help="Try a policy in whole simulated countries.",
)  # fmt: skip
app.command(
    "arasha.app.commands_rehearse_calls:rehearse_calls", name="rehearse-calls",
    help="Try a policy over calls in whole simulated countries.",
)  # fmt: skip
app.command(
    "arasha.app.commands_rehearse_signals:rehearse_signals", name="rehearse-signals",
    help="Say what operators' answers about calls are worth to banks, in simulated countries.",
)  # fmt: skip
app.command(
    "arasha.app.commands_rehearse_gateways:rehearse_gateways", name="rehearse-gateways",
    help="Look for SIM boxes and straw SIMs in whole simulated countries.",
)  # fmt: skip
app.command(
    "arasha.app.commands_demo:demo", name="demo",
    help="The whole centre with a simulated country in it, its console in the browser.",
)  # fmt: skip
app.command(
    "arasha.app.commands_watch:watch", name="watch",
    help="Watch a country and its centre in the terminal.",
)  # fmt: skip
app.command(
    "arasha.app.commands_rehearse_owners:rehearse_owners", name="rehearse-owners",
    help="Ask who made calls from abroad that bear a number of the country, in whole countries.",
)  # fmt: skip
app.command(
    "arasha.app.commands_explain:explain",
    name="explain",
    help="Why a payment was decided as it was.",
)

app.command(
    "arasha.app.commands_trace:trace", name="trace", help="Follow the money of a report.",
)  # fmt: skip
app.command(
    "arasha.app.commands_rings:rings", name="rings", help="Which accounts hang together.",
)  # fmt: skip
app.command(
    "arasha.app.commands_gateways:gateways", name="gateways",
    help="Which numbers of an operator look like gateways and straw SIMs.",
)  # fmt: skip
app.command(
    "arasha.app.commands_evidence:evidence", name="evidence",
    help="A case as a pack that proves itself.",
)  # fmt: skip
app.command(
    "arasha.app.commands_audit:audit", name="audit",
    help="Who held whom for how long on what ground, and was the law kept?",
)  # fmt: skip
app.command(
    "arasha.app.commands_country:country", name="country",
    help="Make a simulated country: what banks and operators would have seen of it.",
)  # fmt: skip

policy = App(name="policy", help="Look after policies.")
policy.command("arasha.app.commands_policy:check", name="check", help="Is a policy without faults?")
policy.command(
    "arasha.app.commands_policy:backtest", name="backtest", help="A draft on a centre's own log."
)
app.command(policy)

law = App(name="law", help="Look after law files: the limits of holds, recalls and appeals.")
law.command("arasha.app.commands_law:check", name="check", help="Is a law file without faults?")
law.command("arasha.app.commands_law:page", name="page", help="Its figures and their sources.")
law.command("arasha.app.commands_law:roles", name="roles", help="Who may do what.")
app.command(law)

attachments = App(name="attachments", help="Look after the documents of cases.")
attachments.command(
    "arasha.app.commands_attachments:erase", name="erase", help="Let a case's come to their end."
)
app.command(attachments)

exchange = App(name="exchange", help="Which accounts are crypto exchanges', for tracing.")
exchange.command("arasha.app.commands_exchange:add", name="add", help="Put one on the list.")
exchange.command("arasha.app.commands_exchange:end", name="end", help="Take one off the list.")
exchange.command("arasha.app.commands_exchange:accounts", name="list", help="The list.")
app.command(exchange)

log = App(name="log", help="Look after an event log: check it, judge it again, let months go.")
log.command("arasha.app.commands_log:verify", name="verify", help="Is the log what was written?")
log.command("arasha.app.commands_log:periods", name="periods", help="The months of the log.")
log.command(
    "arasha.app.commands_log:prove", name="prove", help="Prove that an entry is in the log."
)
log.command("arasha.app.commands_record:key", name="key", help="The key of its public record.")
log.command(
    "arasha.app.commands_record:checkpoint", name="checkpoint", help="Sign the log as it is."
)
log.command(
    "arasha.app.commands_record:publish", name="publish", help="The record as static files."
)
log.command("arasha.app.commands_resume:resume", name="resume", help="After a restore: sign on.")
log.command("arasha.app.commands_record:receipt", name="receipt", help="That an entry is in it.")
log.command(
    "arasha.app.commands_record:check_receipt", name="check-receipt", help="Is a receipt true?"
)
log.command(
    "arasha.app.commands_record:check_record", name="check-record", help="Is a record whole?"
)
log.command("arasha.app.commands_log:replay", name="replay", help="Judge the log once more.")
log.command("arasha.app.commands_log:export", name="export", help="The log as Parquet files.")
log.command("arasha.app.commands_log:snapshot", name="snapshot", help="For a quick start.")
log.command("arasha.app.commands_log:retire", name="retire", help="Let months of facts go.")
app.command(log)

witness = App(name="witness", help="Vouch for another centre's log: that it only ever grows.")
witness.command("arasha.app.commands_witness:make", name="make", help="A new witness and its key.")
witness.command("arasha.app.commands_witness:trust", name="trust", help="Look after a log.")
witness.command("arasha.app.commands_witness:serve", name="serve", help="Cosign checkpoints.")
app.command(witness)

participant = App(name="participant", help="Look after participants: who may send and read what.")
participant.command(
    "arasha.app.commands_rights:create_participant", name="create", help="A new participant."
)
participant.command(
    "arasha.app.commands_rights:change_participant", name="change", help="Other rights for one."
)
participant.command(
    "arasha.app.commands_rights:rotate_participant", name="rotate", help="A new key for one."
)
participant.command(
    "arasha.app.commands_rights:revoke_participant", name="revoke", help="Let a key open nothing."
)
participant.command(
    "arasha.app.commands_rights:close_participant", name="close", help="Let one in no more."
)
participant.command(
    "arasha.app.commands_rights:list_participants", name="list", help="All participants."
)
participant.command(
    "arasha.app.commands_outbox:webhook", name="webhook", help="Where one is told of what happens."
)
app.command(participant)

numbers = App(name="numbers", help="Look after whose numbers are whose, at an operator.")
numbers.command(
    "arasha.app.commands_numbers:load_numbers", name="load", help="Ranges and ported numbers."
)
numbers.command("arasha.app.commands_numbers:show_numbers", name="show", help="What is known.")
app.command(numbers)

person = App(name="person", help="Look after the people of the centre and their roles.")
person.command("arasha.app.commands_rights:create_person", name="create", help="A new person.")
person.command(
    "arasha.app.commands_rights:rotate_person", name="rotate", help="A new token for one."
)
person.command(
    "arasha.app.commands_rights:revoke_person", name="revoke", help="Let a token open nothing."
)
person.command("arasha.app.commands_rights:list_persons", name="list", help="All persons.")
person.command("arasha.app.commands_persons:change", name="change", help="Other roles for one.")
person.command(
    "arasha.app.commands_persons:invite",
    name="invite",
    help="A link to come in for the first time.",
)
person.command(
    "arasha.app.commands_persons:link", name="link", help="Let one in by an institution's sign-in."
)
person.command(
    "arasha.app.commands_persons:sign_out", name="sign-out", help="End the sessions of one."
)
person.command(
    "arasha.app.commands_persons:forget", name="forget", help="Let one sign in by nothing any more."
)
person.command("arasha.app.commands_persons:close", name="close", help="Let one in no more.")
app.command(person)

vault = App(name="vault", help="Look after what tokens hide: reveal, erase, change the master key.")
vault.command("arasha.app.commands_vault:reveal", name="reveal", help="Show what a token hides.")
vault.command("arasha.app.commands_vault:erase", name="erase", help="Let a subject be forgotten.")
vault.command(
    "arasha.app.commands_vault:rotate", name="rotate", help="Put all keys under a new master key."
)
app.command(vault)

outbox = App(name="outbox", help="Look after messages to participants: list, resend, drop.")
outbox.command("arasha.app.commands_outbox:list_messages", name="list", help="Messages.")
outbox.command("arasha.app.commands_outbox:list_dead", name="dead", help="Those to see to.")
outbox.command("arasha.app.commands_outbox:resend", name="resend", help="Send dead ones again.")
outbox.command("arasha.app.commands_outbox:drop", name="drop", help="Give dead ones up.")
outbox.command("arasha.app.commands_outbox:rebuild", name="rebuild", help="Make it from the log.")
app.command(outbox)
app.command("arasha.app.commands_keep:backup", name="backup", help="Copy a centre while it runs.")
app.command("arasha.app.commands_keep:restore", name="restore", help="A centre from its backup.")
app.command(
    "arasha.app.commands_keep:migrate", name="migrate",
    help="Bring the files of an older release to this one's format.",
)  # fmt: skip
app.command("arasha.app.commands_top:top", name="top", help="Watch a running service.")
app.command("arasha.app.bench.command:bench", name="bench", help="Measure it beside its peers.")


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Expected errors become a sentence, not a traceback.

    ``words`` are the command line's without the program's name, by default this process's own.
    """
    # LightGBM's threads sleep while they wait: training on a busy machine is three times faster.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    words = sys.argv[1:] if words is None else list(words)
    as_json = "--json" in words
    try:
        result = app(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        wrong = UsageError(str(error), hint=f"{_command_of(error)} --help")
        terminal.say_error(wrong, as_json=as_json)
        return Exit.USAGE
    except KeyboardInterrupt as interruption:
        return _interrupted(interruption, as_json=as_json)
    except BrokenPipeError:
        sys.stdout = None  # else the interpreter flushes it once more
        return Exit.PIPE_CLOSED
    except (ArashaError, OSError) as error:
        terminal.say_error(error, as_json=as_json)
        return terminal.exit_of(error)
    except Exception as error:  # noqa: BLE001 - the last place that can say what happened
        traceback.print_exc()
        terminal.note("This is a fault in Arasha itself. Please report it with the lines above.")
        if as_json:
            terminal.say_json({"error": {"kind": "InternalFault", "what": repr(error)}})
        return Exit.INTERNAL
    return Exit.OK if result is None else int(result)


def _command_of(error: CycloptsError) -> str:
    """The command in which the words stopped making sense, as a person would type it."""
    return " ".join(["arasha", *(error.command_chain or ())])


def _interrupted(interruption: KeyboardInterrupt, *, as_json: bool) -> Exit:
    """Say how to go on: a command adds that to the interruption as a note."""
    advice = list(getattr(interruption, "__notes__", ()))
    if as_json:
        hint = {"hint": "\n".join(advice)} if advice else {}
        terminal.say_json({"error": {"kind": "Interrupted", "what": "interrupted", **hint}})
    else:
        terminal.note("\n".join(["Interrupted. What was committed is kept.", *advice]))
    return Exit.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
