"""What is asked before many tickets are changed at once."""

from django import forms
from django.utils.translation import gettext_lazy

from customers.leads.bulk_forms import AskedForm
from customers.models import Priority, TicketStatus
from customers.models.tickets.ticket import LONGEST_TEXT


class PriorityForm(AskedForm):
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), choices=Priority.choices)


class StatusForm(AskedForm):
    """To wait for the customer, a ticket must be answered: each for itself."""

    status = forms.ChoiceField(
        label=gettext_lazy("To"),
        choices=[
            (one.value, one.label) for one in (TicketStatus.SOLVED, TicketStatus.CLOSED, TicketStatus.OPEN)
        ],
        help_text=gettext_lazy(
            "Each by itself: what is closed must be opened again before it can be solved."
        ),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It is kept with every one of them."),
    )
