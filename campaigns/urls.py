from django.urls import path

from campaigns.views import previews, templates

urlpatterns = [
    path("templates/", templates.templates, name="templates"),
    path("templates/new/", templates.template_new, name="template-new"),
    path("templates/customers/", previews.template_customers, name="template-customers"),
    path("templates/previews/<str:key>/", previews.mail_preview, name="mail-preview"),
    path("templates/<int:pk>/", templates.template, name="template"),
    path("templates/<int:pk>/naming/", templates.template_naming, name="template-naming"),
    path("templates/<int:pk>/language/", templates.template_language, name="template-language"),
    path("templates/<int:pk>/preview/", previews.template_preview, name="template-preview"),
    path("templates/<int:pk>/test/", previews.template_test, name="template-test"),
    path("templates/<int:pk>/copy/", templates.template_copy, name="template-copy"),
    path("templates/<int:pk>/archiving/", templates.template_archiving, name="template-archiving"),
]
