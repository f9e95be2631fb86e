"""`/api/v1/`: every app's endpoints, the schema and its browsable page."""

from django.urls import URLPattern, URLResolver, path

from clm.api_docs import ApiSchema, api_docs
from clm.joining import joined

# An app joins with the `urlpatterns` of its `api.py` as soon as it has endpoints.
APPS = ("clm.accounts.api", "customers.api", "lifecycle.api", "metrics.spend_api", "metrics.api")

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", ApiSchema.as_view(), name="api-schema"),
    path("docs/", api_docs, name="api-docs"),
    *(pattern for app in APPS for pattern in joined(app)),
]
