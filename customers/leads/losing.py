"""Why leads were lost, in the words of earlier losses: offered again, so that one reason is one text."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import Count
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from customers.models import Lead, LeadStatus
from customers.privacy.forgetting import GONE

LOOKED_AT, OFFERED = 500, 12


class ReasonInput(forms.TextInput):
    """Takes any text, and offers those there are."""

    offered: Sequence[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        known = f"{name}-known"
        asked = super().render(name, value, {**(attrs or {}), "list": known}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((one,) for one in self.offered))
        return format_html('{}<datalist id="{}">{}</datalist>', asked, known, options)


class ReasonField(forms.CharField):
    widget = ReasonInput

    def __init__(self) -> None:
        super().__init__(
            label=_("Reason"),
            max_length=500,
            help_text=_("Why it will not become a sale. The same words each time let you count the reasons."),
        )

    def offer_to(self, user: User) -> None:
        cast(ReasonInput, self.widget).offered = reasons_given(user)


def reasons_given(user: User) -> list[str]:
    """Of the latest losses that the user sees, the most frequent first."""
    lost = Lead.objects.visible_to(user).filter(status=LeadStatus.LOST).exclude(lost_reason=GONE)
    latest = lost.order_by("-pk").values("pk")[:LOOKED_AT]
    counted = Lead.objects.filter(pk__in=latest).order_by().values_list("lost_reason")
    ranked = counted.annotate(number=Count("pk")).order_by("-number", "lost_reason")
    return [reason for reason, _number in ranked[:OFFERED]]
