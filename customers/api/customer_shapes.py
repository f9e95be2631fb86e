"""What a customer looks like on the way in and out."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from clm.accounts.models import Team, User
from clm.base.rest.serializers import AmountField, InstantField, ObjectField, StrictSerializer, TextField
from customers.intake.lookups import company_ids
from customers.models import Company
from customers.models.customer import Kind

MOST_OWN_FIELDS = 50


class CustomerShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Kind.choices)
    name = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField(help_text="E.164.")
    external_id = serializers.CharField()
    country = serializers.CharField()
    language = serializers.CharField()
    zone = serializers.CharField()
    company = serializers.CharField(allow_null=True, help_text="The company's name.")
    owner = serializers.IntegerField(allow_null=True)
    team = serializers.IntegerField(allow_null=True)
    orders = serializers.IntegerField(allow_null=True, help_text="Qualifying orders; null before the first.")
    revenue = AmountField(allow_null=True, help_text="Net of refunds, in the reporting currency.")
    first_order_at = InstantField(allow_null=True)
    last_order_at = InstantField(allow_null=True)
    first_seen_at = InstantField()
    created_at = InstantField()
    changed_at = InstantField(help_text="Of the profile; the ETag is made of it.")
    merged_into = serializers.IntegerField(
        allow_null=True, help_text="The customer this one turned out to be."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has `fields` of its own, so this one can't be an attribute.
        own = serializers.DictField(help_text=_("The company's own fields."))
        return {**super().get_fields(), "fields": own}


_RENAMED = {
    "company": "company__name",
    "owner": "owner_id",
    "team": "team_id",
    "merged_into": "merged_into_id",
    "orders": "purchases__orders",
    "revenue": "purchases__revenue",
    "first_order_at": "purchases__first_order_at",
    "last_order_at": "purchases__last_order_at",
}
COLUMNS: dict[str, str] = {str(name): _RENAMED.get(str(name), str(name)) for name in CustomerShape().fields}


class OwnValuesField(ObjectField):
    """Plain values, and lists of text for fields that take several choices."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = data if isinstance(data, dict) else {}
        lists = {
            name: value
            for name, value in given.items()
            if isinstance(value, list) and all(isinstance(one, str) for one in value)
        }
        plain = {name: value for name, value in given.items() if name not in lists} if lists else data
        return super().to_internal_value(plain) | lists


class CustomerChanges(StrictSerializer):
    kind = serializers.ChoiceField(Kind.choices, required=False)
    name = TextField(max_length=200, required=False, allow_blank=True)
    first_name = TextField(max_length=100, required=False, allow_blank=True)
    last_name = TextField(max_length=100, required=False, allow_blank=True)
    email = TextField(max_length=254, required=False, allow_blank=True)
    phone = TextField(max_length=32, required=False, allow_blank=True, help_text="With its country code.")
    country = TextField(max_length=2, required=False, allow_blank=True, help_text="Two letters, ISO 3166.")
    language = TextField(max_length=10, required=False, allow_blank=True)
    zone = TextField(
        max_length=64, required=False, allow_blank=True, help_text="IANA, such as Europe/Copenhagen."
    )
    company = TextField(
        max_length=200,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="By name; made when missing.",
    )
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True),
        required=False,
        allow_null=True,
        help_text="A user's id.",
    )
    team = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.all(), required=False, allow_null=True, help_text="A team's id."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        own = OwnValuesField(
            required=False,
            help_text=_(
                "The company's own fields: up to 50 plain values or lists of text, as `/custom-fields/` defines them."
            ),
        )
        return {**super().get_fields(), "fields": own}

    def validate_country(self, value: str) -> str:
        if value and not (value.isascii() and value.isalpha() and len(value) == 2):
            raise serializers.ValidationError(_("Use two letters (ISO 3166), such as DK."))
        return value.upper()

    def validate_fields(self, value: dict[str, Any]) -> dict[str, Any]:
        if len(value) > MOST_OWN_FIELDS or any(len(name) > 60 for name in value):
            raise serializers.ValidationError(_("At most 50 names of at most 60 characters."))
        if any(len(str(inner)) > 1000 for inner in value.values()):
            raise serializers.ValidationError(_("A value has at most 1,000 characters."))
        return value


class NewCustomer(CustomerChanges):
    external_id = TextField(max_length=200, required=False, allow_blank=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        about = _("The system that the external id is from.")
        source = TextField(max_length=64, required=False, allow_blank=True, help_text=about)
        return {**super().get_fields(), "source": source}


class CustomerItem(serializers.Serializer[Any]):
    customer = serializers.CharField(required=False, max_length=200, help_text="External id, of this source.")
    email = serializers.EmailField(required=False)
    phone = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    first_name = serializers.CharField(required=False)
    last_name = serializers.CharField(required=False)
    country = serializers.CharField(required=False)
    language = serializers.CharField(required=False)
    company = serializers.CharField(required=False, help_text="By name.")


def read(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The valid values of a body."""
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(body.validated_data)
    if "company" in values:
        values["company"] = _company(values["company"])
    return values


def _company(name: str | None) -> Company | None:
    return Company.objects.get(pk=company_ids([name])[name]) if name else None
