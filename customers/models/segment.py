"""Segments: named sets of customers, kept by hand or by conditions, and who was in them when."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Organisation, User
from clm.base import clock
from clm.base.conditions import Asked, Node, parse
from clm.base.db import ClockTimestamp
from customers.models.customer import Customer, CustomerQuerySet
from customers.models.facts import CustomerFact


class SegmentKind(models.TextChoices):
    DYNAMIC = "dynamic", _("By conditions")
    STATIC = "static", _("By hand")


class Computing(models.TextChoices):
    """Of a dynamic segment: are its members those of its conditions?"""

    FRESH = "fresh", _("Up to date")
    QUEUED = "queued", _("Being computed")
    FAILED = "failed", _("Failed")


class SegmentQuerySet(models.QuerySet["Segment"]):
    def visible_to(self, user: User) -> Self:
        """Those for everybody, and the user's own."""
        return self.filter(Q(is_shared=True) | Q(owner=user))

    def dynamic(self) -> Self:
        return self.filter(kind=SegmentKind.DYNAMIC)

    def kept_up(self) -> Self:
        """The dynamic ones whose members follow each change; one that failed waits for a whole pass."""
        return self.dynamic().exclude(status=Computing.FAILED)

    def lock(self) -> "list[Segment]":
        """Lock the rows in id order and read them as they are now. Evaluates at once."""
        return list(self.order_by("pk").select_for_update(no_key=True, of=("self",)))


class Segment(models.Model):
    """A named set of customers. `slug` stays for ever; `revision` counts the changes of the conditions, the last at
    `redefined_at`; `changed_at` is of anything that forms show.

    `count` and the members of a dynamic segment are true as of `computed_at`.
    """

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(_("description"), max_length=1000, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=SegmentKind)
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    revision = models.PositiveIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_shared = models.BooleanField(_("for everybody"), default=True)
    count = models.BigIntegerField(default=0)
    computed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Computing, default=Computing.FRESH)
    error = models.TextField(blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    redefined_at = models.DateTimeField(db_default=ClockTimestamp())

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="customers_segment_one_of_a_name",
                violation_error_message=_("Another segment has this name. Choose another."),
            ),
            models.CheckConstraint(
                condition=Q(kind="static", conditions={}) | (Q(kind="dynamic") & ~Q(conditions={})),
                name="customers_segment_dynamic_has_conditions",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_dynamic(self) -> bool:
        return self.kind == SegmentKind.DYNAMIC

    @property
    def tree(self) -> Node:
        """The conditions of a dynamic segment. Raises InvalidCondition when they can't be read any more."""
        return parse(self.conditions)

    def customers(
        self, as_of: datetime | None = None, known_at: datetime | None = None, *, zone: str = ""
    ) -> CustomerQuerySet:
        """Who belongs to it as of an instant; the present when none is given.

        A dynamic segment asks its conditions then, whoever was a member; a static one its members' periods.
        For lists of the present `members()` is quicker, and the same as of `computed_at`. Without a `zone` the
        organisation's is read. Raises InvalidCondition.
        """
        as_of = as_of or clock.now()
        present = Customer.objects.present()
        if self.is_dynamic:
            zone = zone or Organisation.objects.current().zone
            return present.filter(self.tree.to_q(Asked(zone=zone, as_of=as_of, known_at=known_at)))
        periods = SegmentMember.objects.filter(segment=self).at(as_of, known_at)
        return present.filter(Exists(periods.filter(customer=OuterRef("pk"))))

    def members(self) -> CustomerQuerySet:
        """Who is in it, as far as was computed."""
        return Customer.objects.present().filter(pk__in=self.periods().open().values("customer"))

    def periods(self) -> "SegmentMemberQuerySet":
        return SegmentMember.objects.filter(segment=self)


class SegmentMemberQuerySet(models.QuerySet["SegmentMember"]):
    def open(self) -> Self:
        return self.filter(left_at=None)

    def at(self, as_of: Any, known_at: datetime | None = None) -> Self:
        """Periods that ran just before an (exclusive) instant, which may be an expression."""
        ran = Q(left_at=None) | Q(left_at__gte=as_of)
        known = Q()
        if known_at is not None:  # what is written down happens then and there
            ran, known = ran | Q(left_at__gt=known_at), Q(entered_at__lte=known_at)
        return self.filter(ran, known, entered_at__lt=as_of)

    def entered_since(self, since: datetime) -> Self:
        """The periods that began at or after an instant, in order: what campaigns ask for new entrants."""
        return self.filter(entered_at__gte=since).order_by("entered_at", "pk")


class SegmentMember(CustomerFact):
    """A customer's stay in a segment. Of a dynamic one it begins and ends when that is noticed."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = SegmentMemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"],
                condition=Q(left_at=None),
                name="customers_segment_member_once",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("entered_at")),
                name="customers_segment_member_leaves_later",
            ),
        ]
        indexes = [
            models.Index(fields=["segment", "entered_at"], name="customers_segment_entered"),
            models.Index(
                fields=["segment", "left_at"],
                condition=Q(left_at__isnull=False),
                name="customers_segment_left",
            ),
            models.Index(fields=["customer", "segment"], name="customers_segment_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.segment_id}"


class SegmentCheck(models.Model):
    """A customer changed: their place in dynamic segments has to be looked at. A queue, filled by triggers.

    Whoever notes an arrival, or writes a stay in a stage, notes this too.
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )

    def __str__(self) -> str:
        return str(self.customer_id)


class SegmentDue(models.Model):
    """When a customer's place in a segment may next change by itself, without a new fact."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "customer"], name="customers_segment_due_once")
        ]
        indexes = [models.Index(fields=["segment", "at"], name="customers_segment_due_at")]

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.segment_id} at {self.at}"
