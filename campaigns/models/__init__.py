from campaigns.models.campaign import Campaign, CampaignKind, CampaignQuerySet, CampaignStatus, Reentry
from campaigns.models.delivery import Delivery, DeliveryKind
from campaigns.models.enrollment import Enrollment, EnrollmentQuerySet, Outcome
from campaigns.models.handover import HandOver
from campaigns.models.message import Message, MessageKind, MessageQuerySet, MessageState, Reason
from campaigns.models.response import Band, Response, Via, band_of
from campaigns.models.sending import MailServer, SendingRules
from campaigns.models.suppression import Suppression, SuppressionReason, address_key
from campaigns.models.survey import Invitation, Survey, SurveyKind
from campaigns.models.template import (
    FrozenText,
    MailText,
    MessageClass,
    Template,
    TemplateText,
    TemplateVersion,
)
from campaigns.models.version import (
    CampaignVersion,
    Step,
    StepKind,
    TriggerKind,
    VersionStatus,
    WaitUnit,
    wait_problem,
)

__all__ = [
    "Band",
    "Campaign",
    "CampaignKind",
    "CampaignQuerySet",
    "CampaignStatus",
    "CampaignVersion",
    "Delivery",
    "DeliveryKind",
    "Enrollment",
    "EnrollmentQuerySet",
    "FrozenText",
    "HandOver",
    "Invitation",
    "MailServer",
    "MailText",
    "Message",
    "MessageClass",
    "MessageKind",
    "MessageQuerySet",
    "MessageState",
    "Outcome",
    "Reason",
    "Reentry",
    "Response",
    "SendingRules",
    "Step",
    "StepKind",
    "Suppression",
    "SuppressionReason",
    "Survey",
    "SurveyKind",
    "Template",
    "TemplateText",
    "TemplateVersion",
    "TriggerKind",
    "VersionStatus",
    "Via",
    "WaitUnit",
    "address_key",
    "band_of",
    "wait_problem",
]
