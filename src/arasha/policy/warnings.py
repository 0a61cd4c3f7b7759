"""What the payer is shown before the money goes, and asked: in Kazakh, Russian and English.

Stands after the decision. In: the action. Out: a text to show and questions to ask. They name no
rule, value or threshold, because a thief reads them, too; they are short, because a frightened
person reads them. What the payer did then is the fact ``warning`` (events/records.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from arasha.policy.definition import ACTIONS, Action
from arasha.policy.texts import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Warned:
    """A text to show the payer, and what to ask, by language."""

    text: Mapping[Language, str]
    ask: Mapping[Language, tuple[str, ...]]


_ASK: Final[Mapping[Language, tuple[str, ...]]] = {
    "kk": (
        "Бұл төлемді жасауды сізден біреу телефонмен немесе хабарламамен сұрады ма?",
        "Ақшаны «қауіпсіз шотқа» аудару керек деп айтты ма?",
        "Алушыны өзіңіз танисыз ба?",
    ),
    "ru": (
        "Просил ли вас кто-нибудь сделать этот платёж по телефону или в сообщении?",
        "Говорил ли вам кто-нибудь, что деньги нужно перевести на «безопасный счёт»?",
        "Знаете ли вы получателя лично?",
    ),
    "en": (
        "Did anybody ask you for this payment on the phone or in a message?",
        "Did anybody say that the money must go to a “safe account”?",
        "Do you know the payee yourself?",
    ),
}

WARNINGS: Final[Mapping[Action, Warned]] = {
    "warn": Warned(
        {
            "kk": "Тоқтаңыз да, ойланыңыз: бұл төлем алаяқтыққа ұқсайды. Жіберілген ақшаны қайтару "
            "қиын. Банк қызметкері де, полиция да ақша аударуды сұрамайды.",
            "ru": "Остановитесь и подумайте: этот платёж похож на мошенничество. Отправленные "
            "деньги вернуть трудно. Ни банк, ни полиция не просят переводить деньги.",
            "en": "Stop and think: this payment looks like fraud. Money that was sent is hard to "
            "get back. Neither a bank nor the police ask you to transfer money.",
        },
        _ASK,
    ),
    "hold": Warned(
        {
            "kk": "Бұл төлем кідіртілді: ол алаяқтыққа ұқсайды. Ақша әлі сіздің шотыңызда. "
            "Банкіңізге өзіңіз білетін нөмір арқылы хабарласыңыз.",
            "ru": "Этот платёж задержан: он похож на мошенничество. Деньги ещё на вашем счёте. "
            "Позвоните в свой банк по номеру, который знаете сами.",
            "en": "This payment is held: it looks like fraud. The money is still in your account. "
            "Call your bank on a number that you know yourself.",
        },
        _ASK,
    ),
    "block": Warned(
        {
            "kk": "Бұл төлем жасалмады: алушыға қатысты алаяқтық расталған. Қате деп ойласаңыз, "
            "банкіңізге хабарласыңыз: ол шешімді қайта қарауды сұрай алады.",
            "ru": "Этот платёж не выполнен: по получателю подтверждено мошенничество. Если это "
            "ошибка, обратитесь в свой банк: он может попросить пересмотреть решение.",
            "en": "This payment was not made: fraud by the payee has been confirmed. If this is a "
            "mistake, contact your bank: it can ask for the decision to be reviewed.",
        },
        dict.fromkeys(LANGUAGES, ()),
    ),
}
"""What is shown for each action above allow."""

assert set(WARNINGS) == set(ACTIONS)
assert all(set(w.text) == set(w.ask) == set(LANGUAGES) for w in WARNINGS.values())
