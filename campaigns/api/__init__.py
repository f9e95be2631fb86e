"""API: templates, campaigns, and what became of each customer's run and message."""

from campaigns.api.campaigns import urlpatterns as campaigns
from campaigns.api.outbox import urlpatterns as outbox
from campaigns.api.templates import urlpatterns as templates

urlpatterns = [*templates, *campaigns, *outbox]
