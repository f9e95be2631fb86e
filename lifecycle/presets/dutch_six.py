"""The six phases of a Dutch guide: awareness, engagement, evaluation, purchase, after purchase, advocacy and retention."""

from lifecycle.models.stage import Kind
from lifecycle.presets import signs
from lifecycle.presets.churned import CHURNED
from lifecycle.presets.shape import PresetModel, PresetStage
from lifecycle.presets.signs import labels

DUTCH_SIX = PresetModel(
    slug="dutch-six",
    language="nl",
    labels=labels(
        "Six stages: Awareness to Advocacy and retention",
        "Seks faser: fra Kendskab til Fortalervirksomhed og fastholdelse",
        "Sex faser: från Medvetenhet till Förespråkande och kunderhåll",
        "Zes fasen: van Bewustwording tot Belangenbehartiging en retentie",
        "Sechs Phasen: von Bewusstsein bis Fürsprache und Bindung",
        original="Bewustwording, Betrokkenheid, Evaluatie, Aankoop, Ervaring en ondersteuning na aankoop,"
        " Belangenbehartiging en retentie",
    ),
    description=labels(
        "Follows a Dutch guide that gives comparing before a purchase and care after it a stage of their own; its last"
        " stage has two aims. Churned is added by us.",
        "Følger en hollandsk guide, hvor både overvejelsen før købet og plejen efter det har deres egen fase; den sidste"
        " fase har to mål. Tabt er vores tilføjelse.",
        "Följer en nederländsk guide där både jämförelsen före köpet och omvårdnaden efter det har egna faser; den sista"
        " fasen har två mål. Förlorad är vårt tillägg.",
        "Volgt een Nederlandse gids waarin het vergelijken vóór de aankoop en de zorg erna elk een eigen fase hebben; de"
        " laatste fase heeft twee doelen. Vertrokken hebben wij toegevoegd.",
        "Folgt einem niederländischen Leitfaden, der dem Vergleichen vor dem Kauf und der Betreuung danach eine eigene"
        " Phase gibt; die letzte Phase hat zwei Ziele. Abgewandert haben wir ergänzt.",
    ),
    credit=labels(
        "Stages as a Dutch guide names them; it also refers to Matt Cutler and Jim Sterne, who wrote on e-metrics.",
        "Faserne hedder som i en hollandsk guide; den henviser også til Matt Cutler og Jim Sterne, som skrev om e-metrics.",
        "Faserna heter som i en nederländsk guide; den hänvisar även till Matt Cutler och Jim Sterne, som skrev om e-metrics.",
        "Fasen zoals een Nederlandse gids ze noemt; die verwijst ook naar Matt Cutler en Jim Sterne, die over e-metrics schreven.",
        "Die Phasen heißen wie in einem niederländischen Leitfaden; er verweist auch auf Matt Cutler und Jim Sterne, die"
        " über E-Metrics schrieben.",
    ),
    stages=(
        PresetStage(
            "awareness",
            labels("Awareness", "Kendskab", "Medvetenhet", "Bewustwording", "Bewusstsein", original="Bewustwording"),
            Kind.AWARE, (Kind.UNAWARE,), icon="eye", is_initial=True,
        ),
        PresetStage(
            "engagement",
            labels("Engagement", "Engagement", "Engagemang", "Betrokkenheid", "Interaktion", original="Betrokkenheid"),
            Kind.ENGAGED, icon="sparkles",
        ),
        PresetStage(
            "evaluation",
            labels("Evaluation", "Evaluering", "Utvärdering", "Evaluatie", "Bewertung", original="Evaluatie"),
            Kind.EVALUATING, (Kind.QUALIFIED,), icon="scale",
        ),
        PresetStage(
            "purchase",
            labels("Purchase", "Køb", "Köp", "Aankoop", "Kauf", original="Aankoop"),
            Kind.BUYING, (Kind.WON_BACK,), icon="handshake",
        ),
        PresetStage(
            "after-purchase",
            labels(
                "Experience and support after purchase",
                "Oplevelse og support efter købet",
                "Upplevelse och stöd efter köpet",
                "Ervaring en ondersteuning na aankoop",
                "Erlebnis und Betreuung nach dem Kauf",
                original="Ervaring en ondersteuning na aankoop",
            ),
            Kind.ACTIVE, (Kind.ONBOARDING,), icon="life-buoy",
        ),
        PresetStage(
            "advocacy-retention",
            labels(
                "Advocacy and retention",
                "Fortalervirksomhed og fastholdelse",
                "Förespråkande och kunderhåll",
                "Belangenbehartiging en retentie",
                "Fürsprache und Bindung",
                original="Belangenbehartiging en retentie",
            ),
            Kind.LOYAL, (Kind.ADVOCATE, Kind.RENEWING, Kind.EXPANDING), icon="heart",
        ),
        CHURNED,
    ),
    rules=(
        signs.buys_and_speaks("advocacy-retention"),
        signs.loyal("advocacy-retention"),
        signs.lapsed("churned"),
        signs.first_purchase("purchase"),
        signs.still_buys("after-purchase"),
        signs.tries("evaluation"),
        signs.shows_interest("engagement"),
        signs.gone_cold("awareness", model="dutch-six", among=("engagement", "evaluation")),
    ),
)  # fmt: skip
