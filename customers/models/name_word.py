from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F


class NameWord(models.Model):
    """A word that customers are called by, and about how many: what a misspelt name is compared with.

    A cache, brought up to date by `customers.names.learning`.
    """

    word = models.TextField(primary_key=True)
    customers = models.IntegerField(default=0)

    class Meta:
        indexes = [GinIndex(OpClass(F("word"), name="gin_trgm_ops"), name="customers_nameword_like")]

    def __str__(self) -> str:
        return self.word
