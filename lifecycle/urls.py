from django.urls import URLPattern, URLResolver, include, path

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

_of_a_customer = [
    path("why/", customers.customer_why, name="customer-why"),
    path("stages/<slug:slug>/missing/", customers.customer_missing, name="customer-missing"),
    path("stages/<slug:slug>/move/", customers.customer_move, name="customer-move"),
    path("parkings/<int:parking>/release/", customers.customer_release, name="customer-release"),
    path("playbook/", journey_maps.customer_playbook, name="customer-playbook"),
]

_stages = [
    path("stages/", designing.draft_stages, name="draft-stages"),
    path("new-stage/", designing.draft_stage, name="draft-stage-new"),
    path("stages/<slug:stage>/", designing.draft_stage, name="draft-stage"),
    path("stages/<slug:stage>/place/", designing.draft_stage_place, name="draft-stage-place"),
    path("stages/<slug:stage>/retirement/", designing.draft_stage_retirement, name="draft-stage-retirement"),
]
_rules = [
    path("rules/", designing.draft_rules, name="draft-rules"),
    path("new-rule/", designing.draft_rule, name="draft-rule-new"),
    path("rules/<int:key>/", designing.draft_rule, name="draft-rule"),
    path("rules/<int:key>/place/", designing.draft_rule_place, name="draft-rule-place"),
    path("rules/<int:key>/removal/", designing.draft_rule_removal, name="draft-rule-removal"),
]
_component = [
    path("", designing.draft_component, name="draft-component"),
    path("place/", designing.draft_component_place, name="draft-component-place"),
    path("removal/", designing.draft_component_removal, name="draft-component-removal"),
]
_components: list[URLPattern | URLResolver] = [
    path("components/", designing.draft_components, name="draft-components"),
    path("new-component/", designing.draft_component, name="draft-component-new"),
    path("components/<slug:component>/", include(_component)),
]
_draft: list[URLPattern | URLResolver] = [
    path("", drafts.lifecycle_draft, name="lifecycle-draft"),
    path("file/", files.draft_file, name="draft-file"),
    path("removal/", drafts.lifecycle_draft_removal, name="lifecycle-draft-removal"),
    path("publication/", drafts.lifecycle_publication, name="lifecycle-publication"),
    path("publication/simulation/", simulations.draft_rehearsal, name="draft-rehearsal"),
    path("simulation/", simulations.draft_simulation, name="draft-simulation"),
    path("names/", designing.draft_names, name="draft-names"),
    path("moves/", designing.draft_moves, name="draft-moves"),
    *_stages,
    *_rules,
    *_components,
]

_of_a_model: list[URLPattern | URLResolver] = [
    path("", models.lifecycle_model, name="lifecycle-model"),
    path("overview/", overview.lifecycle_overview, name="lifecycle-overview"),
    path("file/", files.lifecycle_file, name="lifecycle-file"),
    path("differences/", files.lifecycle_differences, name="lifecycle-differences"),
    path("journey/", journey_maps.journey_map, name="journey-map"),
    path("journey/suggestions/", journey_maps.journey_suggestions, name="journey-suggestions"),
    path("journey/stages/<slug:stage>/", journey_maps.journey_stage, name="journey-stage"),
    path("replay/", models.lifecycle_replay, name="lifecycle-replay"),
    path("parked/", models.lifecycle_parked, name="lifecycle-parked"),
    path("release/", models.lifecycle_release, name="lifecycle-release"),
    path("primacy/", models.lifecycle_primacy, name="lifecycle-primacy"),
    path("retirement/", models.lifecycle_retirement, name="lifecycle-retirement"),
    path("versions/<int:number>/draft/", drafts.lifecycle_restored, name="lifecycle-restored"),
    path("draft/", include(_draft)),
]

urlpatterns = [
    path("customers/<int:pk>/", include(_of_a_customer)),
    path("lifecycle/refusals/", refusals.refusals, name="refusals"),
    path("lifecycle/parkings/", refusals.parkings, name="parkings"),
    path("lifecycle/comparison/", comparison.comparison, name="lifecycle-comparison"),
    path("lifecycle/journey/", journey_maps.journey_maps, name="journey-maps"),
    path("lifecycle/models/", models.lifecycle_models, name="lifecycle-models"),
    path("lifecycle/models/new/", models.lifecycle_model_new, name="lifecycle-model-new"),
    path("lifecycle/models/presets/<slug:preset>/", models.lifecycle_preset, name="lifecycle-preset"),
    path(
        "lifecycle/models/choice/<slug:preset>/", models.lifecycle_model_choice, name="lifecycle-model-choice"
    ),
    path("lifecycle/models/<slug:slug>/", include(_of_a_model)),
]
