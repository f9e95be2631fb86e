"""The ready-made models: whole in five languages, sound as models, and their rules at work on events alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils.translation import override

from clm.accounts.models import Organisation
from clm.base import clock
from clm.base.days import start_of
from customers.models import Customer
from lifecycle.gallery import tell
from lifecycle.models import ComponentPeriod, Kind, LifecycleModel, StagePeriod
from lifecycle.models.labels import Labels, label_of
from lifecycle.presets import PresetModel, install, shipped
from lifecycle.replay import replay
from tests.factories import CustomerFactory, EventFactory, bought

LANGUAGES = {"en", "da", "sv", "nl", "de"}
every_preset = pytest.mark.parametrize("preset", shipped().values(), ids=lambda preset: preset.slug)


def all_labels(preset: PresetModel) -> Iterator[Labels]:
    yield from (preset.labels, preset.description, preset.credit)
    for named in (*preset.stages, *preset.rules, *preset.components):
        yield named.labels


def test_the_five_guides_give_six_models():
    assert {slug: (preset.language, len(preset.stages)) for slug, preset in shipped().items()} == {
        "swedish-six": ("sv", 7),
        "danish-twelve": ("da", 8),
        "dutch-six": ("nl", 7),
        "danish-six": ("da", 7),
        "german-five": ("de", 6),
        "german-five-development": ("de", 6),
    }


@every_preset
def test_everything_has_a_name_in_five_languages(preset: PresetModel):
    for labels in all_labels(preset):
        assert set(labels) >= LANGUAGES
        assert all(labels.values())


@every_preset
def test_stages_keep_the_guides_own_word_but_those_we_added(preset: PresetModel):
    ours = [stage.slug for stage in preset.stages if stage.is_ours]

    assert all("original" in stage.labels for stage in (*preset.stages, *preset.components)
               if stage.slug not in ours)  # fmt: skip
    assert ours == ([] if preset.slug == "danish-twelve" else ["churned"])


@every_preset
@pytest.mark.django_db
def test_a_preset_is_sound(preset: PresetModel):
    slugs = [stage.slug for stage in preset.stages]
    kinds = [kind for stage in preset.stages for kind in stage.kinds]

    assert [stage.slug for stage in preset.stages if stage.is_initial] == slugs[:1]
    assert {rule.stage for rule in preset.rules} == set(slugs)
    assert len(set(kinds)) == len(kinds)
    assert Kind.CHURNED in kinds
    told = tell(preset)
    assert all(line.sentence for line in (*told.rules, *told.components))
    cold = told.rules[-1].sentence
    assert not any(f"is in {slug}" in cold for slug in slugs)
    assert any(f"is in {label_of(stage.labels)}" in cold for stage in preset.stages)


@pytest.mark.parametrize(
    ("language", "name"),
    [("da", "Salg"), ("sv", "Försäljning"), ("nl", "Verkoop"), ("de", "Verkauf"), ("fr", "Sale")],
)
def test_a_stage_is_named_in_the_readers_language_else_in_english(language: str, name: str):
    sale = next(stage for stage in shipped()["danish-twelve"].stages if stage.slug == "sale")

    with override(language):
        assert label_of(sale.labels) == name
        assert label_of({"original": "Salg"}) == "Salg"


@pytest.fixture
def now(db: None) -> datetime:
    """The start of today: so many days ago is then the start of a local day, whenever the test runs."""
    zone = Organisation.objects.current().tz
    return start_of(clock.now().astimezone(zone).date(), zone)


def person(now: datetime, *, orders: tuple[int, ...] = (), events: dict[str, int] | None = None) -> Customer:
    """First seen 400 days ago; orders and events so many days ago."""
    customer: Customer = CustomerFactory(first_seen_at=now - timedelta(days=400))
    for days in orders:
        bought(customer, 100, at=now - timedelta(days=days))
    for name, days in (events or {}).items():
        EventFactory(customer=customer, name=name, occurred_at=now - timedelta(days=days))
    return customer


def installed(slug: str) -> LifecycleModel:
    model = install(slug, by=None)
    version = model.published()
    assert version is not None
    list(replay(version))
    return model


def stage_of(customer: Customer) -> str:
    return StagePeriod.objects.live().get(customer=customer, left_at=None).stage.slug


def path_of(customer: Customer) -> list[str]:
    periods = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    return [period.stage.slug for period in periods]


COMPANY = {
    "nobody": {},
    "clicks": {"events": {"email.clicked": 5}},
    "talks": {"events": {"lead.created": 5}},
    "worthwhile": {"events": {"lead.qualified": 5}},
    "tries": {"events": {"trial.started": 5}},
    "compares": {"events": {"demo.booked": 5}},
    "new": {"orders": (5,)},
    "buyer": {"orders": (50,)},
    "again": {"orders": (200, 5)},
    "regular": {"orders": (200, 100, 50)},
    "fan": {"orders": (200, 100, 50), "events": {"review.posted": 20}},
    "early-fan": {"orders": (50,), "events": {"referral.made": 20}},
    "gone": {"orders": (300, 190)},
}
WHERE = {
    "danish-twelve": {
        "nobody": "lead-generation", "clicks": "engagement", "talks": "lead-generation",
        "worthwhile": "qualification", "tries": "onboarding", "compares": "lead-generation", "new": "sale",
        "buyer": "sale", "again": "sale", "regular": "loyalty", "fan": "ambassador", "early-fan": "sale",
        "gone": "churn",
    },
    "dutch-six": {
        "nobody": "awareness", "clicks": "engagement", "talks": "awareness", "worthwhile": "awareness",
        "tries": "evaluation", "compares": "evaluation", "new": "purchase", "buyer": "after-purchase",
        "again": "after-purchase", "regular": "advocacy-retention", "fan": "advocacy-retention",
        "early-fan": "advocacy-retention", "gone": "churned",
    },
    "danish-six": {
        "nobody": "attention", "clicks": "interest", "talks": "attention", "worthwhile": "attention",
        "tries": "consideration", "compares": "consideration", "new": "purchase", "buyer": "retention",
        "again": "repurchase", "regular": "retention", "fan": "retention", "early-fan": "retention",
        "gone": "churned",
    },
    "german-five": {
        "nobody": "reach", "clicks": "acquisition", "talks": "acquisition", "worthwhile": "reach",
        "tries": "acquisition", "compares": "reach", "new": "conversion", "buyer": "retention",
        "again": "retention", "regular": "loyalty", "fan": "loyalty", "early-fan": "loyalty",
        "gone": "churned",
    },
}  # fmt: skip


@pytest.mark.parametrize("slug", WHERE)
def test_a_preset_places_a_company_by_orders_and_events_alone(slug: str, now: datetime):
    people = {name: person(now, **facts) for name, facts in COMPANY.items()}

    installed(slug)

    assert {name: stage_of(customer) for name, customer in people.items()} == WHERE[slug]


def test_repurchase_is_a_loop_and_not_an_end(now: datetime):
    customer = person(now, orders=(300, 200, 100, 5))

    installed("danish-six")

    assert path_of(customer) == [
        "attention", "purchase", "retention", "repurchase", "retention", "repurchase", "retention",
        "repurchase",
    ]  # fmt: skip


def test_the_two_german_lists_differ_in_words_only(now: datetime):
    people = [person(now, **facts) for facts in COMPANY.values()]
    ids = [customer.pk for customer in people]

    first, second = installed("german-five"), installed("german-five-development")

    def kinds(model: LifecycleModel) -> list[str]:
        periods = StagePeriod.objects.live().filter(model=model, left_at=None, customer__in=ids)
        return list(periods.order_by("customer").values_list("stage__kind", flat=True))

    assert kinds(first) == kinds(second)
    third = [preset.stages[2] for slug, preset in shipped().items() if slug.startswith("german-five")]
    assert [(stage.labels["original"], stage.kind) for stage in third] == [
        ("Konvertierung", Kind.BUYING),
        ("Entwicklung", Kind.BUYING),
    ]


def test_components_run_beside_the_stages_with_periods_of_their_own(now: datetime):
    events = {"ticket.opened": 60, "review.posted": 10, "cart.abandoned": 3}
    customer = person(now, orders=(130,), events=events)

    installed("danish-twelve")

    spells = ComponentPeriod.objects.live().filter(customer=customer).order_by("started_at")
    assert [(spell.component.slug, spell.ended_at is None) for spell in spells] == [
        ("support", False),
        ("feedback", True),
        ("renewal", True),
        ("upsell", True),
    ]
    assert stage_of(customer) == "sale"


COOLING = {
    "swedish-six": {"email.clicked": ["discovery", "engagement", "discovery"]},
    "danish-twelve": {
        "email.clicked": ["lead-generation", "engagement", "lead-generation"],
        "trial.started": ["lead-generation", "onboarding", "engagement", "lead-generation"],
        "lead.qualified": ["lead-generation", "qualification", "lead-generation"],
    },
    "dutch-six": {"demo.booked": ["awareness", "evaluation", "awareness"]},
    "danish-six": {"demo.booked": ["attention", "consideration", "attention"]},
    "german-five": {"lead.created": ["reach", "acquisition", "reach"]},
    "german-five-development": {"lead.created": ["reach", "acquisition", "reach"]},
}


@pytest.mark.parametrize("slug", COOLING)
def test_who_shows_no_interest_any_more_goes_back_to_the_beginning(slug: str, now: datetime):
    people = {event: person(now, events={event: 300}) for event in COOLING[slug]}
    bought_since = person(now, events={"email.clicked": 300, "lead.created": 300}, orders=(280,))

    installed(slug)

    assert {event: path_of(customer) for event, customer in people.items()} == COOLING[slug]
    assert stage_of(bought_since) in ("churned", "churn")


def test_interest_goes_cold_90_days_after_the_last_sign(now: datetime):
    customer = person(now, events={"email.clicked": 300})
    EventFactory(customer=customer, name="form.submitted", occurred_at=now - timedelta(days=250))

    installed("swedish-six")

    periods = StagePeriod.objects.live().filter(customer=customer).order_by("entered_at")
    assert [(now - period.entered_at).days for period in periods[1:]] == [300, 250 - 91]
    assert str(periods[2].rule) == "Interest has gone cold"
