"""`/api/v1/`: every app's endpoints, the schema and its browsable page."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from clm.api_docs import ApiSchema, api_docs

# An app joins with the `urlpatterns` of its `api.py` as soon as it has endpoints.
APPS = ("clm.accounts", "customers", "lifecycle", "campaigns", "metrics")

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", ApiSchema.as_view(), name="api-schema"),
    path("docs/", api_docs, name="api-docs"),
    *(path("", include(f"{app}.api")) for app in APPS if find_spec(f"{app}.api")),
]
