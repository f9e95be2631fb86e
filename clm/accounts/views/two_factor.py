"""allauth's pages for two-factor sign-in, each change with its audit entry in the same transaction."""

from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clm.accounts import two_factor
from clm.accounts.models import AuditEntry, User
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import confirmed_lately, me


class SetUp(ActivateTOTPView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"is_required": two_factor.is_required(me(self.request))}

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        AuditEntry.objects.record("user.two_factor_set_up", me(self.request), by=me(self.request))
        return answer


class SwitchOff(DeactivateTOTPView):  # type: ignore[misc]
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        AuditEntry.objects.record("user.two_factor_switched_off", me(self.request), by=me(self.request))
        return answer


class NewRecoveryCodes(GenerateRecoveryCodesView):  # type: ignore[misc]
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        AuditEntry.objects.record("user.recovery_codes_made", me(self.request), by=me(self.request))
        return answer


class SecondStep(AuthenticateView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        if form.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            user = self.stage.login.user
            AuditEntry.objects.record("user.recovery_code_used", user, by=user)
        answer: HttpResponse = super().form_valid(form)
        return answer


@require_POST
@requires(Capability.ADMINISTER)
@confirmed_lately
def user_two_factor_removal(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    if person == me(request):
        return redirect("mfa_deactivate_totp")  # where one's own is confirmed first
    if two_factor.remove(person, by=me(request)):
        messages.success(request, _("%(person)s now signs in with the password alone.") % {"person": person})
    return redirect("user", pk=pk)
