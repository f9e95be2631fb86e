"""The rules that give new leads to reps."""

from datetime import UTC, datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base.conditions.fields import is_being_built
from customers.leads.rule_editing import StaleRule, put_first, remove_rule, save_rule
from customers.leads.rule_forms import RuleForm
from customers.models import LeadAssignmentRule

NEVER = datetime.min.replace(tzinfo=UTC)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def lead_rule_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, LeadAssignmentRule())


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.ADMINISTER)
def lead_rule(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(LeadAssignmentRule, pk=pk))


def _edit(request: HttpRequest, rule: LeadAssignmentRule) -> HttpResponse:
    form, status = RuleForm.of(rule, request.POST if request.method == "POST" else None), 422
    is_built = request.method == "POST" and is_being_built(request.POST)
    if is_built:
        form = RuleForm.under_way(request.POST)
    elif form.is_valid():
        try:
            save_rule(rule, form.cleaned_data, by=me(request), expected=_read_of(rule, form))
        except ValidationError as refusal:
            form.take(refusal)
        except StaleRule as stale:
            form.read_anew(stale.current)
            status = 409
        else:
            messages.success(request, _("Saved."))
            return redirect("lead-settings")
    known = LeadAssignmentRule.objects.filter(pk=rule.pk).first()
    context = {"form": form, "rule": known}
    return render(request, "leads/rule.html", context, status=status if form.is_bound else 200)


def _read_of(rule: LeadAssignmentRule, form: RuleForm) -> datetime | None:
    """A form that does not say what was read of a rule there is has read nothing that is there now."""
    return None if rule.pk is None else form.read_at() or NEVER


@require_POST
@requires(Capability.ADMINISTER)
def lead_rule_first(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(LeadAssignmentRule, pk=pk)
    put_first(rule, by=me(request))
    messages.success(request, _("“%(rule)s” decides first now.") % {"rule": rule})
    return redirect("lead-settings")


@require_POST
@requires(Capability.ADMINISTER)
def lead_rule_removal(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(LeadAssignmentRule, pk=pk)
    remove_rule(rule, by=me(request))
    messages.success(request, _("“%(rule)s” was removed.") % {"rule": rule.name})
    return redirect("lead-settings")
