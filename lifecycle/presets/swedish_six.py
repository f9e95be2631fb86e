"""The six-stage model of a Swedish guide: discovery, engagement, conversion, retention, loyalty, advocacy."""

from lifecycle.models.stage import Kind
from lifecycle.presets import signs
from lifecycle.presets.churned import CHURNED
from lifecycle.presets.shape import PresetModel, PresetStage
from lifecycle.presets.signs import labels

SWEDISH_SIX = PresetModel(
    slug="swedish-six",
    language="sv",
    labels=labels(
        "Six stages: Discovery to Advocacy",
        "Seks faser: fra Opdagelse til Fortaler",
        "Sex faser: från Upptäckt till Förespråkare",
        "Zes fasen: van Ontdekking tot Ambassadeur",
        "Sechs Phasen: von Entdeckung bis Fürsprache",
        original="Upptäckt, Engagemang, Konvertering, Kunderhåll, Lojalitet, Förespråkare",
    ),
    description=labels(
        "Follows a Swedish guide from discovery to advocacy. Churned is added by us: the guide has no such stage.",
        "Følger en svensk guide fra opdagelse til fortaler. Tabt er vores tilføjelse: guiden har ikke en sådan fase.",
        "Följer en svensk guide från upptäckt till förespråkare. Förlorad är vårt tillägg: guiden har ingen sådan fas.",
        "Volgt een Zweedse gids van ontdekking tot ambassadeur. Vertrokken hebben wij toegevoegd: de gids kent die fase niet.",
        "Folgt einem schwedischen Leitfaden von der Entdeckung bis zur Fürsprache."
        " Abgewandert haben wir ergänzt: Der Leitfaden kennt diese Phase nicht.",
    ),
    credit=labels(
        "Stages as the Swedish guide to customer lifecycle management by ClickUp names them.",
        "Faserne hedder som i ClickUps svenske guide til kundelivscyklus.",
        "Faserna heter som i ClickUps svenska guide till kundens livscykel.",
        "Fasen zoals de Zweedse gids van ClickUp over de klantlevenscyclus ze noemt.",
        "Die Phasen heißen wie im schwedischen ClickUp-Leitfaden zum Kundenlebenszyklus.",
    ),
    stages=(
        PresetStage(
            "discovery",
            labels("Discovery", "Opdagelse", "Upptäckt", "Ontdekking", "Entdeckung", original="Upptäckt"),
            Kind.AWARE, icon="compass", is_initial=True,
        ),
        PresetStage(
            "engagement",
            labels("Engagement", "Engagement", "Engagemang", "Betrokkenheid", "Interaktion", original="Engagemang"),
            Kind.ENGAGED, (Kind.QUALIFIED, Kind.EVALUATING), icon="sparkles",
        ),
        PresetStage(
            "conversion",
            labels("Conversion", "Konvertering", "Konvertering", "Conversie", "Konversion", original="Konvertering"),
            Kind.BUYING, (Kind.ONBOARDING, Kind.WON_BACK), icon="handshake",
        ),
        PresetStage(
            "retention",
            labels("Retention", "Fastholdelse", "Kunderhåll", "Behoud", "Bindung", original="Kunderhåll"),
            Kind.ACTIVE, icon="repeat",
        ),
        PresetStage(
            "loyalty",
            labels("Loyalty", "Loyalitet", "Lojalitet", "Loyaliteit", "Loyalität", original="Lojalitet"),
            Kind.LOYAL, (Kind.EXPANDING,), icon="heart",
        ),
        PresetStage(
            "advocacy",
            labels("Advocacy", "Fortaler", "Förespråkare", "Ambassadeur", "Fürsprache", original="Förespråkare"),
            Kind.ADVOCATE, icon="megaphone",
        ),
        CHURNED,
    ),
    rules=(
        signs.loyal_and_speaks("advocacy"),
        signs.loyal("loyalty"),
        signs.lapsed("churned"),
        signs.first_purchase("conversion"),
        signs.still_buys("retention"),
        signs.shows_interest("engagement"),
        signs.gone_cold("discovery", model="swedish-six", among=("engagement",)),
    ),
)  # fmt: skip
