from django.urls import path

from clm.accounts.views import (
    api_keys,
    audit,
    bulk,
    caught_mail,
    jobs,
    organisation,
    teams,
    two_factor,
    users,
)

urlpatterns = [
    path("settings/users/", users.users, name="users"),
    path("settings/users/new/", users.user_new, name="user-new"),
    path("settings/users/<int:pk>/", users.user, name="user"),
    path("settings/users/<int:pk>/password/", users.user_password, name="user-password"),
    path(
        "settings/users/<int:pk>/two-factor/removal/",
        two_factor.user_two_factor_removal,
        name="user-two-factor-removal",
    ),
    path("settings/teams/", teams.teams, name="teams"),
    path("settings/teams/<int:pk>/", teams.team, name="team"),
    path("settings/teams/<int:pk>/dissolution/", teams.team_dissolution, name="team-dissolution"),
    path("settings/api-keys/", api_keys.api_keys, name="api-keys"),
    path("settings/api-keys/<str:pk>/revocation/", api_keys.api_key_revocation, name="api-key-revocation"),
    path("settings/organisation/", organisation.organisation, name="organisation"),
    path("settings/profile/", organisation.profile, name="profile"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/caught-mail/", caught_mail.caught_mail, name="caught-mail"),
    path("settings/caught-mail/<str:key>/", caught_mail.caught_mail_one, name="caught-mail-one"),
    path("settings/caught-mail/<str:key>/html/", caught_mail.caught_mail_html, name="caught-mail-html"),
    path("bulk/changes/<int:pk>/", bulk.bulk_change, name="bulk-change"),
    path("bulk/changes/<int:pk>/undo/", bulk.bulk_undo, name="bulk-undo"),
    path("bulk/<str:page>/matching/", bulk.bulk_matching, name="bulk-matching"),
    path("bulk/<str:page>/<str:action>/", bulk.bulk_action, name="bulk-action"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancellation/", jobs.job_cancellation, name="job-cancellation"),
]
