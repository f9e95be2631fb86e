from django.db import models

from customers.models.import_run import Import


class Thing(models.TextChoices):
    """What an import can make that is no fact of a customer."""

    COMPANY = "company"
    PRODUCT = "product"
    LEAD = "lead"


class ExternalKey(models.Model):
    """What a company or a lead is called in the system it comes from. Products are called by their SKU."""

    thing = models.CharField(max_length=10, choices=Thing)
    source = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    thing_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thing", "source", "key"], name="customers_external_key"),
        ]
        indexes = [models.Index(fields=["thing", "thing_id"], name="customers_key_of_thing")]

    def __str__(self) -> str:
        return f"{self.source}: {self.key}"


class Brought(models.Model):
    """What an import did to a thing, so that it can be undone. Without `before` the import made it."""

    run = models.ForeignKey(Import, models.CASCADE, related_name="+", db_index=False)
    thing = models.CharField(max_length=10, choices=Thing)
    thing_id = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["run", "id"], name="customers_brought_by"),
            models.Index(fields=["thing", "thing_id"], name="customers_brought_of"),
        ]

    def __str__(self) -> str:
        return f"{self.thing} {self.thing_id}"
