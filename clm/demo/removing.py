"""Taking the demo company out: everything it made, and nothing else."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from campaigns.models import (
    Campaign,
    Enrollment,
    Invitation,
    Response,
    Step,
    Survey,
    Template,
)
from clm.accounts.house import change_organisation
from clm.accounts.models import AuditEntry, ExchangeRate, Organisation, SavedView, Team, User
from clm.base.erasing import be_patient, erase, erase_unused, indexed
from clm.base.facts import KeyedFact
from clm.demo import SOURCE, scoring
from clm.demo.models import Demo, Made
from customers import summaries
from customers.custom_fields.known import restamp
from customers.models import (
    Channel,
    Company,
    Customer,
    CustomField,
    ExternalKey,
    IdealProfile,
    ImportMapping,
    LeadAssignmentRule,
    LeadPipeline,
    Product,
    Segment,
    Thing,
    Threshold,
)
from customers.models.segment import SegmentMember
from customers.names import learning
from lifecycle.models import LifecycleModel, StagePeriod
from metrics import folding

# People of the demo who are known from nowhere else. Somebody who is stays, without the demo's facts.
_DEMO_IDS = """SELECT customer_id FROM customers_identity WHERE kind = 'external' AND source = {source}
    UNION SELECT original_customer_id FROM customers_identity WHERE kind = 'external' AND source = {source}"""
_KNOWN_ELSEWHERE = "SELECT customer_id FROM customers_identity WHERE kind = 'external' AND source <> {source}"
# Kept while anything of the organisation's own names them; companies first, which name teams.
SHARED: tuple[type[models.Model], ...] = (Company, Team, Channel, Product, ExchangeRate)


def remove(*, by: User | None) -> dict[str, int]:
    """All at once or not at all. Returns how many rows of which table went."""
    with transaction.atomic():
        be_patient()
        demo = Demo.objects.select_for_update().get()
        with indexed():
            gone = _erase_everything()
        scoring.forget()
        _restore(demo, by)
        learning.learn_all()
        demo.delete()
        Made.objects.all().delete()
        AuditEntry.objects.record("demo.removed", Organisation.objects.current(), by=by, **gone)
    folding.fold()
    return gone


def _erase_everything() -> dict[str, int]:
    source = sql.Literal(SOURCE)
    theirs = sql.SQL(_DEMO_IDS).format(source=source)
    elsewhere = sql.SQL(_KNOWN_ELSEWHERE).format(source=source)
    staying = _ids(sql.SQL("SELECT id FROM ({}) d(id) WHERE id IN ({})").format(theirs, elsewhere))
    _list_those_who_go(sql.SQL("SELECT id FROM ({}) d(id) WHERE id NOT IN ({})").format(theirs, elsewhere))
    gone = {}
    for fact in _tables_with_source():
        gone[fact._meta.db_table] = erase(fact, sql.SQL("source = {}").format(source))
    erase_identities = sql.SQL("DELETE FROM customers_identity WHERE kind = 'external' AND source = {}")
    _execute(erase_identities.format(source))
    _execute(
        sql.SQL(
            "UPDATE customers_customer SET merged_into_id = NULL WHERE merged_into_id IN (SELECT id FROM demo_gone)"
        )
    )
    gone["customers_customer"] = erase(Customer, sql.SQL("id IN (SELECT id FROM demo_gone)"))
    summaries.refresh(staying)
    return {name: rows for name, rows in (gone | _erase_made()).items() if rows}


def _tables_with_source() -> list[type[KeyedFact]]:
    """The kinds of facts that name where they come from."""
    return [model for model in apps.get_models() if issubclass(model, KeyedFact)]


def _list_those_who_go(query: sql.Composable) -> None:
    _execute(sql.SQL("CREATE TEMP TABLE demo_gone (id bigint PRIMARY KEY) ON COMMIT DROP"))
    _execute(sql.SQL("INSERT INTO demo_gone {}").format(query))
    _execute(sql.SQL("ANALYZE demo_gone"))


def _erase_made() -> dict[str, int]:
    """In this order: what comes later is named by what comes before."""
    gone = {
        model._meta.db_table: erase(model, sql.SQL("id = ANY({})").format(sql.Literal(ids)))
        for model, ids in _idle()
    }
    for model in SHARED:
        gone[model._meta.db_table] = erase_unused(model, Made.objects.ids(model), also_optional=True)
    _forget_names()
    restamp()
    return gone


def _forget_names() -> None:
    """What led to companies that are gone now."""
    names = ExternalKey.objects.filter(thing=Thing.COMPANY, thing_id__in=Made.objects.ids(Company))
    names.exclude(thing_id__in=Company.objects.values("pk")).delete()


def _idle() -> Iterator[tuple[type[models.Model], list[int]]]:
    """What the demo made, but for that which holds something of the organisation's own by now."""
    yield Campaign, _without(Campaign, "campaign", Enrollment)
    yield Template, _without(Template, "template", Step)
    yield Survey, _without(Survey, "survey", Invitation, Response)
    yield Segment, _without(Segment, "segment", SegmentMember)
    yield Threshold, Made.objects.ids(Threshold)
    yield IdealProfile, Made.objects.ids(IdealProfile)
    yield CustomField, Made.objects.ids(CustomField)
    yield LeadAssignmentRule, Made.objects.ids(LeadAssignmentRule)
    yield LeadPipeline, Made.objects.ids(LeadPipeline)
    yield ImportMapping, Made.objects.ids(ImportMapping)
    yield SavedView, Made.objects.ids(SavedView)
    yield User, Made.objects.ids(User)
    yield LifecycleModel, _without(LifecycleModel, "model", StagePeriod)


def _without(model: type[models.Model], name: str, *parts: type[models.Model]) -> list[int]:
    """Those of the demo that no row of these names."""
    found = model._default_manager.filter(pk__in=Made.objects.ids(model))
    for part in parts:
        naming = part._default_manager.filter(**{f"{name}__isnull": False})
        found = found.exclude(pk__in=naming.values(name))
    return list(found.values_list("pk", flat=True))


def _restore(demo: Demo, by: User | None) -> None:
    """The organisation's settings, where nobody has changed them since."""
    organisation = Organisation.objects.current()
    before: dict[str, Any] = {
        name: value
        for name, value in demo.was.items()
        if str(getattr(organisation, name)) == demo.became[name]
    }
    change_organisation(by, **before)


def _ids(query: sql.Composable) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [pk for (pk,) in cursor.fetchall()]


def _execute(statement: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
