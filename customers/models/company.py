from django.db import models
from django.utils.translation import gettext_lazy as _

from clm.base.db import ClockTimestamp


class Company(models.Model):
    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name
