"""The six phases of a short Danish guide, which end in repurchase: a loop, since customers go back to retention after it."""

from lifecycle.models.stage import Kind
from lifecycle.presets import signs
from lifecycle.presets.churned import CHURNED
from lifecycle.presets.shape import PresetModel, PresetStage
from lifecycle.presets.signs import labels

DANISH_SIX = PresetModel(
    slug="danish-six",
    language="da",
    labels=labels(
        "Six stages: Attention to Repurchase",
        "Seks faser: fra Opmærksomhed til Genkøb",
        "Sex faser: från Uppmärksamhet till Återköp",
        "Zes fasen: van Aandacht tot Herhaalaankoop",
        "Sechs Phasen: von Aufmerksamkeit bis Wiederkauf",
        original="Opmærksomhed, Interesse, Overvejelse, Køb, Fastholdelse, Genkøb",
    ),
    description=labels(
        "Follows a short Danish guide in which repurchase is a loop: after each new purchase customers go back to"
        " retention, until they buy again. Churned is added by us.",
        "Følger en kort dansk guide, hvor genkøb er et kredsløb: efter hvert nyt køb går kunderne tilbage til"
        " fastholdelse, indtil de køber igen. Tabt er vores tilføjelse.",
        "Följer en kort dansk guide där återköp är ett kretslopp: efter varje nytt köp går kunderna tillbaka till"
        " bevarande, tills de köper igen. Förlorad är vårt tillägg.",
        "Volgt een korte Deense gids waarin herhaalaankoop een kringloop is: na elke nieuwe aankoop gaan klanten terug"
        " naar behoud, tot ze weer kopen. Vertrokken hebben wij toegevoegd.",
        "Folgt einem kurzen dänischen Leitfaden, in dem der Wiederkauf ein Kreislauf ist: Nach jedem neuen Kauf kehren"
        " Kunden zur Bindung zurück, bis sie wieder kaufen. Abgewandert haben wir ergänzt.",
    ),
    credit=labels(
        "Stages as a short Danish guide to the customer journey names them.",
        "Faserne hedder som i en kort dansk guide til kunderejsen.",
        "Faserna heter som i en kort dansk guide till kundresan.",
        "Fasen zoals een korte Deense gids over de klantreis ze noemt.",
        "Die Phasen heißen wie in einem kurzen dänischen Leitfaden zur Kundenreise.",
    ),
    stages=(
        PresetStage(
            "attention",
            labels("Attention", "Opmærksomhed", "Uppmärksamhet", "Aandacht", "Aufmerksamkeit", original="Opmærksomhed"),
            Kind.AWARE, (Kind.UNAWARE,), icon="eye", is_initial=True,
        ),
        PresetStage(
            "interest",
            labels("Interest", "Interesse", "Intresse", "Interesse", "Interesse", original="Interesse"),
            Kind.ENGAGED, icon="sparkles",
        ),
        PresetStage(
            "consideration",
            labels("Consideration", "Overvejelse", "Övervägande", "Overweging", "Erwägung", original="Overvejelse"),
            Kind.EVALUATING, (Kind.QUALIFIED,), icon="scale",
        ),
        PresetStage(
            "purchase",
            labels("Purchase", "Køb", "Köp", "Aankoop", "Kauf", original="Køb"),
            Kind.BUYING, (Kind.ONBOARDING, Kind.WON_BACK), icon="handshake",
        ),
        PresetStage(
            "retention",
            labels("Retention", "Fastholdelse", "Bevarande", "Behoud", "Bindung", original="Fastholdelse"),
            Kind.ACTIVE, icon="anchor",
        ),
        PresetStage(
            "repurchase",
            labels("Repurchase", "Genkøb", "Återköp", "Herhaalaankoop", "Wiederkauf", original="Genkøb"),
            Kind.RENEWING, (Kind.LOYAL, Kind.EXPANDING), icon="repeat",
        ),
        CHURNED,
    ),
    rules=(
        signs.purchase_again("repurchase"),
        signs.lapsed("churned"),
        signs.first_purchase("purchase"),
        signs.still_buys("retention"),
        signs.tries("consideration"),
        signs.shows_interest("interest"),
        signs.gone_cold("attention", model="danish-six", among=("interest", "consideration")),
    ),
)  # fmt: skip
