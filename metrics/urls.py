from django.urls import path

from metrics import stage_views, views

urlpatterns = [
    path("lifecycle/", views.dashboard, name="dashboard"),
    path("lifecycle/stages/", stage_views.stage_analytics, name="stage-analytics"),
    path("lifecycle/stages/conversion/", stage_views.stage_conversion, name="stage-conversion"),
    path("lifecycle/stages/time/", stage_views.stage_time, name="stage-time"),
    path("lifecycle/stages/flow/", stage_views.stage_flow, name="stage-flow"),
    path("lifecycle/stages/drop-off/", stage_views.stage_drop_off, name="stage-drop-off"),
    path("metrics/", views.metrics, name="metrics"),
    path("metrics/<slug:slug>/", views.metric, name="metric"),
]
