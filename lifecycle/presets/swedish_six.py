"""The six-stage model of a Swedish guide: discovery, engagement, conversion, retention, loyalty, advocacy."""

from typing import Any

from lifecycle.models.stage import Kind
from lifecycle.presets.shape import PresetModel, PresetRule, PresetStage


def _test(condition: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": condition, "parameters": parameters}


_LOYAL = {"all": [_test("purchase_days", at_least=3, within_days=365), _test("purchased_within", days=180)]}
_ADVOCATES = {
    "any": [
        _test("event", names=["referral.made", "review.posted"], within_days=365),
        _test("event", names=["nps.answered"], property="score", at_least_value=9, within_days=365),
    ]
}
_ENGAGED = {
    "any": [
        _test(
            "event",
            names=["email.clicked", "form.submitted", "webinar.attended", "trial.started"],
            within_days=90,
        ),
        _test("event", names=["page.viewed"], at_least=2, within_days=90),
    ]
}

SWEDISH_SIX = PresetModel(
    slug="swedish-six",
    labels={
        "en": "Six stages: Discovery to Advocacy",
        "sv": "Sex faser: från Upptäckt till Förespråkare",
        "da": "Seks faser: fra Opdagelse til Fortaler",
        "nl": "Zes fasen: van Ontdekking tot Ambassadeur",
        "de": "Sechs Phasen: von Entdeckung bis Fürsprache",
        "original": "Upptäckt, Engagemang, Konvertering, Kunderhåll, Lojalitet, Förespråkare",
    },
    description={
        "en": "Follows a Swedish guide from discovery to advocacy. Churned is added by us: the guide has no such stage.",
    },
    stages=(
        PresetStage(
            "discovery",
            {"en": "Discovery", "sv": "Upptäckt", "da": "Opdagelse", "nl": "Ontdekking", "de": "Entdeckung",
             "original": "Upptäckt"},
            Kind.AWARE, icon="compass", is_initial=True,
        ),
        PresetStage(
            "engagement",
            {"en": "Engagement", "sv": "Engagemang", "da": "Engagement", "nl": "Betrokkenheid", "de": "Interaktion",
             "original": "Engagemang"},
            Kind.ENGAGED, (Kind.QUALIFIED, Kind.EVALUATING), icon="sparkles",
        ),
        PresetStage(
            "conversion",
            {"en": "Conversion", "sv": "Konvertering", "da": "Konvertering", "nl": "Conversie", "de": "Konversion",
             "original": "Konvertering"},
            Kind.BUYING, (Kind.ONBOARDING, Kind.WON_BACK), icon="handshake",
        ),
        PresetStage(
            "retention",
            {"en": "Retention", "sv": "Kunderhåll", "da": "Fastholdelse", "nl": "Behoud", "de": "Bindung",
             "original": "Kunderhåll"},
            Kind.ACTIVE, icon="repeat",
        ),
        PresetStage(
            "loyalty",
            {"en": "Loyalty", "sv": "Lojalitet", "da": "Loyalitet", "nl": "Loyaliteit", "de": "Loyalität",
             "original": "Lojalitet"},
            Kind.LOYAL, (Kind.EXPANDING,), icon="heart",
        ),
        PresetStage(
            "advocacy",
            {"en": "Advocacy", "sv": "Förespråkare", "da": "Fortaler", "nl": "Ambassadeur", "de": "Fürsprache",
             "original": "Förespråkare"},
            Kind.ADVOCATE, icon="megaphone",
        ),
        PresetStage(
            "churned",
            {"en": "Churned", "sv": "Förlorad", "da": "Tabt", "nl": "Vertrokken", "de": "Abgewandert"},
            Kind.CHURNED, icon="circle-off", is_ours=True,
        ),
    ),
    rules=(
        PresetRule("advocacy", {"en": "Loyal, and speaks for us"}, {"all": [_LOYAL, _ADVOCATES]}),
        PresetRule("loyalty", {"en": "Buys again and again"}, _LOYAL),
        PresetRule("churned", {"en": "Has stopped buying"}, _test("lapsed", days=180)),
        PresetRule(
            "conversion",
            {"en": "Has just bought for the first time"},
            {"all": [_test("purchase_days", at_least=1, at_most=1), _test("purchased_within", days=30)]},
        ),
        PresetRule("retention", {"en": "Still buys"}, _test("purchased_within", days=180)),
        PresetRule("engagement", {"en": "Shows interest"}, _ENGAGED),
    ),
)  # fmt: skip
