"""``arasha exchange …``: which accounts are crypto exchanges', so that a trace sees money leave.

In: the directory of the centre, which may be in use; an account on standard input, so that it is in
no list of processes. Out: the list, by tokens. A running service follows it from the next trace on.
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from arasha.app import terminal
from arasha.app.commands_rights import instant, keep, register, say_where
from arasha.app.commands_vault import token_of, token_of_stdin
from arasha.app.options import AsJson, By, DataDirectory, acting

Reason = Annotated[str, Parameter(help="Why, for the record: a sentence that names no party.")]


def add(
    *,
    data: DataDirectory,
    name: Annotated[str, Parameter(help="Whose account it is, such as the exchange's name.")],
    reason: Reason,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Say that the account on standard input is a crypto exchange's: money paid to it is gone."""
    from arasha.exchange.crypto_exchanges import CryptoExchanges

    token = token_of_stdin(data, "account")
    with register(data) as opened:
        CryptoExchanges(opened).add(token, name, by=acting(by), reason=reason)
        in_log = keep(data, [opened.database])
    if json:
        terminal.say_json({"token": token.hex(), "exchange": name, "in_log": in_log})
        return
    terminal.say(f"{token.hex()}  {name}")
    say_where(in_log=in_log)


def end(
    token: Annotated[str, Parameter(help="The account's token, as the list has it.")],
    /,
    *,
    data: DataDirectory,
    reason: Reason,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Take an account off the list: from now on money is followed through it."""
    from arasha.exchange.crypto_exchanges import CryptoExchanges

    account = token_of(token)
    with register(data) as opened:
        CryptoExchanges(opened).end(account, by=acting(by), reason=reason)
        in_log = keep(data, [opened.database])
    if json:
        terminal.say_json({"ended": account.hex(), "in_log": in_log})
        return
    terminal.say(f"{account.hex()} is no crypto exchange's any more")
    say_where(in_log=in_log)


def accounts(*, data: DataDirectory, json: AsJson = False) -> None:
    """List the accounts: whose, since when, who said so and why."""
    from dataclasses import asdict

    from arasha.exchange.crypto_exchanges import CryptoExchanges

    with register(data) as opened:
        listed = CryptoExchanges(opened).list()
    if json:
        terminal.say_json({"accounts": [asdict(one) for one in listed]})
        return
    for one in listed:
        since = instant(one.since_ms)
        terminal.say(f"{one.token}  {one.exchange}, since {since}, by {one.by}: {one.reason}")
