"""What campaigns, templates, runs and messages look like on the way in and out."""

from typing import Any

from rest_framework import serializers

from campaigns.models import (
    Campaign,
    CampaignStatus,
    CampaignVersion,
    MessageClass,
    MessageState,
    Outcome,
    Reason,
    Reentry,
    Step,
    StepKind,
    SuppressionReason,
    Template,
    TemplateText,
    WaitUnit,
)
from campaigns.models.message import MessageKind
from campaigns.models.version import MOST_OF
from campaigns.texts import fingerprint
from clm.base.rest.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from customers.api.condition_shapes import TreeField
from customers.models.consent import Purpose


def same_names(shape: type[serializers.Serializer[Any]]) -> dict[str, str]:
    """Columns that are called as the answer's fields."""
    return {str(name): str(name) for name in shape().get_fields()}


class TextShape(serializers.Serializer[Any]):
    language = serializers.CharField()
    subject = serializers.CharField()
    preheader = serializers.CharField()
    blocks = serializers.ListField(child=serializers.DictField(), help_text="See docs/campaigns.md.")
    version = serializers.CharField(help_text="Send it as If-Match with a change.")


class TemplateShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    message_class = serializers.ChoiceField(MessageClass.choices)
    changed_at = InstantField()


class TemplateDetail(TemplateShape):
    texts = TextShape(many=True)


class NewTemplate(StrictSerializer):
    name = TextField(max_length=200)
    message_class = serializers.ChoiceField(MessageClass.choices, required=False, default=MessageClass.VALUE)


class NewText(StrictSerializer):
    subject = TextField(max_length=200)
    preheader = TextField(max_length=200, required=False, allow_blank=True, default="")
    blocks = serializers.JSONField(help_text="A list of blocks, each an object with its `kind` and texts.")


class StepShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    kind = serializers.ChoiceField(StepKind.choices)
    template = serializers.IntegerField(allow_null=True)
    wait_amount = serializers.IntegerField(allow_null=True)
    wait_unit = serializers.ChoiceField(WaitUnit.choices)
    condition = TreeField(allow_null=True)
    expires_after_hours = serializers.IntegerField(allow_null=True)


class VersionShape(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    trigger = serializers.DictField()
    exit_condition = TreeField(allow_null=True)
    goal = TreeField(allow_null=True)
    leaves_with_stage = serializers.BooleanField()
    leaves_on_unsubscribe = serializers.BooleanField()
    steps = StepShape(many=True)


class CampaignShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    status = serializers.ChoiceField(CampaignStatus.choices)
    purpose = serializers.ChoiceField(Purpose.choices)
    reentry = serializers.ChoiceField(Reentry.choices)
    reentry_days = serializers.IntegerField(allow_null=True)
    priority = serializers.IntegerField()
    created_at = InstantField()
    launched_at = InstantField(allow_null=True)
    finished_at = InstantField(allow_null=True)


CAMPAIGN_COLUMNS = same_names(CampaignShape)


class CampaignDetail(CampaignShape):
    published = VersionShape(allow_null=True)
    draft = VersionShape(allow_null=True)
    flaws = serializers.ListField(
        child=serializers.CharField(), help_text="What keeps the draft from being started."
    )


class NewStep(StrictSerializer):
    kind = serializers.ChoiceField(StepKind.choices)
    template = WholeNumberField(required=False, allow_null=True, min_value=1, max_value=2**62)
    wait_amount = WholeNumberField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=max(MOST_OF.values()),
        help_text="Of a wait: at most 365 days, 1000 hours or 10000 minutes.",
    )
    wait_unit = serializers.ChoiceField(WaitUnit.choices, required=False, default=WaitUnit.DAYS)
    condition = TreeField(required=False, allow_null=True, default=None)
    expires_after_hours = WholeNumberField(required=False, allow_null=True, min_value=1, max_value=24 * 90)


class Draft(StrictSerializer):
    """The whole draft, as it shall be."""

    trigger = serializers.JSONField(
        help_text="{kind: stage_entered, model, stages} or {kind: segment_entered, segment}."
    )
    exit_condition = TreeField(required=False, allow_null=True, default=None)
    goal = TreeField(required=False, allow_null=True, default=None)
    leaves_with_stage = serializers.BooleanField(required=False, default=True)
    leaves_on_unsubscribe = serializers.BooleanField(required=False, default=True)
    steps = NewStep(many=True)


class NewCampaign(StrictSerializer):
    name = TextField(max_length=200, required=False)
    preset = TextField(max_length=50, required=False, help_text="welcome or win-back: complete, with texts.")


class Start(StrictSerializer):
    includes_present = serializers.BooleanField(
        required=False, default=False, help_text="Also those who are in the stage or segment already."
    )


class Nothing(StrictSerializer):
    """An empty object."""


class RunShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    customer = serializers.IntegerField()
    campaign = serializers.IntegerField()
    version = serializers.IntegerField()
    matched_at = InstantField()
    entered_at = InstantField()
    position = serializers.IntegerField(help_text="Of the next step, counted from 0.")
    next_step_at = InstantField(allow_null=True)
    finished_at = InstantField(allow_null=True)
    outcome = serializers.ChoiceField([("", "going on"), *Outcome.choices])
    reason = serializers.CharField()


RUN_COLUMNS = {
    **same_names(RunShape),
    "customer": "customer_id",
    "campaign": "campaign_id",
    "version": "version__number",
}


class MessageShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(MessageKind.choices)
    customer = serializers.IntegerField()
    campaign = serializers.IntegerField(allow_null=True)
    enrollment = serializers.IntegerField(allow_null=True)
    step = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(MessageState.choices)
    reason = serializers.ChoiceField([("", "none"), *Reason.choices])
    words = serializers.CharField(help_text="The mail server's own.")
    message_id = serializers.CharField()
    queued_at = InstantField()
    not_before = InstantField()
    expires_at = InstantField()
    sent_at = InstantField(allow_null=True)
    settled_at = InstantField(allow_null=True)


MESSAGE_COLUMNS = {
    **same_names(MessageShape),
    "customer": "customer_id",
    "campaign": "campaign_id",
    "enrollment": "enrollment_id",
    "step": "step_id",
}


class SuppressionShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    address = serializers.CharField()
    reason = serializers.ChoiceField(SuppressionReason.choices)
    words = serializers.CharField()
    suppressed_at = InstantField()


SUPPRESSION_COLUMNS = same_names(SuppressionShape)


class NewSuppression(StrictSerializer):
    address = TextField(max_length=254)


def text_told(text: TemplateText) -> dict[str, Any]:
    return {
        "language": text.language,
        "subject": text.subject,
        "preheader": text.preheader,
        "blocks": text.blocks,
        "version": fingerprint(text),
    }


def template_told(template: Template) -> dict[str, Any]:
    names = ("id", "name", "message_class", "changed_at")
    texts = [text_told(text) for text in template.texts.order_by("language")]
    return {name: getattr(template, name) for name in names} | {"texts": texts}


def campaign_told(campaign: Campaign, flaws: list[str]) -> dict[str, Any]:
    return {
        **{name: getattr(campaign, name) for name in CAMPAIGN_COLUMNS},
        "published": _version_told(campaign.published()),
        "draft": _version_told(campaign.draft()),
        "flaws": flaws,
    }


def _version_told(version: CampaignVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    names = ("number", "trigger", "exit_condition", "goal", "leaves_with_stage", "leaves_on_unsubscribe")
    return {
        **{name: getattr(version, name) for name in names},
        "steps": [_step_told(step) for step in version.steps.order_by("position")],
    }


def _step_told(step: Step) -> dict[str, Any]:
    names = ("id", "position", "kind", "wait_amount", "wait_unit", "condition")
    return {name: getattr(step, name) for name in names} | {
        "template": step.template_id,
        "expires_after_hours": step.settings.get("expires_after_hours"),
    }
