"""Editing the numbers of a model: a draft, what differs, publishing it from now on or over all history."""

import re

import pytest
from django.template.defaultfilters import capfirst
from django.test import Client
from django.utils.html import conditional_escape
from pytest_django.asserts import assertContains

from clm.accounts.models import AuditEntry, Job
from lifecycle.models import EdgePolicy, LifecycleModel, ModelVersion, Rule, StagePeriod, VersionStatus
from tests.lifecycle.shop import buyer, six_stages, stage, stage_of, work_off

PAGE = "/lifecycle/models/swedish-six/"


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return six_stages()


@pytest.fixture
def client(sign_in, marketer, model) -> Client:
    return sign_in(marketer)


def form_of(client: Client) -> dict[str, object]:
    """The fields of the editor as they are shown."""
    form = client.get(f"{PAGE}draft/").context["form"]
    return {name: form[name].value() for name in form.fields}


def field(client: Client, rule: str, name: str) -> str:
    """The name of a rule's field: `field(client, "churned", "days")`."""
    shown = next(
        line
        for line in client.get(f"{PAGE}draft/").context["form"].rule_fields()
        if line.rule.stage.slug == rule
    )
    return next(
        each.html_name for test in shown.tests for each in test.fields if each.html_name.endswith(f"-{name}")
    )


def change(client: Client, rule: str, name: str, value: object):
    return client.post(f"{PAGE}draft/", form_of(client) | {field(client, rule, name): value})


def publish(client: Client, **values: object):
    """As from the page that shows what would change."""
    read = client.get(f"{PAGE}draft/").context["read"]
    return client.post(f"{PAGE}draft/publication/", {"read": read} | values, follow=True)


def draft() -> ModelVersion | None:
    return ModelVersion.objects.filter(status=VersionStatus.DRAFT).first()


def test_looking_at_the_editor_opens_no_draft(client):
    page = client.get(f"{PAGE}draft/").content.decode()

    assert "Nothing yet: the rules are those in force." in page
    assert draft() is None


def test_a_rule_of_several_tests_says_how_they_go_together(client):
    page = client.get(f"{PAGE}draft/")

    lines = {line.rule.stage.slug: line for line in page.context["form"].rule_fields()}
    assert len(lines["advocacy"].tests) > 1
    assert " or " in lines["advocacy"].sentence
    assertContains(page, f"<p>{capfirst(conditional_escape(lines['advocacy'].sentence))}.</p>")


def test_a_changed_number_becomes_a_draft_that_tells_what_differs(client, marketer):
    buyer(100)

    change(client, "churned", "days", 90)

    page = client.get(f"{PAGE}draft/").content.decode()
    assert "<del>Last purchase over 180 days ago</del>" in page
    assert re.search(r"<ins[^>]*>Last purchase over 90 days ago</ins>", page)
    assert [change.after for change in client.get(f"{PAGE}draft/").context["changes"]] == [
        "last purchase over 90 days ago"
    ]
    assert Rule.objects.get(version__status="published", stage__slug="churned").condition["parameters"] == {
        "days": 180
    }
    entry = AuditEntry.objects.get(action="version.revised")
    assert entry.actor == marketer
    assert entry.details["changes"] == [
        "Has stopped buying: last purchase over 180 days ago → last purchase over 90 days ago"
    ]
    assert "There is a draft of version 2" in client.get(PAGE).content.decode()


def test_publishing_from_now_on_moves_customers_and_keeps_the_past(client):
    customer = buyer(100)
    change(client, "churned", "days", 90)

    publish(client)
    work_off()

    assert stage_of(customer) == "churned"
    last = StagePeriod.objects.live().get(customer=customer, left_at=None)
    second = ModelVersion.objects.get(number=2)
    assert (last.version, second.status) == (second, VersionStatus.PUBLISHED)
    assert last.entered_at >= second.published_at
    assert "Version 2: Published" in client.get(PAGE).content.decode()


def test_publishing_over_all_history_dates_the_move_back(client):
    customer = buyer(100)
    change(client, "churned", "days", 90)

    publish(client, history="yes")
    work_off()

    assert list(Job.objects.values_list("kind", flat=True)) == ["lifecycle.replay"]
    last = StagePeriod.objects.live().get(customer=customer, left_at=None)
    assert last.stage.slug == "churned"
    assert last.entered_at < last.version.published_at
    assert last.version.governs_all


def test_a_minimum_stay_is_edited_too(client):
    name = f"stay-{stage('conversion').pk}"

    client.post(f"{PAGE}draft/", form_of(client) | {name: 14})
    changes = client.get(f"{PAGE}draft/").context["changes"]
    publish(client)

    assert [(change.name, change.before, change.after) for change in changes] == [
        ("Minimum stay in Conversion", "none", "14 days")
    ]
    use = LifecycleModel.objects.get().published().stage_uses.get(stage__slug="conversion")
    assert use.minimum_stay_days == 14


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [
        ("churned", "days", -1),
        ("churned", "days", 36_501),
        ("churned", "days", "soon"),
        ("churned", "days", ""),
        ("loyalty", "at_least", 10**30),
        ("conversion", "at_most", 0),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_at_its_field(client, rule, name, value):
    wrong = field(client, rule, name)

    page = client.post(f"{PAGE}draft/", form_of(client) | {wrong: value})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [wrong]
    assert f'id="id_{wrong}_error"' in page.content.decode()
    assert draft() is None


def test_saving_without_a_change_opens_no_draft(client):
    page = client.post(f"{PAGE}draft/", form_of(client), follow=True)

    assert "Nothing has changed." in page.content.decode()
    assert draft() is None
    assert not AuditEntry.objects.filter(action="version.revised").exists()


def test_a_form_read_before_somebody_else_saved_changes_nothing(client):
    stale, name = form_of(client), field(client, "churned", "days")
    change(client, "churned", "days", 90)

    page = client.post(f"{PAGE}draft/", stale | {name: 60})

    assert page.status_code == 409
    assert "Somebody changed these rules meanwhile" in page.content.decode()
    assert draft().rules.get(stage__slug="churned").condition["parameters"] == {"days": 90}


def test_a_draft_is_changed_further_and_discarded(client, marketer):
    change(client, "churned", "days", 90)
    change(client, "churned", "days", 120)
    assert draft().rules.get(stage__slug="churned").condition["parameters"] == {"days": 120}
    assert ModelVersion.objects.count() == 2

    client.post(f"{PAGE}draft/removal/")

    assert draft() is None
    assert AuditEntry.objects.get(action="version.discarded").details == {"version": 2}
    assert "There is no draft" in client.post(f"{PAGE}draft/publication/", follow=True).content.decode()


def test_the_next_draft_starts_from_what_was_published_last(client):
    change(client, "churned", "days", 90)
    publish(client)
    change(client, "conversion", "days", 45)

    changes = client.get(f"{PAGE}draft/").context["changes"]

    assert [change.stage.slug for change in changes] == ["conversion"]
    assert draft().rules.get(stage__slug="churned").condition["parameters"] == {"days": 90}


def test_nothing_is_published_while_the_history_is_worked_out(client):
    buyer(5)
    change(client, "churned", "days", 90)
    client.post(f"{PAGE}replay/")

    page = publish(client).content.decode()

    assert "The history is being worked out with the version before" in page
    assert draft() is not None


def test_what_cannot_be_published_says_why(client):
    change(client, "churned", "days", 90)
    unused = draft().stage_uses.get(stage__slug="advocacy")
    unused.delete()

    page = publish(client).content.decode()

    assert "leads to Advocacy, which is not in use" in page
    assert draft() is not None


@pytest.mark.parametrize("history", [{}, {"history": "yes"}])
def test_what_somebody_changed_since_it_was_looked_at_is_not_published(client, history):
    change(client, "churned", "days", 90)
    page = client.get(f"{PAGE}draft/").content.decode()
    read = re.findall(r'<input type="hidden" name="read" value="(\w+)">', page)
    change(client, "churned", "days", 120)

    answers = [
        client.post(f"{PAGE}draft/publication/", sent | history, follow=True)
        for sent in ({"read": read[0]}, {})
    ]

    assert len(read) == 1
    for answer in answers:
        assert answer.redirect_chain == [(f"{PAGE}draft/", 302)]
        assert "Somebody changed these rules meanwhile" in answer.content.decode()
    assert draft() is not None
    assert not Job.objects.exists()


def test_exceptions_are_told(client, model):
    EdgePolicy.objects.create(
        version=model.published(),
        from_stage=stage("churned"),
        to_stage=stage("loyalty"),
        source="rule",
        policy="forbidden",
    )

    page = client.get(PAGE).content.decode()

    assert "Every move is allowed but these:" in page
    assert "Forbidden" in page


@pytest.mark.parametrize("person", ["analyst", "owner"])
def test_only_who_edits_models_gets_in(sign_in, request, model, person):
    client = sign_in(request.getfixturevalue(person))

    assert client.get(f"{PAGE}draft/").status_code == 403
    for path in ("draft/", "draft/removal/", "draft/publication/", "replay/", "primacy/"):
        assert client.post(f"{PAGE}{path}").status_code == 403
    assert not Job.objects.exists()
