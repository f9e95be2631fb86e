from django.urls import path

from lifecycle.views import comparison, customers, drafts, models, refusals, simulations

urlpatterns = [
    path(
        "customers/<int:pk>/stages/<slug:slug>/missing/", customers.customer_missing, name="customer-missing"
    ),
    path("customers/<int:pk>/stages/<slug:slug>/move/", customers.customer_move, name="customer-move"),
    path(
        "customers/<int:pk>/parkings/<int:parking>/release/",
        customers.customer_release,
        name="customer-release",
    ),
    path("lifecycle/refusals/", refusals.refusals, name="refusals"),
    path("lifecycle/parkings/", refusals.parkings, name="parkings"),
    path("lifecycle/comparison/", comparison.comparison, name="lifecycle-comparison"),
    path("lifecycle/models/", models.lifecycle_models, name="lifecycle-models"),
    path("lifecycle/models/presets/<slug:preset>/", models.lifecycle_preset, name="lifecycle-preset"),
    path(
        "lifecycle/models/choice/<slug:preset>/", models.lifecycle_model_choice, name="lifecycle-model-choice"
    ),
    path("lifecycle/models/<slug:slug>/", models.lifecycle_model, name="lifecycle-model"),
    path("lifecycle/models/<slug:slug>/replay/", models.lifecycle_replay, name="lifecycle-replay"),
    path("lifecycle/models/<slug:slug>/primacy/", models.lifecycle_primacy, name="lifecycle-primacy"),
    path("lifecycle/models/<slug:slug>/draft/", drafts.lifecycle_draft, name="lifecycle-draft"),
    path(
        "lifecycle/models/<slug:slug>/draft/removal/",
        drafts.lifecycle_draft_removal,
        name="lifecycle-draft-removal",
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/publication/",
        drafts.lifecycle_publication,
        name="lifecycle-publication",
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/simulation/",
        simulations.draft_simulation,
        name="draft-simulation",
    ),
]
