"""Addresses of surveys: the answer page, and the pages about them."""

from django.urls import path

from campaigns.views import answer, surveys

urlpatterns = [
    path("answer/<str:token>/", answer.survey_answer, name="survey-answer"),
    path("surveys/", surveys.surveys, name="surveys"),
    path("surveys/new/", surveys.survey_new, name="survey-new"),
    path("surveys/<int:pk>/", surveys.survey, name="survey"),
    path("surveys/<int:pk>/edit/", surveys.survey_edit, name="survey-edit"),
    path("surveys/<int:pk>/archiving/", surveys.survey_archiving, name="survey-archiving"),
    path("surveys/<int:pk>/return/", surveys.survey_return, name="survey-return"),
    path("surveys/<int:pk>/export/", surveys.survey_export, name="survey-export"),
    path("customers/<int:pk>/surveys/<int:survey>/link/", surveys.survey_link, name="survey-link"),
    path(
        "customers/<int:pk>/invitations/<int:invitation>/",
        surveys.survey_invitation,
        name="survey-invitation",
    ),
]
