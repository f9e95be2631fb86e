from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.forms import AuditFilterForm
from clm.accounts.models import AuditEntry, Organisation
from clm.accounts.permissions import Capability, requires
from clm.accounts.taking_out import audit_lines
from clm.accounts.views.exports import also_as_file

PAGE = 50


@require_safe
@requires(Capability.ADMINISTER)
@also_as_file("audit-log", lambda request: _lines(AuditFilterForm(request.GET or None)))
def audit(request: HttpRequest) -> HttpResponse:
    form = AuditFilterForm(request.GET or None)
    entries = list(_found(form)[: PAGE + 1]) if not form.errors else []
    context = {
        "form": form,
        "entries": entries[:PAGE],
        "next_before": entries[PAGE - 1].pk if len(entries) > PAGE else None,
    }
    return render(request, "accounts/audit.html", context, status=400 if form.errors else 200)


def _lines(form: AuditFilterForm) -> Iterable[list[object]] | None:
    return None if form.errors else audit_lines(_found(form))


def _found(form: AuditFilterForm) -> QuerySet[AuditEntry]:
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    zone = Organisation.objects.current().tz
    return AuditEntry.objects.matching(
        text=wanted.get("q", ""),
        actor=wanted.get("actor"),
        door=wanted.get("door", ""),
        since=wanted.get("since"),
        until=wanted.get("until"),
        before=wanted.get("before"),
        zone=zone,
    )
