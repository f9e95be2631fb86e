from typing import ClassVar, Self, TypeVar

from django.db import models

from clm.accounts.models import User
from customers.models.customer import Customer

M = TypeVar("M", bound=models.Model)


class CustomerFact(models.Model):
    """Whom a fact belongs to: `customer` now (a merge re-points it), `original_customer` for ever.

    Neither has an index of its own: each kind of fact has one that starts with the customer. Only `customer` has a
    foreign key in the database: the original is the customer at writing, is never changed, and customers are not
    deleted while facts speak of them; a second check of each row would cost a tenth of an import.

    `can_be_first`: may be the earliest that is known of a customer, so that "first seen" has to look at it.
    """

    can_be_first: ClassVar[bool] = True

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    original_customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True


class ImportedRow(models.Model):
    """A row that an import may have written, so that the import can be undone.

    Without a foreign key in the database: the import stands and is running while it writes, and is kept.
    """

    written_by = models.ForeignKey(
        "customers.Import", models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )

    class Meta:
        abstract = True


class FactFilledBySets(CustomerFact, ImportedRow):
    """A fact of which a customer has many from the first day: what is held of each row makes an import slow.

    A foreign key looks at each row by itself, which was a third of an import. The trigger that stands for it looks at
    a statement's customers at once and holds the same: no such row without its customer, and no customer deleted
    while there is one (see docs/decisions). Which import wrote a row is looked up once, to undo it.
    """

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    written_by = models.ForeignKey(
        "customers.Import",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        abstract = True


class SeenWithCustomer(models.QuerySet[M]):
    """Who sees a customer sees these of them; a rep sees the customers of the own leads."""

    def visible_to(self, user: User) -> Self:
        if not user.is_restricted:
            return self
        return self.filter(customer__in=Customer.objects.visible_one_by_one(user).values("pk"))

    def counted_for(self, user: User) -> Self:
        """Those that `visible_to` gives, quicker where all of them are counted."""
        if not user.is_restricted:
            return self
        return self.filter(customer__in=Customer.objects.ids_visible_to(user))
