from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clm.accounts import session_limits


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This e-mail and this password do not belong together. Try again."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This password is wrong. Try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Who signed in a moment ago, and is led to set two-factor sign-in up, is not asked again."""
        if app == "allauth.mfa" and session_limits.just_signed_in(self.request):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))
