"""What a ticket looks like on the way in and out."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from clm.accounts.models import Team, User
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from customers.models import Priority, TicketStatus, TicketType
from customers.models.tickets.ticket import LONGEST_TEXT

LARGEST = 2**63 - 1


class TicketShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    customer = serializers.IntegerField()
    company = serializers.IntegerField(allow_null=True, help_text="That of the customer when it was opened.")
    subject = serializers.CharField()
    text = serializers.CharField(help_text="Plain text; empty where only the subject is known.")
    type = serializers.ChoiceField(TicketType.choices)
    priority = serializers.ChoiceField(Priority.choices)
    status = serializers.ChoiceField(TicketStatus.choices, help_text="waiting: for the customer.")
    owner = serializers.IntegerField(allow_null=True)
    team = serializers.IntegerField(allow_null=True)
    opened_at = InstantField()
    first_answered_at = InstantField(allow_null=True)
    solved_at = InstantField(allow_null=True)
    closed_at = InstantField(allow_null=True)
    answer_by = InstantField(allow_null=True, help_text="By its target; null without one.")
    solve_by = InstantField(allow_null=True, help_text="By its target; null without one.")
    due_at = InstantField(
        allow_null=True,
        help_text="The next of the two that is still to be kept; null while it is not open. Past it is overdue.",
    )
    merged_into = serializers.IntegerField(allow_null=True, help_text="The ticket in which it goes on.")
    key = serializers.CharField(help_text="What it is called in its source.")
    changed_at = InstantField(help_text="The ETag is made of it.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has a `source` of its own, so this field can't be an attribute.
        about = _("The system it comes from; clm: opened here.")
        return {**super().get_fields(), "source": serializers.CharField(help_text=about)}


_RENAMED = {name: f"{name}_id" for name in ("customer", "company", "owner", "team", "merged_into")}
COLUMNS: dict[str, str] = {str(name): _RENAMED.get(str(name), str(name)) for name in TicketShape().fields}


class TicketChanges(StrictSerializer):
    subject = TextField(max_length=200, required=False)
    text = TextField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    type = serializers.ChoiceField(TicketType.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        help_text="A user who sees the customer.",
    )
    team = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.all(), required=False, allow_null=True, help_text="A team's id."
    )


class NewTicket(TicketChanges):
    customer = WholeNumberField(min_value=1, max_value=LARGEST, help_text="A customer's id.")
    subject = TextField(max_length=200)


class TicketNote(StrictSerializer):
    note = TextField(
        max_length=LONGEST_TEXT, required=False, allow_blank=True, default="", help_text="For the record."
    )


class TicketAnswer(StrictSerializer):
    note = TextField(max_length=LONGEST_TEXT, help_text="What was answered, for the record: nothing is sent.")
    waits = serializers.BooleanField(
        default=True, help_text="Whether it is the customer's turn now; false: the ticket stays open."
    )


class TicketMerging(StrictSerializer):
    into = WholeNumberField(min_value=1, max_value=LARGEST, help_text="Another ticket of the same customer.")


class TicketItem(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=200, help_text="The ticket's id in the source.")
    customer = serializers.CharField(
        max_length=200, required=False, help_text="The customer's id in the source."
    )
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    person = serializers.CharField(max_length=200, required=False, help_text="Names a customer who is new.")
    subject = serializers.CharField(max_length=200, required=False, help_text="A new ticket needs one.")
    text = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    type = serializers.ChoiceField(TicketType.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    status = serializers.ChoiceField(TicketStatus.choices, required=False)
    note = serializers.CharField(
        max_length=LONGEST_TEXT, required=False, help_text="What was answered or done last."
    )
    owner = serializers.CharField(required=False, help_text="A user's e-mail address.")
    team = serializers.CharField(max_length=100, required=False, help_text="A team's name.")
    opened_at = serializers.DateTimeField(required=False, help_text="Of a new ticket; as the other instants.")
    first_answered_at = serializers.DateTimeField(required=False)
    solved_at = serializers.DateTimeField(required=False)
    closed_at = serializers.DateTimeField(required=False)
