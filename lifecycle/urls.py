from django.urls import path

from lifecycle.views import (
    comparison,
    customers,
    designing,
    drafts,
    files,
    journey_maps,
    models,
    overview,
    refusals,
    simulations,
)

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
    path("lifecycle/models/new/", models.lifecycle_model_new, name="lifecycle-model-new"),
    path("lifecycle/models/presets/<slug:preset>/", models.lifecycle_preset, name="lifecycle-preset"),
    path(
        "lifecycle/models/choice/<slug:preset>/", models.lifecycle_model_choice, name="lifecycle-model-choice"
    ),
    path("lifecycle/models/<slug:slug>/", models.lifecycle_model, name="lifecycle-model"),
    path("lifecycle/models/<slug:slug>/overview/", overview.lifecycle_overview, name="lifecycle-overview"),
    path("lifecycle/models/<slug:slug>/file/", files.lifecycle_file, name="lifecycle-file"),
    path(
        "lifecycle/models/<slug:slug>/differences/",
        files.lifecycle_differences,
        name="lifecycle-differences",
    ),
    path("lifecycle/models/<slug:slug>/draft/file/", files.draft_file, name="draft-file"),
    path("lifecycle/journey/", journey_maps.journey_maps, name="journey-maps"),
    path("lifecycle/models/<slug:slug>/journey/", journey_maps.journey_map, name="journey-map"),
    path(
        "lifecycle/models/<slug:slug>/journey/suggestions/",
        journey_maps.journey_suggestions,
        name="journey-suggestions",
    ),
    path(
        "lifecycle/models/<slug:slug>/journey/stages/<slug:stage>/",
        journey_maps.journey_stage,
        name="journey-stage",
    ),
    path("customers/<int:pk>/playbook/", journey_maps.customer_playbook, name="customer-playbook"),
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

designer = [
    path("lifecycle/models/<slug:slug>/draft/stages/", designing.draft_stages, name="draft-stages"),
    path("lifecycle/models/<slug:slug>/draft/new-stage/", designing.draft_stage, name="draft-stage-new"),
    path(
        "lifecycle/models/<slug:slug>/draft/stages/<slug:stage>/", designing.draft_stage, name="draft-stage"
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/stages/<slug:stage>/place/",
        designing.draft_stage_place,
        name="draft-stage-place",
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/stages/<slug:stage>/retirement/",
        designing.draft_stage_retirement,
        name="draft-stage-retirement",
    ),
    path("lifecycle/models/<slug:slug>/draft/rules/", designing.draft_rules, name="draft-rules"),
    path("lifecycle/models/<slug:slug>/draft/new-rule/", designing.draft_rule, name="draft-rule-new"),
    path("lifecycle/models/<slug:slug>/draft/rules/<int:key>/", designing.draft_rule, name="draft-rule"),
    path(
        "lifecycle/models/<slug:slug>/draft/rules/<int:key>/place/",
        designing.draft_rule_place,
        name="draft-rule-place",
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/rules/<int:key>/removal/",
        designing.draft_rule_removal,
        name="draft-rule-removal",
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/components/", designing.draft_components, name="draft-components"
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/new-component/",
        designing.draft_component,
        name="draft-component-new",
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/components/<slug:component>/",
        designing.draft_component,
        name="draft-component",
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/components/<slug:component>/place/",
        designing.draft_component_place,
        name="draft-component-place",
    ),
    path(
        "lifecycle/models/<slug:slug>/draft/components/<slug:component>/removal/",
        designing.draft_component_removal,
        name="draft-component-removal",
    ),
    path("lifecycle/models/<slug:slug>/draft/names/", designing.draft_names, name="draft-names"),
    path("lifecycle/models/<slug:slug>/draft/moves/", designing.draft_moves, name="draft-moves"),
]
urlpatterns += designer
