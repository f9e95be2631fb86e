"""What the search of the whole product finds here: campaigns, templates, surveys."""

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Survey, Template
from campaigns.models.campaign import CampaignStatus
from clm.accounts.permissions import Capability
from clm.base.search import NamedRows, register

register(
    NamedRows(
        "campaign",
        _("Campaigns"),
        "megaphone",
        Capability.VIEW_CAMPAIGNS,
        order=40,
        rows=lambda user: Campaign.objects.all(),
        url="campaign",
        note="status",
        says=lambda status: CampaignStatus(status).label,
    )
)
register(
    NamedRows(
        "template",
        _("Templates"),
        "mail",
        Capability.VIEW_CAMPAIGNS,
        order=45,
        rows=lambda user: Template.objects.filter(archived_at=None),
        url="template",
    )
)
register(
    NamedRows(
        "survey",
        _("Surveys"),
        "gauge",
        Capability.VIEW_CAMPAIGNS,
        order=47,
        rows=lambda user: Survey.objects.filter(archived_at=None),
        url="survey",
    )
)
