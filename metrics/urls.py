from django.urls import path

from metrics import views

urlpatterns = [
    path("lifecycle/", views.dashboard, name="dashboard"),
    path("metrics/", views.metrics, name="metrics"),
    path("metrics/<slug:slug>/", views.metric, name="metric"),
]
