from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Template


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Template
        fields = ["name", "message_class"]
        help_texts = {"message_class": _("Customers should get more that helps them than that sells.")}
