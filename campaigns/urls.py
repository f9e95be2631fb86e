from django.urls import path

from campaigns.views import campaigns, editing, people, previews, review, suppressions, templates

urlpatterns = [
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign-new"),
    path("campaigns/choice/<slug:preset>/", campaigns.campaign_choice, name="campaign-choice"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/pause/", campaigns.campaign_pause, name="campaign-pause"),
    path("campaigns/<int:pk>/resumption/", campaigns.campaign_resumption, name="campaign-resumption"),
    path("campaigns/<int:pk>/finish/", campaigns.campaign_finish, name="campaign-finish"),
    path("campaigns/<int:pk>/edit/", editing.campaign_edit, name="campaign-edit"),
    path("campaigns/<int:pk>/flaws/", editing.campaign_flaws, name="campaign-flaws"),
    path("campaigns/<int:pk>/settings/", editing.campaign_settings, name="campaign-settings"),
    path("campaigns/<int:pk>/entry/", editing.campaign_entry, name="campaign-entry"),
    path("campaigns/<int:pk>/ends/", editing.campaign_ends, name="campaign-ends"),
    path("campaigns/<int:pk>/steps/", editing.campaign_step_new, name="campaign-step-new"),
    path("campaigns/<int:pk>/steps/<int:position>/", editing.campaign_step, name="campaign-step"),
    path(
        "campaigns/<int:pk>/steps/<int:position>/move/", editing.campaign_step_move, name="campaign-step-move"
    ),
    path(
        "campaigns/<int:pk>/steps/<int:position>/removal/",
        editing.campaign_step_removal,
        name="campaign-step-removal",
    ),
    path("campaigns/<int:pk>/draft/removal/", editing.campaign_draft_removal, name="campaign-draft-removal"),
    path("campaigns/<int:pk>/review/", review.campaign_review, name="campaign-review"),
    path("campaigns/<int:pk>/start/", review.campaign_start, name="campaign-start"),
    path("campaigns/<int:pk>/people/", people.campaign_people, name="campaign-people"),
    path(
        "campaigns/<int:pk>/people/<int:enrollment>/removal/",
        people.campaign_person_removal,
        name="campaign-person-removal",
    ),
    path("campaigns/<int:pk>/messages/", people.campaign_messages, name="campaign-messages"),
    path("messages/in-doubt/", people.messages_in_doubt, name="messages-in-doubt"),
    path("messages/decision/", people.messages_decision, name="messages-decision"),
    path("suppressions/", suppressions.suppressions, name="suppressions"),
    path("suppressions/<int:pk>/lifting/", suppressions.suppression_lifting, name="suppression-lifting"),
    path("templates/", templates.templates, name="templates"),
    path("templates/new/", templates.template_new, name="template-new"),
    path("templates/customers/", previews.template_customers, name="template-customers"),
    path("templates/previews/<str:key>/", previews.mail_preview, name="mail-preview"),
    path("templates/<int:pk>/", templates.template, name="template"),
    path("templates/<int:pk>/naming/", templates.template_naming, name="template-naming"),
    path("templates/<int:pk>/language/", templates.template_language, name="template-language"),
    path("templates/<int:pk>/preview/", previews.template_preview, name="template-preview"),
    path("templates/<int:pk>/mail/<slug:language>/", review.template_mail, name="template-mail"),
    path("templates/<int:pk>/test/", previews.template_test, name="template-test"),
    path("templates/<int:pk>/copy/", templates.template_copy, name="template-copy"),
    path("templates/<int:pk>/archiving/", templates.template_archiving, name="template-archiving"),
]
