"""Why an act is not taken: exactly named values, in a fixed order of precedence.

Where several would apply, the one that stands first here is the answer; a test holds the domain to
that order. Nothing of what was refused is kept.
"""

from __future__ import annotations

from enum import Enum


class Refusal(Enum):
    """A name, and a sentence for whoever asked."""

    NO_LAW_IN_FORCE = "no law is in force: the first entry must put one there"
    TIME_RUNS_BACK = "the act is older than what has been done already"
    NOT_FOR_THIS_ROLE = "nobody in this role may do this"
    NAMES_SOMEBODY = "free text names no account and no number: name the case or the report"
    NEEDS_A_SECOND_PERSON = "one person alone cannot do this: ask for a second one"

    NO_LAW_ON_NUMBERS = "the law file has no [numbers]: nobody is asked about one"

    REPORT_NOT_FOUND = "there is no such report"
    HOLD_NOT_FOUND = "there is no such hold"
    RECALL_NOT_FOUND = "there is no such recall"
    CASE_NOT_FOUND = "there is no such case"
    LISTING_NOT_FOUND = "there is no such listing"
    APPEAL_NOT_FOUND = "there is no such appeal"
    SUSPENSION_NOT_FOUND = "there is no such suspension"
    REQUEST_NOT_FOUND = "there is no such request"
    REFERENCE_NOT_FOUND = "nothing is known by this reference"

    ALREADY_TAKEN_IN = "this has been taken in already"
    NOT_ON_THE_RECALL = "this hold is not one that the recall asks for"
    ANOTHER_PARTICIPANTS = "this concerns another participant's customer"
    SAME_PERSON = "it must be another person than those who have had a hand in it"
    CONTENT_HAS_CHANGED = "what would be done is not what was looked at: read it again"
    ANOTHERS_REQUEST = "only who asked can ask for something else"
    REQUEST_IS_OVER = "the request was decided, or has lapsed"
    ROLE_NOT_NEEDED = "this request waits for nobody in this role"

    REPORT_IS_OVER = "the report was withdrawn, or found to be no fraud"
    REPORT_NOT_ATTESTED = "the victim's bank does not stand for the report"
    PAYEE_IS_KNOWN = "the report names the account: its bank can name no other"
    COMPLAINTS_WAIT = "as many complaints as can be wait for their banks: call your bank yourself"
    PAYMENT_TOO_OLD = "the payment is older than the law lets one recall"
    OTHER_CURRENCY = "amounts of another currency do not go together"

    HOLD_IS_OVER = "the hold has ended"
    ALREADY_ANSWERED = "this has been answered already"
    ALREADY_CONFIRMED = "an officer has confirmed this already"
    NOT_CONFIRMED = "no officer has confirmed this yet"
    NOT_ITS_END_YET = "its end has not come yet"
    NOTHING_TO_HOLD = "no account is named"
    OWN_ACCOUNT = "the victim's own account is not held"
    HELD_BEFORE = "money of this payment has been held at this account before: it is not held twice"
    REFERENCE_IN_USE = "this reference is another one's: draw a new one"
    MORE_THAN_DISPUTED = "more than is disputed"
    SHORT_WITHOUT_REASON = "less was held than was asked for, and no reason is given"
    NOT_LATER = "the new end is not later than the one it has"
    PAST_THE_LAW = "the law does not let it last so long"

    RECALL_EXISTS = "this report has its recall already"
    RECALL_IS_OVER = "the recall is over"
    WRONG_STEP = "the recall is at another step"
    HOLD_NOT_ANSWERED = "the hold order comes first: say what you could hold"
    NOTHING_HELD = "nothing is held that could be asked for"
    NOTICE_MISSING = "the law wants the authority's notice to be named"
    APPEAL_IS_OPEN = "an appeal is open: nothing goes back before it is ruled on"
    RECEIVER_NOT_HEARD = "who is held can still answer"

    CASE_IS_OVER = "the case is closed, or part of another"
    CASE_IS_OPEN = "the case is not closed yet"
    CHECKED_ALREADY = "somebody has looked at this case again already"
    NOT_TAKEN = "take it first"
    HELD_BY_ANOTHER = "somebody else has this now"
    ESCALATED_ALREADY = "somebody higher has been asked to look already"
    TOO_LONG = "longer than the law file lets it be"
    SAME_CASE = "a case cannot be merged with itself"
    OF_ANOTHER_KIND = "a case about numbers does not go together with one about accounts"
    SUBJECTS_NOT_SPLIT = "some, but not all, of the case's subjects can be split off"
    FULL = "the case holds as much as one can"
    ONLY_A_QUESTION = "nothing in this case is confirmed: resemblance alone is no fraud"
    NOT_CLOSED_AS_FRAUD = "the case is not closed as fraud"
    NOT_NAMED = "nothing open names this party"

    ONLY_TIED = "the number is only tied to others: close their case as fraud first"
    NOT_OUR_NUMBER = "the number is another operator's: it can be listed, not suspended"
    SUSPENDED_BEFORE = "the number is suspended, or was for this case: not twice"
    SUSPENSION_IS_OVER = "the suspension has ended"

    LISTED_ALREADY = "this party is listed already"
    LISTING_IS_OVER = "the listing has ended"

    APPEALED_ALREADY = "this was appealed already"
    APPEAL_IS_OVER = "the appeal has been ruled on"
    NOTHING_ERRED = "an appeal that is upheld names what erred"

    SAME_POLICY = "two people have put this policy in force already"
    SAME_LAW = "this law is in force already"
    LAW_DOES_NOT_COMPILE = "the law file has errors"
