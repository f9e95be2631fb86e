from django.urls import path

from clm.demo import views

urlpatterns = [
    path("settings/demo/", views.demo, name="demo"),
    path("settings/demo/loading/", views.demo_loading, name="demo-loading"),
    path("settings/demo/removal/", views.demo_removal, name="demo-removal"),
]
