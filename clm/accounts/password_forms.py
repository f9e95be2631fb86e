"""allauth's forms in our words. Their fields have labels, so nothing is said once more inside."""

from typing import Any

from allauth.account import forms as theirs
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password, again"),
}


class _OurWords:
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class SignInForm(_OurWords, theirs.LoginForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(_OurWords, theirs.ResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(_OurWords, theirs.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ChangePasswordForm(_OurWords, theirs.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(_OurWords, theirs.SetPasswordForm):  # type: ignore[misc]
    pass


class ConfirmPasswordForm(_OurWords, theirs.ReauthenticateForm):  # type: ignore[misc]
    pass
