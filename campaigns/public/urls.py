from django.urls import path

from campaigns.public import views

urlpatterns = [
    path("unsubscribe/<str:token>/", views.unsubscribe_page, name="unsubscribe"),
    path("preferences/<str:token>/", views.preferences_page, name="preferences"),
]
