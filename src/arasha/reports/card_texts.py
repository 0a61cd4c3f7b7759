"""What a model card says in words: what the model must not be used for, and what to mind.

The uses are the same for every model (DESIGN: what Arasha will not do) and stand in Kazakh,
Russian and English; the notes follow from the card's figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from arasha.policy.texts import Language
from arasha.reports import figures
from arasha.reports.card_drift import MUCH_DRIFT
from arasha.reports.card_groups import Errors
from arasha.reports.card_measures import Card

FEW_FRAUDS: Final = 100


@dataclass(frozen=True, slots=True)
class Uses:
    """In one language: what the model is for, and what it must not be used for."""

    heading: str
    purpose: str
    forbidden: tuple[str, ...]


USES: Final[Mapping[Language, Uses]] = {
    "kk": Uses(
        "Не үшін қолдануға болмайды",
        "Модель төлемнің алаяқтық болу ықтималдығын айтады, осылайша төлемді ақша кеткенге дейін "
        "тоқтатып, тексеруге болады. Одан басқа ешнәрсеге арналмаған.",
        (
            (
                "Адамдарды бағалауға, реттеуге немесе тізімге енгізуге, кімнің құқық бұзатынын "
                "болжауға болмайды. Бағаланатыны — төлем."
            ),
            (
                "Адамға қатысты түпкілікті шешімді жалғыз өзі қабылдамайды. Әр шектеудің негізі, "
                "авторы, мерзімі және шағымдану жолы болуы тиіс."
            ),
            (
                "Кінәнің дәлелі емес. Ықтималдық осыған ұқсас төлемдердің қаншалықты жиі алаяқтық "
                "болып шыққанын ғана айтады."
            ),
            (
                "Несие, сақтандыру, жұмысқа қабылдау, салық немесе шотты жабу туралы шешімдерге "
                "қолдануға болмайды."
            ),
            (
                "Ұлты, діні, саяси көзқарасы, денсаулығы, туған жері, бет-бейнесі, дауысы, жүрген "
                "жері немесе хат-хабар мазмұны туралы деректерді, не оларды жанама білдіретін "
                "деректерді қосуға болмайды."
            ),
            (
                "Адамдарды бақылауға немесе ашық іс, хабарлама не шағым болмаса, олардың "
                "төлемдерін іздеуге болмайды."
            ),
            (
                "Жоғарыда көрсетілгеннен өзге төлемдерге, банктерге, валюталарға немесе кезеңге "
                "қайта өлшемей қолдануға болмайды."
            ),
        ),
    ),
    "ru": Uses(
        "Для чего её нельзя использовать",
        "Модель сообщает вероятность того, что платёж мошеннический, чтобы его можно было "
        "остановить и проверить, пока деньги не ушли. Ни для чего другого она не предназначена.",
        (
            (
                "Оценивать, ранжировать или заносить в списки людей, предсказывать, кто совершит "
                "правонарушение. Оценивается платёж."
            ),
            (
                "Принимать окончательное решение о человеке в одиночку. У каждого ограничения "
                "должны быть основание, автор, срок и порядок обжалования."
            ),
            (
                "Считать оценку доказательством вины. Вероятность говорит лишь о том, как часто "
                "похожие платежи оказывались мошенническими."
            ),
            "Решать о кредите, страховании, приёме на работу, налогах или закрытии счёта.",
            (
                "Добавлять данные о национальности, религии, политических взглядах, здоровье, "
                "месте рождения, лице, голосе, передвижениях или содержании сообщений, а также "
                "данные, которые их заменяют."
            ),
            "Следить за людьми или искать по их платежам без открытого дела, сообщения или жалобы.",
            (
                "Применять к другим платежам, банкам, валютам или времени, чем указано выше, не "
                "измерив заново."
            ),
        ),
    ),
    "en": Uses(
        "What it must not be used for",
        "The model gives the probability that a payment is fraud, so that it can be stopped and "
        "looked at before the money is gone. It is for nothing else.",
        (
            (
                "To score, rank or list persons, or to predict who will offend. What is judged is "
                "a payment."
            ),
            (
                "To settle anything about a person alone. Every restriction needs its ground, its "
                "author, its end and its appeal."
            ),
            (
                "As proof of guilt. The probability only says how often payments like this one "
                "turned out to be fraud."
            ),
            "To decide on credit, insurance, employment, taxes or the closing of an account.",
            (
                "With data on ethnicity, religion, politics, health, place of birth, faces, "
                "voices, whereabouts or the content of messages, or with anything that stands in "
                "for them."
            ),
            (
                "To watch people, or to search their payments without an open case, report or "
                "appeal that names them."
            ),
            (
                "On other payments, banks, currencies or times than those stated above, without "
                "measuring again."
            ),
        ),
    ),
}


def notes(card: Card) -> list[str]:
    """What a reader must know before the figures."""
    found = []
    rehearsed = card.subject.rehearsed_ms
    if rehearsed is not None:
        day = figures.moment(rehearsed, card.subject.utc_offset_ms).partition(" ")[0]
        found.append(
            "Too few frauds are settled after the model's training to try the model itself. What "
            f"is measured here is a rehearsal: the same recipe, trained as of {day} on what was "
            "known by then. The policy's model has learned from the payments of this test, too."
        )
    if card.subject.elsewhere:
        found.append(
            f"The test is not later than the training but elsewhere: {card.subject.elsewhere}. The "
            "model has not seen it, but nothing here says how it ages."
        )
    if card.frauds == 0:
        found.append("No payment of the test is known to be fraud: nothing can be said of ranking.")
    elif card.frauds < FEW_FRAUDS:
        found.append(
            f"The test has {figures.count(card.frauds)} frauds: read the intervals, not the "
            "figures alone."
        )
    gap = card.label_gap_ms
    if gap is not None and gap < card.subject.label_delay_ms:
        found.append(
            f"The test begins {figures.duration(gap)} after the last payment learned from, sooner "
            f"than labels are known ({figures.duration(card.subject.label_delay_ms)}): the figures "
            "may promise too much."
        )
    if not card.stated_bothered:
        found.append(
            "No policy's actions were given: “bothered” means the threshold that bothers 1% of the "
            "good payments."
        )
    if card.unsettled:
        found.append(
            f"{figures.count(card.unsettled)} payments are not settled and left out of all but "
            "drift."
        )
    moved = [one.name for one in card.drifts if one.psi > MUCH_DRIFT]
    if moved:
        listed = ", ".join(moved[:5]) + (" …" if len(moved) > 5 else "")
        found.append(
            f"{figures.count(len(moved))} of {figures.count(len(card.drifts))} features are no "
            f"longer as in training (PSI above {MUCH_DRIFT}): {listed}."
        )
    return found


def bothered_more(card: Card) -> tuple[list[str], int]:
    """A sentence for each group whose good payments are bothered more than everyone else's beyond
    chance, the worst first; and how many groups were compared.
    """
    groups = [(division.name, one) for division in card.divisions for one in division.groups]
    worst = sorted(
        (pair for pair in groups if pair[1].bothered_more > 0),
        key=lambda pair: -(pair[1].times or float("inf")),
    )
    return [_sentence(name, one) for name, one in worst], len(groups)


def _sentence(division: str, one: Errors) -> str:
    gap = one.bothered_difference
    assert gap is not None
    own, rest = one.bothered.share, one.rest_bothered.share
    assert own is not None
    times = "" if one.times is None else f", {one.times:.2f} times as often"
    return (
        f"{one.name} ({division}): {figures.percent(own)} of its good payments, "
        f"{figures.percent(rest)} of all others{times} ({figures.points_interval(gap)})"
    )
