"""A model's reasons in words: what moved it, told by what people understand.

Stands after the decision. In comes what each feature added to the log odds of one payment; out go
reasons by group, the strongest first, in Kazakh, Russian and English and on two levels. The analyst
is told the values and how far they moved the score. The person concerned is told what it is about,
and no value, threshold or direction to go: a thief reads it, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.events.kernels import kernel
from arasha.policy.definition import GROUPS, Group, Policy
from arasha.policy.texts import LANGUAGES, Language, Value, format_value

MAX_REASONS: Final = 4
"""Most reasons told to the person concerned."""

MAX_VALUES: Final = 3
"""Most features named in one reason for the analyst, those that moved it most."""

LEAST_MOVE: Final = 0.1
"""Log odds below which a group moved nothing worth telling."""

ABOUT: Final[Mapping[Group, Mapping[Language, str]]] = {
    "new_payee": {
        "kk": "Алушы бұл төлеуші үшін жаңа",
        "ru": "Получатель новый для этого плательщика",
        "en": "The payee is new to this payer",
    },
    "amount_habit": {
        "kk": "Сома төлеушінің әдетіне сай емес",
        "ru": "Сумма непривычна для этого плательщика",
        "en": "The amount is unlike this payer's habit",
    },
    "payee_reports": {
        "kk": "Алушы туралы соңғы хабарламалар",
        "ru": "Недавние сообщения о получателе",
        "en": "Recent reports about the payee",
    },
    "pace": {
        "kk": "Төлемдердің жиілігі",
        "ru": "Темп платежей",
        "en": "The pace of payments",
    },
    "calls": {
        "kk": "Төлем алдындағы қоңыраулар",
        "ru": "Звонки перед платежом",
        "en": "Calls before the payment",
    },
    "device": {
        "kk": "Құрылғыдағы немесе нөмірдегі өзгеріс",
        "ru": "Перемена устройства или номера",
        "en": "A change of device or number",
    },
    "flow": {
        "kk": "Шоттар арасындағы ақша қозғалысы",
        "ru": "Движение денег вокруг счетов",
        "en": "The flow of money around the accounts",
    },
    "time": {
        "kk": "Төлем уақыты",
        "ru": "Время платежа",
        "en": "The time of the payment",
    },
    "other": {
        "kk": "Төлемнің басқа белгілері",
        "ru": "Прочие признаки платежа",
        "en": "Other signs of the payment",
    },
}
"""What each group is about, for the analyst."""

TOLD: Final[Mapping[Group, Mapping[Language, str]]] = {
    "new_payee": {
        "kk": "Бұл алушыға бұрын төлемегенсіз. Оны шынымен танитыныңызды тексеріңіз.",
        "ru": "Раньше вы этому получателю не платили. Проверьте, действительно ли вы его знаете.",
        "en": "You have not paid this payee before. Check that you really know them.",
    },
    "amount_habit": {
        "kk": "Бұл төлем сіздің әдеттегі төлемдеріңізге ұқсамайды.",
        "ru": "Этот платёж не похож на ваши обычные платежи.",
        "en": "This payment is unlike those you usually make.",
    },
    "payee_reports": {
        "kk": "Бұл алушыға қатысты күдік бар.",
        "ru": "К этому получателю есть вопросы.",
        "en": "There are doubts about this payee.",
    },
    "pace": {
        "kk": "Төлемдер әдеттегіден өзгеше ретпен жасалуда.",
        "ru": "Платежи идут не так, как обычно.",
        "en": "Payments are being made in an unusual way.",
    },
    "calls": {
        "kk": "Төлемді біреу телефон арқылы сұраса, тоқтаңыз: бұл алаяқ болуы мүмкін.",
        "ru": "Если о платеже вас просят по телефону, остановитесь: это может быть мошенник.",
        "en": "If somebody on the phone asks you for this payment, stop: it may be a fraudster.",
    },
    "device": {
        "kk": "Төлемді сіз жасап отырғаныңызды растау қажет.",
        "ru": "Нужно убедиться, что платёж делаете именно вы.",
        "en": "It must be made sure that it is you who is paying.",
    },
    "flow": {
        "kk": "Бұл шоттар арасындағы ақша қозғалысы қосымша тексеруді қажет етеді.",
        "ru": "Движение денег между этими счетами требует проверки.",
        "en": "The flow of money between these accounts needs a check.",
    },
    "time": {
        "kk": "Төлем сіз үшін әдеттен тыс уақытта жасалуда.",
        "ru": "Платёж делается в необычное для вас время.",
        "en": "The payment is made at a time unusual for you.",
    },
    "other": {
        "kk": "Төлем қосымша тексеруді қажет етеді.",
        "ru": "Платёж требует дополнительной проверки.",
        "en": "The payment needs a further check.",
    },
}
"""What the person concerned is told."""

_RAISES: Final = {"kk": "қауіпті арттырады", "ru": "повышает риск", "en": "raises the risk"}
_LOWERS: Final = {"kk": "қауіпті азайтады", "ru": "снижает риск", "en": "lowers the risk"}


@dataclass(frozen=True, slots=True)
class Moved:
    """A feature and what it added to the log odds."""

    feature: str
    by: float


@dataclass(frozen=True, slots=True)
class Reason:
    """A group, what it added to the log odds, and its features, the one that moved most first."""

    group: Group
    by: float
    features: tuple[Moved, ...]


def reasons_of(policy: Policy, contributions: NDArray[np.float64]) -> tuple[Reason, ...]:
    """The groups of one payment, the one that moved most first.

    ``contributions`` float64[features + 1] as policy/model.py gives them; the last, what the model
    says of nobody, is no reason. Equal ones stand in the order of GROUPS.
    """
    assert policy.model is not None
    parts: dict[Group, list[Moved]] = {group: [] for group in GROUPS}
    for name, by in zip(policy.model.features, contributions[:-1].tolist(), strict=True):
        parts[policy.groups.get(name, "other")].append(Moved(name, by))
    found = [
        Reason(group, sum(one.by for one in moved), tuple(sorted(moved, key=lambda m: -abs(m.by))))
        for group, moved in parts.items()
        if moved
    ]
    return tuple(sorted(found, key=lambda reason: -abs(reason.by)))


def for_analyst(
    reason: Reason,
    language: Language,
    policy: Policy,
    values: Mapping[str, Value],
    currency: int | None = None,
) -> str:
    """One reason with its values: what it is about, which way and how far it moved the log odds."""
    way = _RAISES[language] if reason.by > 0 else _LOWERS[language]
    shown = []
    for moved in reason.features[:MAX_VALUES]:
        value = values[moved.feature]
        words = format_value(value.value, value.type, language, currency, policy.utc_offset_ms)
        name = policy.feature_texts.get(moved.feature, {}).get(language, moved.feature)
        shown.append(f"{name} = {words} ({moved.by:+.2f})")
    return f"{ABOUT[reason.group][language]}: {way} ({reason.by:+.2f}); {', '.join(shown)}."


def for_person(reasons: Sequence[Reason], language: Language) -> tuple[str, ...]:
    """What the person concerned is told: the groups that spoke against the payment, no values.

    They stand in a fixed order, not by weight, so that trying again teaches nothing.
    """
    against = [reason for reason in reasons if reason.by >= LEAST_MOVE][:MAX_REASONS]
    chosen = {reason.group for reason in against}
    return tuple(TOLD[group][language] for group in GROUPS if group in chosen)


def told(moved: NDArray[np.float64]) -> NDArray[np.uint16]:
    """uint16[n]: a bit for each group of GROUPS that the person concerned is told of.

    ``moved`` float64[n, groups] as policy/judge.py gives it, NaN where nothing is told. The groups
    are those of ``for_person``: at most MAX_REASONS that spoke against the payment.
    """
    return _told(moved, LEAST_MOVE, MAX_REASONS)


@kernel
def _told(moved: NDArray[np.float64], least: float, most: int) -> NDArray[np.uint16]:
    """The strongest first; of two equal ones the one that stands first."""
    marks = np.zeros(len(moved), np.uint16)
    for row in range(len(moved)):
        for _ in range(most):
            strongest = -1
            for group in range(moved.shape[1]):
                new = (marks[row] >> group) & 1 == 0 and moved[row, group] >= least
                if new and (strongest < 0 or moved[row, group] > moved[row, strongest]):
                    strongest = group
            if strongest < 0:
                break
            marks[row] |= np.uint16(1 << strongest)
    return marks


def told_texts(groups: int, language: Language) -> tuple[str, ...]:
    """What the person concerned is told of the groups whose bits are set.

    >>> told_texts(0b1, "en")
    ('You have not paid this payee before. Check that you really know them.',)
    """
    return tuple(TOLD[group][language] for i, group in enumerate(GROUPS) if groups >> i & 1)


assert len(GROUPS) <= 16, "a bit each in told"
assert all(set(texts) == set(LANGUAGES) for table in (ABOUT, TOLD) for texts in table.values())
