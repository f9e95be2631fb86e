"""What a lead looks like on the way in and out."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from clm.accounts.models import Team, User
from clm.base.money import CURRENCIES
from clm.base.rest.serializers import AmountField, InstantField, StrictSerializer, TextField, WholeNumberField
from customers.leads.pursuing import LONGEST_NOTE
from customers.models import Channel, LeadStatus
from customers.models.lead_status import OPEN

NEXT_HELP = "What is to be done next; takes the place of the next action there is."


class ConflictShape(serializers.Serializer[Any]):
    field = serializers.CharField()
    kept = serializers.CharField(help_text="The customer's value, which stays.")
    given = serializers.CharField(help_text="The other value, kept here.")


class ConversionShape(serializers.Serializer[Any]):
    filled = serializers.ListField(
        child=serializers.CharField(), help_text="Fields of the customer that were empty."
    )
    conflicts = ConflictShape(many=True)


class EnquiryShape(serializers.Serializer[Any]):
    name = serializers.CharField(required=False)
    first_name = serializers.CharField(required=False)
    last_name = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)
    company = serializers.CharField(required=False)
    country = serializers.CharField(required=False)
    language = serializers.CharField(required=False)


class LeadShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    customer = serializers.IntegerField(help_text="The customer pursued; the one it was won for.")
    opened_on = serializers.IntegerField(help_text="The customer it was opened on.")
    title = serializers.CharField()
    status = serializers.ChoiceField(LeadStatus.choices)
    outcome = serializers.ChoiceField(
        [("won", "won"), ("lost", "lost")], allow_null=True, help_text="Null while it is open."
    )
    step = serializers.IntegerField(
        allow_null=True, help_text="The step of the pipeline it was put in; null: the first of its status."
    )
    owner = serializers.IntegerField(allow_null=True)
    team = serializers.IntegerField(allow_null=True)
    value = AmountField(allow_null=True)
    currency = serializers.CharField(help_text="Empty without a value.")
    value_reporting = AmountField(
        allow_null=True, help_text="In the reporting currency; null without an exchange rate."
    )
    next_action = serializers.CharField()
    next_action_on = serializers.DateField(allow_null=True)
    expected_close_on = serializers.DateField(allow_null=True)
    lost_reason = serializers.CharField()
    enquiry = EnquiryShape(help_text="What the person gave when it was opened.")
    conversion = ConversionShape(allow_null=True, help_text="What converting did; null until then.")
    opened_at = InstantField()
    contacted_at = InstantField(allow_null=True, help_text="The last contact.")
    qualified_at = InstantField(allow_null=True)
    closed_at = InstantField(allow_null=True)
    changed_at = InstantField(help_text="The ETag is made of it.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has a `source` of its own, so this field can't be an attribute.
        about = _("The slug of the channel it came from.")
        return {**super().get_fields(), "source": serializers.CharField(allow_null=True, help_text=about)}


_RENAMED = {
    "customer": "customer_id",
    "opened_on": "original_customer_id",
    "step": "place_id",
    "owner": "owner_id",
    "team": "team_id",
    "source": "channel__slug",
    "outcome": "status",
}
COLUMNS: dict[str, str] = {str(name): _RENAMED.get(str(name), str(name)) for name in LeadShape().fields}


class Person(StrictSerializer):
    name = TextField(max_length=200, required=False, allow_blank=True)
    first_name = TextField(max_length=100, required=False, allow_blank=True)
    last_name = TextField(max_length=100, required=False, allow_blank=True)
    email = TextField(max_length=254, required=False, allow_blank=True)
    phone = TextField(max_length=32, required=False, allow_blank=True, help_text="With its country code.")
    company = TextField(max_length=200, required=False, allow_blank=True, help_text="By name.")
    country = TextField(max_length=2, required=False, allow_blank=True, help_text="Two letters, ISO 3166.")
    language = TextField(max_length=10, required=False, allow_blank=True)

    def validate_country(self, value: str) -> str:
        if value and not (value.isascii() and value.isalpha() and len(value) == 2):
            raise serializers.ValidationError(_("Use two letters (ISO 3166), such as DK."))
        return value.upper()


def _people() -> serializers.PrimaryKeyRelatedField[Any]:
    return serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        help_text="A user's id.",
    )


def _teams() -> serializers.PrimaryKeyRelatedField[Any]:
    return serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.all(), required=False, allow_null=True, help_text="A team's id."
    )


class LeadChanges(StrictSerializer):
    title = TextField(max_length=200, required=False, allow_blank=True)
    owner = _people()
    team = _teams()
    value = AmountField(required=False, allow_null=True, min_value=0)
    currency = TextField(
        max_length=3, required=False, allow_blank=True, help_text="ISO 4217; the reporting one unless given."
    )
    next_action = TextField(max_length=200, required=False, allow_blank=True)
    next_action_on = serializers.DateField(required=False, allow_null=True)
    expected_close_on = serializers.DateField(required=False, allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        source = serializers.SlugRelatedField(
            queryset=Channel.objects.all(),
            slug_field="slug",
            required=False,
            allow_null=True,
            help_text=_("The slug of a channel."),
        )
        return {**super().get_fields(), "source": source}

    def validate_currency(self, value: str) -> str:
        if value and value.upper() not in CURRENCIES:
            raise serializers.ValidationError(_("This is not an ISO 4217 currency, such as EUR."))
        return value.upper()


class NewLead(LeadChanges):
    customer = WholeNumberField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="A customer's id."
    )
    person = Person(required=False)
    note = TextField(max_length=LONGEST_NOTE, required=False, allow_blank=True)


class Step(StrictSerializer):
    note = TextField(max_length=LONGEST_NOTE, required=False, allow_blank=True, default="")
    next_action = TextField(max_length=200, required=False, allow_blank=True, help_text=NEXT_HELP)
    next_action_on = serializers.DateField(required=False, allow_null=True)


class Move(StrictSerializer):
    status = serializers.ChoiceField(
        [(one.value, one.value) for one in OPEN],
        required=False,
        help_text="The first step with this meaning.",
    )
    step = WholeNumberField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="A step of the lead's pipeline."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Give either a status or a step."))
        return attrs


class Loss(StrictSerializer):
    reason = TextField(max_length=500, help_text="Why it will not become a sale.")
    note = TextField(max_length=LONGEST_NOTE, required=False, allow_blank=True, default="")


class Assignment(StrictSerializer):
    team = _teams()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        owner = serializers.PrimaryKeyRelatedField(
            queryset=User.objects.filter(is_active=True),
            allow_null=True,
            help_text=_("A user's id; null: nobody."),
        )
        return {"owner": owner, **super().get_fields()}


class Conversion(StrictSerializer):
    into = WholeNumberField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="The customer it turned out to be; else the lead's own.",
    )


class Option(serializers.Serializer[Any]):
    customer = serializers.IntegerField()
    name = serializers.CharField()
    by = serializers.RegexField(
        r"^(own|email|phone|name_and_company)$", help_text="Why it may be this one; own: the lead is on it."
    )
    fills = serializers.DictField(help_text="Empty fields and what they would hold.")
    conflicts = ConflictShape(many=True)


class Options(serializers.Serializer[Any]):
    status = serializers.ChoiceField(LeadStatus.choices)
    conversion = ConversionShape(allow_null=True)
    options = Option(many=True)
