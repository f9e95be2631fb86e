"""What can be done to many customers of the list at once: each by the same verb as one by hand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clm.accounts import bulk
from clm.accounts.models import Team, User
from clm.accounts.permissions import Capability
from clm.base.db import among
from clm.base.templatetags.formats import number
from customers import profiles
from customers.bulk_forms import AddToSegmentForm, AssignForm, SetFieldForm
from customers.companies import company_named
from customers.leads import bulk as _bulk_of_leads  # noqa: F401  # registers what leads offer
from customers.listing import Listing
from customers.models import Customer, CustomerQuerySet, Segment, SegmentMember
from customers.models.segment import SegmentKind
from customers.once_called import once_named
from customers.profile_choices import field_label, value_label
from customers.segments import filling, keeping
from customers.tickets import bulk as _bulk_of_tickets  # noqa: F401  # and what tickets do

PAGE = "customers"
OWN = "fields."


def _rows(query: QueryDict, user: User) -> CustomerQuerySet:
    listing = Listing(query, user, is_whole=True)
    if not listing.filters.is_valid():
        raise bulk.Unreadable(listing.filters.misread)
    return listing.narrowed


def counted(customers: int) -> str:
    shown = {"shown": number(customers)}
    return ngettext("%(shown)s customer", "%(shown)s customers", customers) % shown


def put(ids: Sequence[int], values: bulk.Values, by: User) -> bulk.Outcome:
    """Give profile fields of each customer these values; own fields as "fields.<name>"."""
    customers = _locked(ids)
    outcome = bulk.one_by_one(lambda pk: _put(customers[pk], values, by), sorted(customers))
    gone = dict.fromkeys(set(ids) - customers.keys(), _t("It was merged into another customer meanwhile."))
    return bulk.Outcome(before=outcome.before, refused=outcome.refused | gone)


def _locked(ids: Iterable[int]) -> dict[int, Customer]:
    """Those who are customers of their own still: what was asked for a row is not done to another's."""
    locked = Customer.objects.present().filter(among("pk", sorted(ids))).lock()
    return Customer.objects.select_related("company").in_bulk(locked)


def _put(customer: Customer, values: Mapping[str, Any], by: User) -> dict[str, Any] | None:
    before = {name: _plain(customer, name) for name in values}
    changed = profiles.change(customer, by=by, values=_given(customer, values))
    after = {name: _plain(changed, name) for name in values}
    return None if before == after else {"before": before, "after": after}


def _plain(customer: Customer, name: str) -> Any:
    if name.startswith(OWN):
        return customer.fields.get(name.removeprefix(OWN))
    if name == "company":
        return customer.company.name if customer.company else ""
    return getattr(customer, f"{name}_id" if name in ("owner", "team") else name)


def _given(customer: Customer, values: Mapping[str, Any]) -> dict[str, Any]:
    """As `profiles.change` takes it."""
    given = {name: _meant(name, value) for name, value in values.items() if not name.startswith(OWN)}
    own = {name.removeprefix(OWN): value for name, value in values.items() if name.startswith(OWN)}
    if own:
        together = {**customer.fields, **own}
        given["fields"] = {name: value for name, value in together.items() if value is not None}
    return given


def _meant(name: str, value: Any) -> Any:
    if name == "company":
        return company_named(value or "")
    model = {"owner": User, "team": Team}.get(name)
    if model is None:
        return value if value is not None else ""
    found = model._default_manager.filter(pk=value).first()
    if value is not None and found is None:
        raise ValidationError({name: _t("It was deleted meanwhile. Choose another.")})
    return found


def put_back(kept: Mapping[int, Any], values: bulk.Values, by: User) -> set[int]:
    """Those whose fields still are as they were put."""
    customers = _locked(kept)
    same = [pk for pk in sorted(customers) if _is_still(customers[pk], kept[pk]["after"])]
    outcome = bulk.one_by_one(lambda pk: _put(customers[pk], kept[pk]["before"], by), same)
    return set(outcome.before)


def _is_still(customer: Customer, after: Mapping[str, Any]) -> bool:
    now = {name: _plain(customer, name) for name in after}
    return all(now[name] == value or _is_merged(customer, name, value) for name, value in after.items())


def _is_merged(customer: Customer, name: str, value: Any) -> bool:
    """The company of this name became part of the customer's."""
    return name == "company" and customer.company_id in once_named([value or ""]).values()


def add_to_segment(ids: Sequence[int], values: bulk.Values, by: User) -> bulk.Outcome:
    try:
        segment = _segment(values, by)
        already = _members(segment, ids)
        filling.add(segment, Customer.objects.present().filter(among("pk", ids)), by=by)
    except (ValidationError, ValueError, Segment.DoesNotExist) as refusal:
        reason = str(refusal) if isinstance(refusal, ValueError) else _t("The segment was deleted meanwhile.")
        return bulk.Outcome(refused=dict.fromkeys(ids, reason))
    return bulk.Outcome(before={pk: {"segment": segment.pk} for pk in ids if pk not in already})


def _segment(values: Mapping[str, Any], by: User) -> Segment:
    """The one that was chosen; a new one is made with the first portion."""
    if "segment" in values:
        return Segment.objects.visible_to(by).get(pk=values["segment"])
    mine = Segment.objects.filter(owner=by, kind=SegmentKind.STATIC, name=values["name"])
    return mine.first() or keeping.create(by=by, name=values["name"], kind=SegmentKind.STATIC)


def _members(segment: Segment, ids: Sequence[int]) -> set[int]:
    there = SegmentMember.objects.open().filter(among("customer", ids), segment=segment)
    return set(there.values_list("customer", flat=True))


def take_from_segment(kept: Mapping[int, Any], values: bulk.Values, by: User) -> set[int]:
    chosen = {row["segment"] for row in kept.values()}
    segment = Segment.objects.visible_to(by).filter(pk__in=chosen).first()
    if segment is None or segment.is_dynamic:
        return set()
    inside = _members(segment, list(kept))
    filling.take_out(segment, Customer.objects.filter(among("pk", sorted(inside))), by=by)
    return inside


def told(values: Mapping[str, Any]) -> str:
    """What was put, in words."""
    pairs = [(field_label(name), _said(name, value)) for name, value in values.items()]
    return ", ".join(f"{label.capitalize()}: {value}" for label, value in pairs)


def _said(name: str, value: Any) -> str:
    return "–" if value in (None, "") else value_label(name, str(value))


def _told_segment(values: Mapping[str, Any]) -> str:
    named = Segment.objects.filter(pk=values["segment"]).first() if "segment" in values else None
    return named.name if named else str(values.get("name", ""))


CUSTOMERS = bulk.BulkPage(
    PAGE,
    _("Customers"),
    "customers",
    rows=_rows,
    seen=lambda user: Customer.objects.visible_to(user).present(),
    unknown=lambda query, user: Listing(query, user).filters.unknown,
    counted=counted,
    row_url=lambda pk: reverse("customer", args=[pk]),
)
bulk.register_page(CUSTOMERS)
for action in (
    bulk.Action(
        PAGE,
        "assign",
        _("Assign"),
        "user-plus",
        Capability.EDIT_CUSTOMERS,
        AssignForm,
        do=put,
        undo=put_back,
        told=told,
        order=10,
        moves_out_of_sight=True,
    ),
    bulk.Action(
        PAGE,
        "field",
        _("Set a field"),
        "pencil",
        Capability.EDIT_CUSTOMERS,
        SetFieldForm,
        do=put,
        undo=put_back,
        told=told,
        order=20,
    ),
    bulk.Action(
        PAGE,
        "segment",
        _("Add to a segment"),
        "layers",
        Capability.EDIT_SEGMENTS,
        AddToSegmentForm,
        do=add_to_segment,
        undo=take_from_segment,
        told=_told_segment,
        order=30,
    ),
):
    bulk.register(action)
