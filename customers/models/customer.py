from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Collate, Concat, Lower
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import Role, Sees, Team, User
from clm.accounts.models.organisation import validate_zone
from clm.base.db import ClockTimestamp, EqualsAny, among, one_of
from customers.models.company import Company


class Kind(models.TextChoices):
    PERSON = "person", _("Person")
    FIRM = "firm", _("Firm")


def _reached(rep: User) -> list[tuple[str, int]]:
    """What a customer or a lead must have for the rep to reach it: any of these."""
    sees_team = rep.role == Role.REP and rep.sees == Sees.TEAM and rep.team_id
    return [("owner", rep.pk), *([("team", rep.team_id)] if sees_team and rep.team_id else [])]


def _reach(rep: User) -> Q:
    return reduce(or_, (Q(**{name: value}) for name, value in _reached(rep)))


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: User) -> Self:
        """The one scoping rule behind pages, API, search, export and aggregates.

        A rep sees the customers within their reach and those of the leads within it.
        """
        if not user.is_restricted:
            return self
        leads = apps.get_model("customers", "Lead")._default_manager.within_reach_of(user)
        return self.filter(_reach(user) | one_of("pk", leads.values("customer")))

    def visible_one_by_one(self, user: User) -> Self:
        """The same customers, for few of many rows that are read in another order: each is looked up for itself."""
        if not user.is_restricted:
            return self
        leads = apps.get_model("customers", "Lead")._default_manager.within_reach_of(user)
        by_lead = Exists(leads.filter(customer=OuterRef("pk")))
        also_by_index = Q(EqualsAny(F("pk"), ArraySubquery(leads.values("customer"))))
        return self.filter(_reach(user) | Q(by_lead) & also_by_index)

    def ids_visible_to(self, rep: User) -> "models.QuerySet[Customer, Any]":
        """The same customers' ids, some of them twice, read from indexes alone: for counting."""
        leads = apps.get_model("customers", "Lead")._default_manager.all()
        parts: list[models.QuerySet[Customer, Any]] = [
            rows.filter(**{name: value}).values(key)
            for name, value in _reached(rep)
            for rows, key in ((self, "pk"), (leads, "customer"))
        ]
        return parts[0].union(*parts[1:], all=True)

    def within_reach_of(self, rep: User) -> Self:
        """The rep's own, and those of the team when the rep sees the team."""
        return self.filter(_reach(rep))

    def present(self) -> Self:
        """Without those that were merged into another."""
        return self.filter(merged_into=None)

    def became(self, pk: int) -> "Customer | None":
        """Of these customers the one that a number stands for by now: itself, or whom it was merged into."""
        gone = Customer.objects.filter(pk=pk).values("merged_into")
        return self.present().filter(Q(pk=pk) | Q(pk__in=gone)).first()

    def lock(self) -> list[int]:
        """Lock the rows in id order, so that facts can still be inserted. Returns their ids.

        Evaluates at once: an unevaluated lock runs no SQL. Call inside a transaction, then read the clock.
        """
        return list(
            self.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True)
        )

    def lock_present(self, pk: int) -> "Customer":
        """The customer that has the facts of `pk` by now, locked: itself, or whom it was merged into.

        Call inside a transaction. The lock on one that was merged away is let go, so that ids are locked in order.
        """
        while True:
            before = transaction.savepoint()
            self.filter(pk=pk).lock()
            found = self.get(pk=pk)
            if found.merged_into_id is None:
                transaction.savepoint_commit(before)
                return found
            transaction.savepoint_rollback(before)
            pk = found.merged_into_id

    def lock_all_present(self, ids: Iterable[int]) -> dict[int, int]:
        """By each of these ids the customer that has its facts by now; all locked, as `lock_present` does one."""
        present = {pk: pk for pk in ids}
        while True:
            before = transaction.savepoint()
            rows = self.filter(among("pk", sorted({*present.values()}))).order_by("pk")
            locked = dict(rows.select_for_update(no_key=True, of=("self",)).values_list("pk", "merged_into"))
            if not any(locked.values()):
                transaction.savepoint_commit(before)
                return {pk: now for pk, now in present.items() if now in locked}
            transaction.savepoint_rollback(before)
            present = {pk: locked.get(now) or now for pk, now in present.items()}


class Customer(models.Model):
    """A person or firm for its whole life, also before the first purchase. Current values are a cache of facts."""

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PERSON)
    name = models.CharField(_("name"), max_length=200, blank=True)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    external_id = models.CharField(_("external id"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_zone])
    company = models.ForeignKey(
        Company, models.SET_NULL, null=True, blank=True, verbose_name=_("company"), db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        db_index=False,
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, verbose_name=_("team"), db_index=False
    )
    fields = models.JSONField(_("own fields"), default=dict, blank=True)
    first_seen_at = models.DateTimeField(db_default=ClockTimestamp())
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    erased_at = models.DateTimeField(null=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    search_text = models.GeneratedField(
        expression=Lower(
            Concat(
                F("name"), Value(" "), F("email"), Value(" "), F("phone"), Value(" "), F("external_id"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )  # fmt: skip

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(OpClass(F("search_text"), name="gin_trgm_ops"), name="customers_customer_search"),
            # Only of those who have some.
            GinIndex(
                OpClass(F("fields"), name="jsonb_path_ops"),
                name="customers_customer_own_fields",
                condition=~Q(fields={}),
            ),
            models.Index(fields=["first_seen_at", "id"], name="customers_customer_first_seen"),
            models.Index(fields=["name", "id"], name="customers_customer_by_name"),
            # Whoever keeps a copy asks for what changed since.
            models.Index(fields=["changed_at", "id"], name="customers_customer_by_change"),
            # Whose name begins so, in this order.
            models.Index(Collate(Lower("name"), "C"), name="customers_customer_name_starts"),
            # Most customers have neither: the indexes hold those who have.
            models.Index(
                fields=["company"], name="customers_customer_company", condition=Q(company__isnull=False)
            ),
            models.Index(
                fields=["merged_into"],
                name="customers_customer_merged",
                condition=Q(merged_into__isnull=False),
            ),
            # With the id: what a rep sees is counted from these alone.
            models.Index(
                fields=["owner", "id"], name="customers_customer_of_owner", condition=Q(owner__isnull=False)
            ),
            models.Index(
                fields=["team", "id"], name="customers_customer_in_team", condition=Q(team__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.external_id or self.phone or f"#{self.pk}"
