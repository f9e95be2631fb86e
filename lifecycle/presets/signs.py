"""What the presets read from facts: the tests that their rules are made of, and how the rules are called.

All presets use the same days and counts, so that a customer who is loyal in one is loyal in the others.
"""

from typing import Any

from lifecycle.models.labels import Labels
from lifecycle.presets.shape import PresetRule

Tree = dict[str, Any]


def test(condition: str, **parameters: Any) -> Tree:
    return {"condition": condition, "parameters": parameters}


def did(*names: str, within_days: int, **parameters: Any) -> Tree:
    return test("event", names=list(names), within_days=within_days, **parameters)


def labels(en: str, da: str, sv: str, nl: str, de: str, *, original: str = "") -> Labels:
    named = {"en": en, "da": da, "sv": sv, "nl": nl, "de": de}
    return named | {"original": original} if original else named


LOYAL: Tree = {
    "all": [test("purchase_days", at_least=3, within_days=365), test("purchased_within", days=180)]
}
SPEAKS: Tree = {
    "any": [
        did("referral.made", "review.posted", within_days=365),
        test("nps_score", at_least=9, within_days=365),
    ]
}
ENGAGED: Tree = {
    "any": [
        did("email.clicked", "form.submitted", "webinar.attended", "trial.started", within_days=90),
        did("page.viewed", at_least=2, within_days=90),
    ]
}
TRIES = did(
    "demo.booked", "demo.held", "trial.started", "sample.requested", "quote.requested", within_days=90
)
IN_TOUCH: Tree = {
    "any": [
        test("lead", opened_within_days=90),
        did(
            "lead.created",
            "form.submitted",
            "newsletter.subscribed",
            "chat.started",
            "call.made",
            within_days=90,
        ),
        ENGAGED,
    ]
}
QUALIFIED: Tree = {"any": [test("lead_qualified", within_days=180), did("lead.qualified", within_days=180)]}
STARTING = did("account.created", "trial.started", "onboarding.started", within_days=30)
STILL_BUYS = test("purchased_within", days=180)
LAPSED = test("lapsed", days=180)
FIRST_PURCHASE: Tree = {
    "all": [test("purchase_days", at_least=1, at_most=1), test("purchased_within", days=30)]
}
PURCHASE_AGAIN: Tree = {"all": [test("purchase_days", at_least=2), test("purchased_within", days=30)]}


def loyal_and_speaks(stage: str) -> PresetRule:
    name = labels(
        "Loyal, and speaks for us",
        "Loyal og anbefaler os",
        "Lojal och talar väl om oss",
        "Loyaal en beveelt ons aan",
        "Treu und empfiehlt uns weiter",
    )
    return PresetRule(stage, name, {"all": [LOYAL, SPEAKS]})


def buys_and_speaks(stage: str) -> PresetRule:
    name = labels(
        "Buys, and speaks for us",
        "Køber og anbefaler os",
        "Köper och talar väl om oss",
        "Koopt en beveelt ons aan",
        "Kauft und empfiehlt uns weiter",
    )
    return PresetRule(stage, name, {"all": [STILL_BUYS, SPEAKS]})


def loyal(stage: str) -> PresetRule:
    name = labels(
        "Buys again and again",
        "Køber igen og igen",
        "Köper om och om igen",
        "Koopt keer op keer",
        "Kauft immer wieder",
    )
    return PresetRule(stage, name, LOYAL)


def lapsed(stage: str) -> PresetRule:
    name = labels(
        "Has stopped buying",
        "Er holdt op med at købe",
        "Har slutat köpa",
        "Koopt niet meer",
        "Kauft nicht mehr",
    )
    return PresetRule(stage, name, LAPSED)


def first_purchase(stage: str) -> PresetRule:
    name = labels(
        "Has just bought for the first time",
        "Har lige købt for første gang",
        "Har precis köpt för första gången",
        "Heeft net voor het eerst gekocht",
        "Hat gerade zum ersten Mal gekauft",
    )
    return PresetRule(stage, name, FIRST_PURCHASE)


def purchase_again(stage: str) -> PresetRule:
    name = labels(
        "Has just bought again",
        "Har lige købt igen",
        "Har precis köpt igen",
        "Heeft net opnieuw gekocht",
        "Hat gerade wieder gekauft",
    )
    return PresetRule(stage, name, PURCHASE_AGAIN)


def still_buys(stage: str) -> PresetRule:
    name = labels("Still buys", "Køber stadig", "Köper fortfarande", "Koopt nog steeds", "Kauft weiterhin")
    return PresetRule(stage, name, STILL_BUYS)


def shows_interest(stage: str) -> PresetRule:
    name = labels("Shows interest", "Viser interesse", "Visar intresse", "Toont interesse", "Zeigt Interesse")
    return PresetRule(stage, name, ENGAGED)


def tries(stage: str) -> PresetRule:
    name = labels(
        "Tries out and compares",
        "Prøver og sammenligner",
        "Provar och jämför",
        "Probeert en vergelijkt",
        "Probiert aus und vergleicht",
    )
    return PresetRule(stage, name, TRIES)


def in_touch(stage: str) -> PresetRule:
    name = labels(
        "Has got in touch",
        "Har taget kontakt",
        "Har tagit kontakt",
        "Heeft contact gezocht",
        "Hat Kontakt aufgenommen",
    )
    return PresetRule(stage, name, IN_TOUCH)


def qualified(stage: str) -> PresetRule:
    name = labels(
        "Found worth pursuing",
        "Vurderet som et godt emne",
        "Bedömd som värd att följa upp",
        "Beoordeeld als kansrijk",
        "Als aussichtsreich eingestuft",
    )
    return PresetRule(stage, name, QUALIFIED)


def starting(stage: str) -> PresetRule:
    name = labels(
        "Is getting started",
        "Er ved at komme i gang",
        "Håller på att komma igång",
        "Gaat net van start",
        "Macht die ersten Schritte",
    )
    return PresetRule(stage, name, STARTING)


def gone_cold(stage: str, *, model: str, among: tuple[str, ...]) -> PresetRule:
    """Back to `stage` after 90 days without a sign. The last of the rules: who shows one or has ever bought is decided before."""
    name = labels(
        "Interest has gone cold",
        "Interessen er kølnet",
        "Intresset har svalnat",
        "De interesse is bekoeld",
        "Das Interesse ist abgekühlt",
    )
    return PresetRule(stage, name, test("in_stage", model=model, stages=list(among), for_days=90))
