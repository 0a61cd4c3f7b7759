"""Founding the country: its people, what they live on, what they own and whom they know.

In: a seed, a number of people, parameters. Out: a Society. Everything is drawn from keys that the
seed and a word name, whole columns at a time; sums that decide anything are sums of integers.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arasha.country import kernels_society as kernels
from arasha.country.chance import key_of
from arasha.country.parameters import Parameters
from arasha.country.society import (
    NO_BANK,
    NONE,
    AccountKind,
    Accounts,
    Businesses,
    BusinessKind,
    Devices,
    NumberKind,
    Numbers,
    People,
    Society,
    Status,
    with_room,
)
from arasha.errors import UsageError

PEOPLE_LEAST: Final = 100
"""Fewer people than this make no country."""

PEOPLE_MOST: Final = 20_000_000
"""More would not fit the numbers (int32) of their accounts and contacts."""

DAY_MS: Final = 86_400_000
TIYN: Final = 100
"""Tiyn in a tenge."""

_PAYDAYS: Final = (5, 10, 15, 20, 25, 28, 31)
_PAYDAY_WEIGHTS: Final = (0.22, 0.24, 0.14, 0.1, 0.14, 0.06, 0.1)
_RICH: Final = 10**14  # opening balance of banks, the state and abroad, tiyn
_PER_10_000: Final = (
    BusinessKind.SHOP, BusinessKind.UTILITY, BusinessKind.SCHOOL, BusinessKind.CLINIC,
    BusinessKind.FUEL, BusinessKind.CAFE, BusinessKind.TAXI, BusinessKind.DELIVERY,
    BusinessKind.CHARITY, BusinessKind.ONLINE, BusinessKind.ATM,
)  # fmt: skip
_FEW: Final = {BusinessKind.CRYPTO: 5, BusinessKind.GOVERNMENT: 4}

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Bytes = NDArray[np.uint8]


def found(seed: int, people: int, parameters: Parameters) -> Society:
    """As Society.make says."""
    if not PEOPLE_LEAST <= people <= PEOPLE_MOST:
        raise UsageError(
            f"a country of {people} people", f"{PEOPLE_LEAST} to {PEOPLE_MOST:,} people"
        )
    return _Founding(seed, people, parameters).society()


class _Founding:
    """Draws by word; the parts of the society in the order in which they need each other."""

    def __init__(self, seed: int, n: int, parameters: Parameters) -> None:
        self.seed, self.n, self.p = seed, n, parameters
        first_day = date.fromisoformat(parameters.text("country.first_day"))
        days = (first_day - date(1970, 1, 1)).days
        self.start_ms = days * DAY_MS - parameters.whole("country.utc_offset_hours") * 3_600_000

    # draws

    def key(self, word: str) -> np.uint64:
        return np.uint64(key_of(self.seed, "society", word))

    def units(self, word: str, n: int | None = None) -> Doubles:
        return np.asarray(kernels.units(self.key(word), self.n if n is None else n))

    def below(self, word: str, n: int, limit: int) -> Indices:
        return (self.units(word, n) * limit).astype(np.int32)

    def picks(self, word: str, shares: tuple[float, ...], n: int | None = None) -> Bytes:
        count = self.n if n is None else n
        return np.asarray(kernels.picks(self.key(word), count, np.array(shares)))

    def lognormals(self, word: str, n: int, median: str, spread: str) -> Doubles:
        drawn = kernels.lognormals(self.key(word), n, self.p[median], self.p[spread])
        return np.asarray(drawn)

    def ages_ms(self, word: str, n: int, mean: str) -> Ints:
        """Moments before the first day, exponentially long ago."""
        days = kernels.exponentials(self.key(word), n, self.p[mean])
        return np.asarray(self.start_ms - (days * DAY_MS).astype(np.int64) - DAY_MS)

    # parts

    def society(self) -> Society:
        starts = kernels.household_starts(
            self.key("households"), self.n, np.array(self.p.numbers("people.household_shares"))
        )
        age = self.picks("age", self.p.numbers("people.age_shares"))
        status = self.status(age)
        businesses, at_bank = self.businesses(status)
        people = self.people(starts, age, status, businesses)
        sellers = self.shuffled("sellers", np.flatnonzero(status == Status.SELLER))
        self.incomes(people, sellers)
        self.supporters(people, starts)
        people.activity[:] = self.activity(people.income)
        abroad = max(20, int(self.n * self.p["businesses.abroad_accounts_per_10_000"] / 10_000))
        accounts = self.accounts(people, businesses, at_bank, abroad)
        numbers = self.numbers(people, businesses, abroad)
        owners = np.arange(self.n, dtype=np.int32)
        devices = Devices(self.n, **with_room({"owner": owners}))
        landlords = self.rents(people, starts)
        first_abroad, first_number = len(accounts) - abroad, len(numbers) - abroad
        self.abroad(people, first_abroad, abroad)
        self.burdens(people, starts)
        return Society(
            self.seed, self.p, self.start_ms, people, accounts, numbers, devices, businesses,
            sellers=sellers,
            landlords=landlords,
            couriers=self.some("couriers", "businesses.couriers_per_10_000"),
            drivers=self.some("drivers", "businesses.drivers_per_10_000"),
            abroad_numbers=np.arange(first_number, len(numbers), dtype=np.int32),
            abroad_accounts=np.arange(first_abroad, len(accounts), dtype=np.int32),
        )  # fmt: skip

    def status(self, age: Bytes) -> Bytes:
        """What each person lives on, by age band."""
        drawn = self.units("status")
        employed = np.array(self.p.numbers("people.employed_shares"))[age]
        seller = employed + np.array(self.p.numbers("people.seller_shares"))[age]
        other = self.units("status otherwise")
        pension = other < np.array(self.p.numbers("people.pension_shares"))[age]
        student = (age == 0) & (other < self.p["people.student_share"])
        benefit = self.units("benefit") < self.p["people.benefit_share"]
        rest = np.select(
            [pension, student, benefit], [Status.PENSIONER, Status.STUDENT, Status.BENEFIT],
            Status.HOME,
        )  # fmt: skip
        chosen = np.select(
            [drawn < employed, drawn < seller], [Status.EMPLOYED, Status.SELLER], rest
        )
        return chosen.astype(np.uint8)

    def businesses(self, status: Bytes) -> tuple[Businesses, Bytes]:
        """The businesses and the bank of each one's account."""
        employed = int((status == Status.EMPLOYED).sum())
        counts = {
            BusinessKind.EMPLOYER: max(3, int(employed / self.p["businesses.people_per_employer"]))
        }
        per_10_000 = self.p.numbers("businesses.per_10_000_people")
        for kind, share in zip(_PER_10_000, per_10_000, strict=True):
            counts[kind] = max(4, int(self.n * share / 10_000))
        counts[BusinessKind.BANK] = self.p.whole("banks.count")
        counts[BusinessKind.TELECOM] = self.p.whole("operators.count")
        counts |= _FEW
        sizes = np.array([counts[kind] for kind in BusinessKind], np.int64)
        first = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        m = int(first[-1])
        kinds = np.repeat(np.arange(len(sizes), dtype=np.uint8), sizes)
        bank = self.picks("bank of a business", self.p.numbers("banks.shares"), m)
        banks = np.arange(self.p.whole("banks.count"), dtype=np.uint8)
        bank[first[BusinessKind.BANK] : first[BusinessKind.BANK + 1]] = banks
        paydays = np.array(_PAYDAYS, np.uint8)
        business = Businesses(
            kinds,
            account=np.zeros(m, np.int32),
            number=np.zeros(m, np.int32),
            payday=paydays[self.picks("payday", _PAYDAY_WEIGHTS, m)],
            advance=(self.units("advance", m) < self.p["income.advance_share"]).astype(np.uint8),
            first=first,
        )
        return business, bank

    def people(self, starts: Indices, age: Bytes, status: Bytes, businesses: Businesses) -> People:
        n = self.n
        sizes = np.diff(starts)
        household = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        employer = self.employers(status, businesses)
        contact_start, contacts = self.contacts(starts, employer)
        rows = np.arange(n, dtype=np.int32)
        since = self.ages_ms("devices", n, "people.device_age_mean_days")
        none = np.full(n, NONE, np.int32)
        rhythm = kernels.lognormals(self.key("rhythm"), n, 1.0, 0.25) * 240.0 - 250.0
        night = self.units("night") < self.p["people.night_share"]
        return People(
            age, status, household, self.children(starts), employer,
            payday=self.paydays(status, employer, businesses),
            income=np.zeros(n, np.int64),
            account=rows.copy(), second_account=none.copy(), number=rows.copy(),
            second_number=none.copy(), device=rows.copy(),
            device_since_ms=since,
            credentials_since_ms=self.ages_ms("credentials", n, "people.device_age_mean_days"),
            activity=np.ones(n, np.float32),
            caution=self.units("caution").astype(np.float32),
            rhythm=(rhythm + np.where(night, 480.0, 0.0)).astype(np.int16),
            landlord=none.copy(), rent=np.zeros(n, np.int64), loan=np.zeros(n, np.int64),
            supporter=none.copy(), allowance=np.zeros(n, np.int64),
            burden=np.zeros(n, np.int64),
            abroad=none.copy(), contact_start=contact_start, contacts=contacts,
        )  # fmt: skip

    def children(self, starts: Indices) -> Bytes:
        """Children of school age in households of two adults and more, on the first member."""
        count = np.zeros(self.n, np.uint8)
        mean = self.p["people.children_mean"]
        drawn = kernels.poissons(self.key("children"), len(starts) - 1, mean)
        several = np.diff(starts) >= 2
        count[starts[:-1][several]] = np.minimum(drawn[several], 6)
        return count

    def employers(self, status: Bytes, businesses: Businesses) -> Indices:
        """The employer of each employed person; sizes of employers have a Pareto tail."""
        some = businesses.of(BusinessKind.EMPLOYER)
        size = kernels.paretos(
            self.key("sizes of employers"), len(some), 100.0, self.p["businesses.employer_shape"]
        )
        weight = np.minimum(size, 100.0 * len(some) / 10).astype(np.int64)
        reached = np.cumsum(weight)
        drawn = kernels.weighted(self.key("employers"), self.n, reached)
        employed = status == Status.EMPLOYED
        return np.where(employed, drawn + some.start, NONE).astype(np.int32)

    def paydays(self, status: Bytes, employer: Indices, businesses: Businesses) -> Bytes:
        day = (4 + self.units("pension day") * 20).astype(np.uint8)
        employed = status == Status.EMPLOYED
        return np.where(employed, businesses.payday[np.maximum(employer, 0)], day).astype(np.uint8)

    def activity(self, income: Ints) -> NDArray[np.float32]:
        """How much each person does, the better off more: for a few a Pareto tail, mean about 1."""
        spread = self.p["people.activity_spread"]
        usual = self.p["income.salary_median_kzt"] * TIYN
        power = self.p["people.activity_income_power"]
        drawn = kernels.lognormals(self.key("activity"), self.n, 1.0, spread)
        tail = self.units("busy") < self.p["people.activity_tail_share"]
        shape = self.p["people.activity_tail_shape"]
        busy = kernels.paretos(self.key("how busy"), self.n, 2.0, shape)
        drawn = np.where(tail, busy, drawn) * kernels.powers(income, usual, power)
        drawn = np.minimum(drawn, self.p["people.activity_most"])
        mean = int((drawn * 1_000_000).astype(np.int64).sum()) / (1_000_000 * self.n)
        return np.asarray(drawn / mean, np.float32)

    def contacts(self, starts: Indices, employer: Indices) -> tuple[Ints, Indices]:
        """Who knows whom: groups in which all know each other, household first."""
        groups = [
            (np.arange(self.n, dtype=np.int32), starts),
            self.kin(starts),
            self.teams(employer),
            self.circles(),
        ]
        degree = np.zeros(self.n, np.int64)
        for members, cut in groups:
            kernels.add_degrees(degree, members, cut)
        start = np.cumsum(degree) - degree
        end = start.copy()
        contacts = np.empty(int(degree.sum()), np.int32)
        for members, cut in groups:
            kernels.add_contacts(contacts, start, end, members, cut)
        packed: tuple[Ints, Indices] = kernels.compacted(contacts, start, end)
        return packed

    def kin(self, starts: Indices) -> tuple[Indices, Indices]:
        """Families of households, in a shuffled order of households."""
        households = self.shuffled("kin", np.arange(len(starts) - 1))
        most = max(1, round(1 + 2 * self.p["contacts.kin_households_mean"]) - 1)
        cut = kernels.cuts(self.key("families"), len(households), 1, most)
        joined: tuple[Indices, Indices] = kernels.households_joined(households, starts, cut)
        return joined

    def teams(self, employer: Indices) -> tuple[Indices, Indices]:
        """Colleagues: employees of an employer in a row, cut into teams."""
        employed = np.flatnonzero(employer != NONE).astype(np.int32)
        order = employed[np.argsort(employer[employed], kind="stable")]
        cut = kernels.team_cuts(employer[order], self.p.whole("contacts.team_size"))
        return order, cut

    def circles(self) -> tuple[Indices, Indices]:
        """Friends: everyone is in a few circles, some in many."""
        p = self.p.section("contacts")
        drawn = kernels.paretos(self.key("circles"), self.n, p["circles_least"], p["circles_shape"])
        count = np.minimum(drawn, p["circles_most"]).astype(np.int64)
        places = np.repeat(np.arange(self.n, dtype=np.int32), count)
        members = self.shuffled("friends", places)
        cut = kernels.cuts(
            self.key("sizes of circles"), len(members),
            p.whole("circle_size_least"), p.whole("circle_size_most"),
        )  # fmt: skip
        return members, cut

    def incomes(self, people: People, sellers: Indices) -> None:
        """Incomes by status; a trader's by how popular the trade is: the law of habits'
        ``usual_person``, whose density falls with the root of the rank.
        """
        n, status = self.n, people.status
        by_status = {
            Status.EMPLOYED: self.lognormals(
                "salary", n, "income.salary_median_kzt", "income.salary_spread"),
            Status.PENSIONER: self.lognormals(
                "pension", n, "income.pension_median_kzt", "income.pension_spread"),
            Status.STUDENT: np.full(n, self.p["income.scholarship_kzt"]),
            Status.BENEFIT: self.lognormals(
                "allowance", n, "income.benefit_median_kzt", "income.benefit_spread"),
        }  # fmt: skip
        income = np.full(n, self.p["income.home_kzt"])
        for one, drawn in by_status.items():
            income = np.where(status == one, drawn, income)
        rank = (np.arange(len(sellers)) + 0.5) / max(1, len(sellers))
        income[sellers] = self.p["income.seller_mean_kzt"] * 0.5 / np.sqrt(rank)
        people.income[:] = np.maximum(income, 20_000.0).astype(np.int64) * TIYN
        working = (people.age >= 1) & (people.age <= 4)
        repays = working & (self.units("loans") < self.p["people.loan_share"])
        part = self.p["income.loan_part"] * (0.4 + 1.2 * self.units("parts repaid"))
        people.loan[:] = np.where(repays, people.income * part, 0.0).astype(np.int64)

    def supporters(self, people: People, starts: Indices) -> None:
        """Who lives on the household, and what is given weekly; alone at home means on benefit."""
        earner = kernels.earners(people.household, people.income, starts)
        alone = (people.status == Status.HOME) & (earner == np.arange(self.n))
        people.status[alone] = Status.BENEFIT
        some = np.isin(people.status, (Status.STUDENT, Status.BENEFIT))
        some &= self.units("supported") < self.p["dues.allowance_share"]
        some = (some | (people.status == Status.HOME)) & (earner != np.arange(self.n))
        part = self.p["dues.allowance_part"] * (0.4 + 0.6 * self.units("parts given"))
        week = (people.income[earner] * part / 4.3 / 50_000).astype(np.int64) * 50_000
        people.supporter[:] = np.where(some, earner, NONE)
        people.allowance[:] = np.where(some, np.maximum(week, 100_000), 0)
        people.income[:] += (people.allowance * 4.3).astype(np.int64)
        at_home = people.status == Status.HOME
        people.income[at_home] = (people.allowance[at_home] * 4.3).astype(np.int64)

    def burdens(self, people: People, starts: Indices) -> None:
        """What each month is spoken for."""
        bills = self.p.whole("dues.utility_bills") * self.p["dues.utility_median_kzt"] * TIYN
        people.burden[:] = people.loan + people.rent
        people.burden[starts[:-1]] += int(bills * 1.3)
        given = kernels.sums(people.supporter, people.allowance, self.n)
        people.burden[:] += (given * 4.3).astype(np.int64)

    def rents(self, people: People, starts: Indices) -> Indices:
        """Tenants get a landlord and a rent; the landlords."""
        firsts = starts[:-1]
        income = people.income + np.roll(people.income, -1) * (
            people.household == np.roll(people.household, -1)
        )
        drawn = self.units("tenants", len(firsts))
        tenants = firsts[drawn < self.p["people.tenant_share"]]
        old = np.flatnonzero((people.age >= 2) & (people.status != Status.BENEFIT))
        landlords = self.shuffled("landlords", old)[: max(1, int(0.8 * len(tenants)))]
        picked = landlords[self.below("who lets", len(tenants), len(landlords))]
        part = 0.22 + 0.2 * self.units("rents", len(tenants))
        rent = np.maximum(income[tenants] * part, self.p["income.rent_least_kzt"] * TIYN)
        people.landlord[tenants] = np.where(picked == tenants, NONE, people.account[picked])
        rent = np.where(picked == tenants, 0.0, rent)
        people.rent[tenants] = (rent / 500_000).astype(np.int64) * 500_000  # whole 5,000 KZT
        return landlords

    def accounts(
        self, people: People, businesses: Businesses, at_bank: Bytes, abroad: int
    ) -> Accounts:
        """Main accounts, second accounts, businesses', abroad: in this order."""
        n, shares = self.n, self.p.numbers("banks.shares")
        seconds = np.flatnonzero(self.units("second") < self.p["banks.second_account_share"])
        people.second_account[seconds] = n + np.arange(len(seconds), dtype=np.int32)
        at_businesses = n + len(seconds)
        m = len(businesses)
        businesses.account[:] = at_businesses + np.arange(m, dtype=np.int32)
        kinds = np.full(len(BusinessKind), AccountKind.BUSINESS, np.uint8)
        for kind in ("ATM", "BANK", "CRYPTO", "GOVERNMENT"):
            kinds[BusinessKind[kind]] = AccountKind[kind]
        bank = self.picks("bank", shares)
        other = self.picks("second bank", shares, len(seconds))
        other = np.where(other == bank[seconds], (other + 1) % self.p.whole("banks.count"), other)
        private = np.concatenate([np.arange(n), seconds])
        total = at_businesses + m + abroad
        mean_ms = "people.account_age_mean_days"
        receives = np.isin(people.status, (Status.PENSIONER, Status.STUDENT, Status.BENEFIT))
        protected = np.zeros(total, np.uint8)
        protected[:n] = receives
        return Accounts(
            total,
            **with_room({
                "kind": np.concatenate([
                    np.full(at_businesses, AccountKind.PERSON), kinds[businesses.kind],
                    np.full(abroad, AccountKind.ABROAD),
                ]).astype(np.uint8),
                "owner": np.concatenate(
                    [private, np.arange(m), np.full(abroad, NONE)]).astype(np.int32),
                "bank": np.concatenate(
                    [bank, other, at_bank, np.full(abroad, NO_BANK)]).astype(np.uint8),
                "opened_ms": self.ages_ms("accounts", total, mean_ms),
                "number": np.concatenate([
                    private, self.first_business_number() + np.arange(m),
                    np.full(abroad, NONE),
                ]).astype(np.int32),
                "balance": self.balances(people, seconds, businesses, abroad),
                "protected": protected,
            }),
        )  # fmt: skip

    def balances(self, people: People, seconds: Ints, businesses: Businesses, abroad: int) -> Ints:
        """Opening balances, tiyn."""
        months = kernels.lognormals(
            self.key("balances"), self.n + len(seconds),
            self.p["people.balance_months_median"], self.p["people.balance_months_spread"],
        )  # fmt: skip
        income = np.concatenate([people.income, people.income[seconds]])
        private = (income * np.minimum(months, 60.0)).astype(np.int64)
        rich = np.full(len(businesses), _RICH // 100, np.int64)
        employers = businesses.of(BusinessKind.EMPLOYER)
        payroll = kernels.sums(
            people.employer, people.income, len(employers)
        )  # employers are the first businesses
        rich[employers.start : employers.stop] = payroll * 14 + _RICH // 100_000
        state = np.isin(
            businesses.kind, (BusinessKind.BANK, BusinessKind.GOVERNMENT, BusinessKind.ATM)
        )
        rich[state] = _RICH
        return np.concatenate([private, rich, np.full(abroad, _RICH // 100, np.int64)])

    def first_business_number(self) -> int:
        """Numbers of people come first; this is how many."""
        return self.n + int(self.second_numbers().sum())

    def second_numbers(self) -> Bools:
        return np.asarray(self.units("two numbers") < self.p["operators.second_number_share"])

    def numbers(self, people: People, businesses: Businesses, abroad: int) -> Numbers:
        """First numbers, second numbers, businesses', abroad: in this order."""
        seconds = np.flatnonzero(self.second_numbers())
        people.second_number[seconds] = self.n + np.arange(len(seconds), dtype=np.int32)
        private = self.n + len(seconds)
        m = len(businesses)
        businesses.number[:] = private + np.arange(m, dtype=np.int32)
        total = private + m + abroad
        operator = self.picks("operator", self.p.numbers("operators.shares"), total)
        operator[total - abroad :] = NO_BANK
        kinds = (NumberKind.PERSON, NumberKind.BUSINESS, NumberKind.ABROAD)
        return Numbers(
            total,
            **with_room({
                "kind": np.repeat(np.array(kinds, np.uint8), (private, m, abroad)),
                "owner": np.concatenate([
                    np.arange(self.n), seconds, np.arange(m), np.full(abroad, NONE),
                ]).astype(np.int32),
                "operator": operator,
                "activated_ms": self.ages_ms("numbers", total, "operators.number_age_mean_days"),
            }),
        )  # fmt: skip

    def abroad(self, people: People, first: int, count: int) -> None:
        """Some have relatives abroad, who have an account there."""
        some = np.flatnonzero(self.units("abroad") < self.p["contacts.abroad_share"])
        people.abroad[some] = first + self.below("relatives abroad", len(some), count)

    def some(self, word: str, per_10_000: str) -> Indices:
        """A few people, at random."""
        count = max(3, int(self.n * self.p[per_10_000] / 10_000))
        return self.shuffled(word, np.arange(self.n))[:count]

    def shuffled(self, word: str, some: NDArray[np.signedinteger]) -> Indices:
        """The same in another order."""
        order = np.argsort(kernels.bits(self.key(word), len(some)), kind="stable")
        return some[order].astype(np.int32)
