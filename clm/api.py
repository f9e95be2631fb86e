"""`/api/v1/`: every app's endpoints, the schema and its browsable page."""

from django.urls import URLPattern, URLResolver, include, path

from clm.api_docs import ApiSchema, api_docs

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", ApiSchema.as_view(), name="api-schema"),
    path("docs/", api_docs, name="api-docs"),
    path("", include("clm.accounts.api")),
    path("", include("clm.accounts.bulk_api")),
    path("", include("clm.accounts.retention_api")),
    path("", include("clm.accounts.saved_views.api")),
    path("", include("clm.accounts.teams_api")),
    path("", include("clm.finding.api")),
    path("", include("customers.api")),
    path("", include("lifecycle.api")),
    path("", include("lifecycle.journey_api")),
    path("", include("campaigns.api")),
    path("", include("campaigns.survey_api")),
    path("", include("metrics.spend_api")),
    path("", include("metrics.api")),
    path("", include("metrics.stage_api")),
]
