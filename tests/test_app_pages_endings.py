"""The case of a value in a sentence: Kazakh endings, Russian words of time."""

from __future__ import annotations

import pytest

from arasha.app.pages import formats
from arasha.app.pages.endings import in_case
from arasha.policy.texts import Language

NUMBERS = """
    0 нөл-ге нөл-де нөл-ден
    1 бір-ге бір-де бір-ден
    2 екі-ге екі-де екі-ден
    3 үш-ке үш-те үш-тен
    4 төрт-ке төрт-те төрт-тен
    5 бес-ке бес-те бес-тен
    6 алты-ға алты-да алты-дан
    7 жеті-ге жеті-де жеті-ден
    8 сегіз-ге сегіз-де сегіз-ден
    9 тоғыз-ға тоғыз-да тоғыз-дан
    10 он-ға он-да он-нан
    20 жиырма-ға жиырма-да жиырма-дан
    30 отыз-ға отыз-да отыз-дан
    40 қырық-қа қырық-та қырық-тан
    50 елу-ге елу-де елу-ден
    60 алпыс-қа алпыс-та алпыс-тан
    70 жетпіс-ке жетпіс-те жетпіс-тен
    80 сексен-ге сексен-де сексен-нен
    90 тоқсан-ға тоқсан-да тоқсан-нан
    100 жүз-ге жүз-де жүз-ден
    1000 мың-ға мың-да мың-нан
    1000000 миллион-ға миллион-да миллион-нан
    1000000000 миллиард-қа миллиард-та миллиард-тан
"""
"""A number, and the word that it is read as in the dative, the locative and the ablative."""

WORDS = """
    секунд секундқа секундта секундтан
    минут минутқа минутта минуттан
    сағат сағатқа сағатта сағаттан
    күн күнге күнде күннен
    апта аптаға аптада аптадан
    ай айға айда айдан
    жыл жылға жылда жылдан
"""


@pytest.mark.parametrize("line", NUMBERS.split("\n")[1:-1])
def test_a_number_takes_the_ending_of_its_last_word(line: str) -> None:
    """Of whatever it is the end: a larger number, a time of day."""
    number, *wanted = line.split()
    for case, word in zip(("dative", "locative", "ablative"), wanted, strict=True):
        ending = word.rpartition("-")[2]
        shown = formats.number(int(number), "kk")
        assert f"{shown}-{ending}" == in_case(shown, case, "kk")
        if 0 < int(number) < 100:
            assert in_case(f"21 қыр., 19:{int(number):02}", case, "kk").endswith(f"-{ending}")
            assert f"1\u00a02{int(number):02}-{ending}" == in_case(
                f"1\u00a02{int(number):02}", case, "kk"
            )


@pytest.mark.parametrize("line", WORDS.split("\n")[1:-1])
def test_a_word_of_time_takes_its_ending(line: str) -> None:
    """As `formats.span` writes them."""
    word, *wanted = line.split()
    for case, said in zip(("dative", "locative", "ablative"), wanted, strict=True):
        assert f"4 {said}" == in_case(f"4 {word}", case, "kk")


def test_money_ends_as_the_tenge_does() -> None:
    """And money of elsewhere, whose word nobody knows here, stays as it is."""
    tenge, dollars = (formats.money(25_000_000, one, "kk") for one in (398, 840))
    assert f"{tenge}-ге" == in_case(tenge, "dative", "kk")
    assert dollars == in_case(dollars, "dative", "kk")


@pytest.mark.parametrize(
    ("language", "seconds", "case", "said"),
    [
        ("ru", 21 * 60, "accusative", "21 минуту"),
        ("ru", 22 * 60, "accusative", "22 минуты"),
        ("ru", 21 * 60, "genitive", "21 минуты"),
        ("ru", 3_600, "genitive", "60 минут"),
        ("ru", 4 * 3_600, "genitive", "4 часов"),
        ("ru", 86_400, "genitive", "24 часов"),
        ("ru", 3 * 86_400, "genitive", "3 дней"),
        ("ru", 21 * 86_400, "genitive", "3 недель"),
        ("ru", 700 * 86_400, "genitive", "2 лет"),
        ("kk", 3 * 86_400, "ablative", "3 күннен"),
    ],
)
def test_a_span_is_written_in_its_case(
    language: Language, seconds: int, case: str, said: str
) -> None:
    """After what `formats.span` says in the nominative."""
    assert said == in_case(formats.span(seconds * 1_000, language), case, language)


def test_what_no_rule_knows_stays() -> None:
    """A name, a moment in Russian."""
    moment = formats.moment(1_790_000_000_000, 0, "ru")
    assert moment == in_case(moment, "genitive", "ru")
    assert "BANKA" == in_case("BANKA", "dative", "kk")
    assert "" == in_case("", "dative", "kk")
