"""The five phases of a German guide, which names the third one in two ways: conversion, and development.

One meaning, two presets: a company takes the list whose words it uses, and the kinds of the stages tell that they
are the same.
"""

from lifecycle.models.labels import Labels
from lifecycle.models.stage import Kind
from lifecycle.presets import signs
from lifecycle.presets.churned import CHURNED
from lifecycle.presets.shape import PresetModel, PresetRule, PresetStage
from lifecycle.presets.signs import labels

_CREDIT = labels(
    "Stages as a German guide names them. The list goes back to the e-metrics of Matt Cutler and Jim Sterne: reach,"
    " acquisition, conversion, retention, loyalty.",
    "Faserne hedder som i en tysk guide. Listen går tilbage til Matt Cutler og Jim Sternes e-metrics: reach,"
    " acquisition, conversion, retention, loyalty.",
    "Faserna heter som i en tysk guide. Listan går tillbaka till Matt Cutlers och Jim Sternes e-metrics: reach,"
    " acquisition, conversion, retention, loyalty.",
    "Fasen zoals een Duitse gids ze noemt. De lijst gaat terug op de e-metrics van Matt Cutler en Jim Sterne: reach,"
    " acquisition, conversion, retention, loyalty.",
    "Die Phasen heißen wie in einem deutschen Leitfaden. Die Liste geht auf die E-Metrics von Matt Cutler und Jim"
    " Sterne zurück: Reach, Acquisition, Conversion, Retention, Loyalty.",
)


def _stages(acquisition: Labels, third: PresetStage, retention: Labels) -> tuple[PresetStage, ...]:
    return (
        PresetStage(
            "reach",
            labels("Reach", "Rækkevidde", "Räckvidd", "Bereik", "Reichweite", original="Reichweite"),
            Kind.AWARE,
            (Kind.UNAWARE,),
            icon="radio-tower",
            is_initial=True,
        ),
        PresetStage(
            "acquisition",
            acquisition,
            Kind.ENGAGED,
            (Kind.QUALIFIED, Kind.EVALUATING),
            icon="magnet",
        ),
        third,
        PresetStage("retention", retention, Kind.ACTIVE, (Kind.RENEWING,), icon="repeat"),
        PresetStage(
            "loyalty",
            labels("Loyalty", "Loyalitet", "Lojalitet", "Loyaliteit", "Loyalität", original="Loyalität"),
            Kind.LOYAL,
            (Kind.ADVOCATE, Kind.EXPANDING),
            icon="heart",
        ),
        CHURNED,
    )


def _rules(model: str, third: str) -> tuple[PresetRule, ...]:
    return (
        signs.buys_and_speaks("loyalty"),
        signs.loyal("loyalty"),
        signs.lapsed("churned"),
        signs.first_purchase(third),
        signs.still_buys("retention"),
        signs.in_touch("acquisition"),
        signs.gone_cold("reach", model=model, among=("acquisition",)),
    )


def _named(original: str) -> Labels:
    return labels("Retention", "Fastholdelse", "Kunderhåll", "Behoud", "Bindung", original=original)


GERMAN_FIVE = PresetModel(
    slug="german-five",
    language="de",
    labels=labels(
        "Five stages: Reach to Loyalty, with Conversion",
        "Fem faser: fra Rækkevidde til Loyalitet, med Konvertering",
        "Fem faser: från Räckvidd till Lojalitet, med Konvertering",
        "Vijf fasen: van Bereik tot Loyaliteit, met Conversie",
        "Fünf Phasen: von Reichweite bis Loyalität, mit Konvertierung",
        original="Reichweite, Akquisition, Konvertierung, Aufbewahrung, Loyalität",
    ),
    description=labels(
        "Follows the second list of a German guide, in which buying for the first time is called conversion. Churned is"
        " added by us.",
        "Følger den anden liste i en tysk guide, hvor det første køb hedder konvertering. Tabt er vores tilføjelse.",
        "Följer den andra listan i en tysk guide, där det första köpet kallas konvertering. Förlorad är vårt tillägg.",
        "Volgt de tweede lijst van een Duitse gids, waarin de eerste aankoop conversie heet. Vertrokken hebben wij"
        " toegevoegd.",
        "Folgt der zweiten Liste eines deutschen Leitfadens, in der der erste Kauf Konvertierung heißt. Abgewandert"
        " haben wir ergänzt.",
    ),
    credit=_CREDIT,
    stages=_stages(
        labels("Acquisition", "Akkvisition", "Förvärv", "Acquisitie", "Akquisition", original="Akquisition"),
        PresetStage(
            "conversion",
            labels(
                "Conversion",
                "Konvertering",
                "Konvertering",
                "Conversie",
                "Konvertierung",
                original="Konvertierung",
            ),
            Kind.BUYING,
            (Kind.ONBOARDING, Kind.WON_BACK),
            icon="handshake",
        ),
        _named("Aufbewahrung"),
    ),
    rules=_rules("german-five", "conversion"),
)

GERMAN_FIVE_DEVELOPMENT = PresetModel(
    slug="german-five-development",
    language="de",
    labels=labels(
        "Five stages: Reach to Loyalty, with Development",
        "Fem faser: fra Rækkevidde til Loyalitet, med Udvikling",
        "Fem faser: från Räckvidd till Lojalitet, med Utveckling",
        "Vijf fasen: van Bereik tot Loyaliteit, met Ontwikkeling",
        "Fünf Phasen: von Reichweite bis Loyalität, mit Entwicklung",
        original="Reichweite, Erwerb, Entwicklung, Bindung, Loyalität",
    ),
    description=labels(
        "Follows the first list of the same German guide, in which the third stage is called development; it means what"
        " the second list calls conversion. Churned is added by us.",
        "Følger den første liste i den samme tyske guide, hvor tredje fase hedder udvikling; den betyder det, som den"
        " anden liste kalder konvertering. Tabt er vores tilføjelse.",
        "Följer den första listan i samma tyska guide, där den tredje fasen heter utveckling; den betyder det som den"
        " andra listan kallar konvertering. Förlorad är vårt tillägg.",
        "Volgt de eerste lijst van dezelfde Duitse gids, waarin de derde fase ontwikkeling heet; die betekent wat de"
        " tweede lijst conversie noemt. Vertrokken hebben wij toegevoegd.",
        "Folgt der ersten Liste desselben deutschen Leitfadens, in der die dritte Phase Entwicklung heißt; sie meint,"
        " was die zweite Liste Konvertierung nennt. Abgewandert haben wir ergänzt.",
    ),
    credit=_CREDIT,
    stages=_stages(
        labels("Acquisition", "Akkvisition", "Förvärv", "Acquisitie", "Erwerb", original="Erwerb"),
        PresetStage(
            "development",
            labels(
                "Development",
                "Udvikling",
                "Utveckling",
                "Ontwikkeling",
                "Entwicklung",
                original="Entwicklung",
            ),
            Kind.BUYING,
            (Kind.ONBOARDING, Kind.WON_BACK),
            icon="sprout",
        ),
        _named("Bindung"),
    ),
    rules=_rules("german-five-development", "development"),
)
