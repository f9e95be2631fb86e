"""What a rep did with a customer: noted, called, met. The verbs behind pages and API.

All lock the customer, or whom it was merged into meanwhile; all raise ValidationError (by field).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.leads import pursuing
from customers.leads.pursuing import Next
from customers.models import Arrival, Customer, Interaction, Lead
from customers.models.interaction import LONGEST_TEXT, MOST_MINUTES, Direction, InteractionKind, Outcome
from customers.once import key_of
from customers.profiles import UNSTORABLE

SOURCE = "clm"
FIELDS = ("direction", "outcome", "minutes", "text", "occurred_at")
Values = Mapping[str, Any]


class NotTheWriter(PermissionError):
    """Only who wrote an interaction may change it."""


def note(customer: Customer, *, by: User | None, text: str, **given: Any) -> Interaction:
    """Keep a note about the customer. `given`: see `record`."""
    return record(customer, InteractionKind.NOTE, by=by, values={"text": text}, **given)


def log_call(
    customer: Customer, *, by: User | None, values: Values | None = None, **given: Any
) -> Interaction:
    """Keep that they were called or called: `values` may hold direction, outcome, minutes, text, occurred_at."""
    return record(customer, InteractionKind.CALL, by=by, values=values or {}, **given)


def log_meeting(
    customer: Customer, *, by: User | None, values: Values | None = None, **given: Any
) -> Interaction:
    """Keep that they were met: `values` may hold minutes, text, occurred_at."""
    return record(customer, InteractionKind.MEETING, by=by, values=values or {}, **given)


@transaction.atomic
def record(
    customer: Customer,
    kind: str,
    *,
    by: User | None,
    values: Values,
    lead: Lead | None = None,
    then: Next | None = None,
    token: str = "",
) -> Interaction:
    """Write it down. With a lead that is open, speaking to the customer contacts the lead; `then` comes next there.

    The same `token` with the same values again gives what it gave first.
    """
    locked = _lock(customer)
    at = clock.now()
    kept = _cleaned(kind, values, at=at)
    key = key_of(token, by=by, about=[kind, locked.pk], values=values) if token else str(uuid4())
    if known := Interaction.objects.live().filter(source=SOURCE, key=key).first():
        return known
    lead = Lead.objects.get(pk=lead.pk) if lead else None
    if lead is not None and lead.customer_id != locked.pk:
        raise ValidationError({"lead": _("The lead is another customer's.")})
    made = Interaction.objects.create(
        kind=kind, lead=lead, actor=by, source=SOURCE, key=key,
        customer=locked, original_customer=locked, **kept,
    )  # fmt: skip
    _noted(locked, made.occurred_at)
    _contact(lead, made, by=by, then=then)
    AuditEntry.objects.record(f"interaction.{kind}_logged", made, by=by, customer=locked.pk)
    return made


@transaction.atomic
def correct(interaction: Interaction, *, by: User | None, values: Values) -> Interaction:
    """Give it other values: a new version takes its place. Returns the live version. Raises NotTheWriter."""
    locked = _lock(interaction.customer)
    live = _live(interaction, by)
    before = {name: getattr(live, name) for name in FIELDS}
    wanted = {name: value for name, value in values.items() if name != "occurred_at" or value is not None}
    kept = _cleaned(live.kind, before | wanted, at=clock.now())
    if kept == before:
        return live
    corrected = live.amend(**kept)
    _noted(locked, min(live.occurred_at, corrected.occurred_at))
    changed = sorted(name for name in FIELDS if kept[name] != before[name])
    AuditEntry.objects.record("interaction.corrected", corrected, by=by, customer=locked.pk, fields=changed)
    return corrected


@transaction.atomic
def take_back(interaction: Interaction, *, by: User | None) -> None:
    """Have it count no longer; it stays for questions about what was known. Raises NotTheWriter."""
    locked = _lock(interaction.customer)
    live = _live(interaction, by)
    Interaction.objects.filter(pk=live.pk).supersede(at=clock.now())
    Arrival.objects.note([locked.pk], since=live.occurred_at)
    AuditEntry.objects.record("interaction.taken_back", live, by=by, customer=locked.pk)


@transaction.atomic
def put_back(interaction: Interaction, *, by: User | None) -> Interaction:
    """Have what was taken back count again, as it last was. Raises NotTheWriter."""
    _lock(interaction.customer)
    last = Interaction.objects.filter(root=interaction.root).order_by("-pk").select_related("customer")[0]
    locked = _lock(last.customer)  # a merge leaves with the loser what had been taken back
    _refuse_others(last, by)
    if last.superseded_at is None:
        return last
    live = last.amend(customer_id=locked.pk)
    Arrival.objects.note([locked.pk], since=live.occurred_at)
    AuditEntry.objects.record("interaction.put_back", live, by=by, customer=locked.pk)
    return live


def _lock(customer: Customer) -> Customer:
    return Customer.objects.lock_present(customer.pk)


def _live(interaction: Interaction, by: User | None) -> Interaction:
    """The version that holds, after the lock."""
    live = Interaction.objects.live().filter(root=interaction.root).select_related("customer").first()
    if live is None:
        raise ValidationError(_("It was taken back meanwhile."))
    _refuse_others(live, by)
    return live


def _refuse_others(interaction: Interaction, by: User | None) -> None:
    if by is not None and interaction.actor_id != by.pk:
        raise NotTheWriter(_("Only who wrote it may change it."))


def _noted(customer: Customer, since: datetime) -> None:
    Customer.objects.filter(pk=customer.pk, first_seen_at__gt=since).update(first_seen_at=since)
    Arrival.objects.note([customer.pk], since=since)


def _contact(lead: Lead | None, made: Interaction, *, by: User | None, then: Next | None) -> None:
    """Also where only the next action is given: an attempt without an answer has one, too."""
    if lead is None or not lead.is_open:
        return
    if made.is_contact:
        pursuing.contact(lead, by=by, then=then)
    elif then is not None:
        pursuing.change(lead, by=by, values=then.columns())


def _cleaned(kind: str, values: Values, *, at: datetime) -> dict[str, Any]:
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    kept: dict[str, Any] = {"direction": "", "outcome": "", "minutes": None, "text": ""}
    kept |= {name: value for name, value in values.items() if value is not None}
    kept["occurred_at"] = _instant(values.get("occurred_at"), at)
    kept["text"] = _text(str(kept["text"]), kind)
    if kind == InteractionKind.CALL:
        kept["direction"] = kept["direction"] or Direction.OUT.value
        kept["outcome"] = kept["outcome"] or Outcome.REACHED.value
    _refuse_what_it_has_not(kind, kept)
    return kept


def _instant(given: datetime | None, at: datetime) -> datetime:
    if given is None:
        return at
    if given > at:
        raise ValidationError({"occurred_at": _("This lies in the future. Plan it as a task instead.")})
    if given < BEGINNING:
        raise ValidationError({"occurred_at": _("Give a day after 1900.")})
    return given


def _text(text: str, kind: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if UNSTORABLE.search(text):
        raise ValidationError({"text": _("The text contains a character that can't be kept. Type it again.")})
    if len(text) > LONGEST_TEXT:
        raise ValidationError(
            {"text": _("The text has more than %(most)s characters.") % {"most": LONGEST_TEXT}}
        )
    if not text and kind == InteractionKind.NOTE:
        raise ValidationError({"text": _("Write what is worth knowing.")})
    return text


def _refuse_what_it_has_not(kind: str, kept: Values) -> None:
    has = {InteractionKind.NOTE: (), InteractionKind.MEETING: ("minutes",)}
    allowed = has.get(InteractionKind(kind), ("direction", "outcome", "minutes"))
    for name in ("direction", "outcome", "minutes"):
        if name not in allowed and kept[name] not in ("", None):
            raise ValidationError({name: _("Only calls and meetings have this.")})
    _refuse_unknown_words(kept)


def _refuse_unknown_words(kept: Values) -> None:
    for name, words in (("direction", Direction), ("outcome", Outcome)):
        if kept[name] and kept[name] not in words.values:
            raise ValidationError(
                {name: _("Choose one of: %(values)s.") % {"values": ", ".join(words.values)}}
            )
    if kept["minutes"] is not None and not 0 <= kept["minutes"] <= MOST_MINUTES:
        raise ValidationError({"minutes": _("Give 0 to %(most)s minutes.") % {"most": MOST_MINUTES}})
