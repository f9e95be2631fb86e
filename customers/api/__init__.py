"""API of customers and of what they did."""

from django.urls import path

from customers.api import (
    companies,
    conditions,
    custom_fields,
    customers,
    facts,
    imports,
    interactions,
    lead_pipelines,
    lead_rules,
    leads,
    merges,
    privacy,
    scoring,
    segments,
    tasks,
    things,
    thresholds,
    tickets,
)

urlpatterns = [
    path("customers/", customers.CustomersView.as_view(), name="api-customers"),
    path("customers/batch/", customers.CustomersBatchView.as_view(), name="api-customers-batch"),
    path("customers/<int:pk>/", customers.CustomerView.as_view(), name="api-customer"),
    path(
        "customers/by-external-id/<str:source>/<str:external_id>/",
        customers.ByExternalIdView.as_view(),
        name="api-customer-by-external-id",
    ),
    *(
        pattern
        for kind, one, many, batch in facts.ENDPOINTS
        for name in [kind.replace("_", "-")]
        for pattern in (
            path(f"{name}/", many.as_view(), name=f"api-{name}"),
            path(f"{name}/batch/", batch.as_view(), name=f"api-{name}-batch"),
            path(f"{name}/<int:pk>/", one.as_view(), name=f"api-{name}-one"),
        )
    ),
    *custom_fields.urlpatterns,
    *leads.urlpatterns,
    *lead_pipelines.urlpatterns,
    *companies.urlpatterns,
    *imports.urlpatterns,
    *lead_rules.urlpatterns,
    *things.urlpatterns,
    *interactions.urlpatterns,
    *tasks.urlpatterns,
    *merges.urlpatterns,
    *scoring.urlpatterns,
    *privacy.urlpatterns,
    *thresholds.urlpatterns,
    *segments.urlpatterns,
    *conditions.urlpatterns,
    *tickets.urlpatterns,
]
