"""Addresses of surveys: the answer page, and the pages about them."""

from django.urls import path

from campaigns.views import answer

urlpatterns = [
    path("answer/<str:token>/", answer.survey_answer, name="survey-answer"),
]
