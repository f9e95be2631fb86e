"""What somebody types from the app on their phone."""

import re
from typing import TYPE_CHECKING

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# A code lives for its half minute and the one on either side.
LIFE = 90


def _code(help_text: "StrPromise") -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": ""}
    return forms.CharField(
        label=_("Code"), max_length=20, help_text=help_text, widget=forms.TextInput(attrs=attributes)
    )


class SetUpForm(ActivateTOTPForm):  # type: ignore[misc]
    code = _code(_("The six digits that the app shows now."))


class _OnceOnly:
    """A code that somebody has seen being typed opens nothing any more."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        digits = re.sub(r"\W", "", code)
        if not cache.add(f"two-factor-used-{self.user.pk}-{digits}", True, LIFE):  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInCodeForm(_OnceOnly, AuthenticateForm):  # type: ignore[misc]
    code = _code(_("Six digits from your authenticator app, or one of your recovery codes."))


class ConfirmCodeForm(_OnceOnly, ReauthenticateForm):  # type: ignore[misc]
    code = _code(_("Six digits from your authenticator app, or one of your recovery codes."))
