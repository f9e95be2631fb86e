"""Signing in and out. Of allauth's pages only these: an administrator makes accounts and sets their addresses."""

from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from django.urls import path, re_path
from django.views.decorators.http import require_safe

from clm.accounts.views import two_factor

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("two-factor/", mfa.index, name="mfa_index"),
    path("two-factor/code/", two_factor.SecondStep.as_view(), name="mfa_authenticate"),
    path("two-factor/confirmation/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("two-factor/app/", two_factor.SetUp.as_view(), name="mfa_activate_totp"),
    path("two-factor/app/removal/", two_factor.SwitchOff.as_view(), name="mfa_deactivate_totp"),
    path("two-factor/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "two-factor/recovery-codes/new/",
        two_factor.NewRecoveryCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "two-factor/recovery-codes/file/",
        require_safe(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
]
