"""The twelve components of a Danish guide: eight stages, and four activities that run beside them.

Support, upselling, feedback and renewal go on at the same time: as stages they would have customers hop between
them without meaning.
"""

from lifecycle.models.stage import Kind
from lifecycle.presets import signs
from lifecycle.presets.shape import PresetComponent, PresetModel, PresetStage
from lifecycle.presets.signs import did, labels, test

_STAGES = (
    PresetStage(
        "lead-generation",
        labels("Lead generation", "Leadgenerering", "Leadgenerering", "Leadgeneratie", "Leadgenerierung", original="Leadgenerering"),
        Kind.AWARE, (Kind.UNAWARE,), icon="magnet", is_initial=True,
    ),
    PresetStage(
        "qualification",
        labels("Qualification", "Kvalificering", "Kvalificering", "Kwalificatie", "Qualifizierung", original="Leadkvalificering"),
        Kind.QUALIFIED, (Kind.EVALUATING,), icon="badge-check",
    ),
    PresetStage(
        "onboarding",
        labels("Onboarding", "Onboarding", "Onboarding", "Onboarding", "Onboarding", original="Onboarding"),
        Kind.ONBOARDING, icon="rocket",
    ),
    PresetStage(
        "engagement",
        labels("Engagement", "Engagement", "Engagemang", "Betrokkenheid", "Interaktion", original="Engagement"),
        Kind.ENGAGED, icon="sparkles",
    ),
    PresetStage(
        "sale",
        labels("Sale", "Salg", "Försäljning", "Verkoop", "Verkauf", original="Salg"),
        Kind.BUYING, (Kind.ACTIVE, Kind.WON_BACK), icon="handshake",
    ),
    PresetStage(
        "loyalty",
        labels("Loyalty", "Loyalitet", "Lojalitet", "Loyaliteit", "Loyalität", original="Kundeloyalitet"),
        Kind.LOYAL, icon="heart",
    ),
    PresetStage(
        "ambassador",
        labels("Ambassador", "Ambassadør", "Ambassadör", "Ambassadeur", "Botschafter", original="Kundeambassadør"),
        Kind.ADVOCATE, icon="megaphone",
    ),
    PresetStage(
        "churn",
        labels("Churn", "Churn", "Kundbortfall", "Klantverloop", "Abwanderung", original="Churn Management"),
        Kind.CHURNED, (Kind.AT_RISK,), icon="circle-off",
    ),
)  # fmt: skip

_COMPONENTS = (
    PresetComponent(
        "support",
        labels(
            "Support",
            "Kundesupport",
            "Kundsupport",
            "Klantenservice",
            "Kundenservice",
            original="Kundesupport",
        ),
        did("ticket.opened", "complaint.made", within_days=14),
    ),
    PresetComponent(
        "upsell",
        labels(
            "Upsell and cross-sell",
            "Mersalg og krydssalg",
            "Merförsäljning och korsförsäljning",
            "Upselling en cross-selling",
            "Upselling und Cross-Selling",
            original="Upselling og cross-selling",
        ),
        {
            "all": [
                signs.STILL_BUYS,
                {
                    "any": [
                        test("open_lead"),
                        did("lead.created", "quote.requested", "cart.abandoned", within_days=30),
                        did("page.viewed", at_least=3, within_days=30),
                    ]
                },
            ]
        },
    ),
    PresetComponent(
        "feedback",
        labels("Feedback", "Feedback", "Feedback", "Feedback", "Feedback", original="Kundefeedback"),
        {
            "any": [
                signs.test("nps_score", within_days=30),
                did("survey.answered", "review.posted", within_days=30),
            ]
        },
    ),
    PresetComponent(
        "renewal",
        labels("Renewal", "Fornyelse", "Förnyelse", "Verlenging", "Verlängerung", original="Kundefornyelse"),
        {
            "any": [
                did("renewal.due", within_days=30),
                {"all": [test("lapsed", days=120), signs.STILL_BUYS]},
            ]
        },
    ),
)

DANISH_TWELVE = PresetModel(
    slug="danish-twelve",
    language="da",
    labels=labels(
        "Twelve components: Lead generation to Churn",
        "Tolv komponenter: fra Leadgenerering til Churn",
        "Tolv komponenter: från Leadgenerering till Kundbortfall",
        "Twaalf onderdelen: van Leadgeneratie tot Klantverloop",
        "Zwölf Bausteine: von Leadgenerierung bis Abwanderung",
        original="Leadgenerering, Leadkvalificering, Onboarding, Engagement, Salg, Kundesupport, Kundeloyalitet,"
        " Upselling og cross-selling, Kundefeedback, Kundefornyelse, Kundeambassadør, Churn Management",
    ),
    description=labels(
        "Follows a Danish guide of twelve components. Eight are stages that customers go through; support, upsell and"
        " cross-sell, feedback and renewal run beside them.",
        "Følger en dansk guide med tolv komponenter. Otte er faser, som kunderne går igennem; kundesupport, mersalg og"
        " krydssalg, feedback og fornyelse løber ved siden af.",
        "Följer en dansk guide med tolv komponenter. Åtta är faser som kunderna går igenom; kundsupport, merförsäljning"
        " och korsförsäljning, feedback och förnyelse löper vid sidan om.",
        "Volgt een Deense gids met twaalf onderdelen. Acht zijn fasen die klanten doorlopen; klantenservice, upselling"
        " en cross-selling, feedback en verlenging lopen ernaast.",
        "Folgt einem dänischen Leitfaden mit zwölf Bausteinen. Acht sind Phasen, die Kunden durchlaufen; Kundenservice,"
        " Upselling und Cross-Selling, Feedback und Verlängerung laufen daneben.",
    ),
    credit=labels(
        "Components as a Danish guide to the customer lifecycle flow names them.",
        "Komponenterne hedder som i en dansk guide til kundelivscyklusflowet.",
        "Komponenterna heter som i en dansk guide till kundens livscykelflöde.",
        "Onderdelen zoals een Deense gids over de klantlevenscyclus ze noemt.",
        "Die Bausteine heißen wie in einem dänischen Leitfaden zum Kundenlebenszyklus.",
    ),
    stages=_STAGES,
    rules=(
        signs.loyal_and_speaks("ambassador"),
        signs.loyal("loyalty"),
        signs.lapsed("churn"),
        signs.still_buys("sale"),
        signs.starting("onboarding"),
        signs.shows_interest("engagement"),
        signs.qualified("qualification"),
        signs.gone_cold(
            "lead-generation", model="danish-twelve", among=("qualification", "onboarding", "engagement")
        ),
    ),
    components=_COMPONENTS,
)
