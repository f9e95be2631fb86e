from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clm.accounts.forms import EditForm
from clm.accounts.stale import Stale


def told_stale(
    request: HttpRequest, template: str, form: EditForm, stale: Stale, **context: object
) -> HttpResponse:
    """Both values side by side; saving again then replaces what is there now, knowingly."""
    conflicts = list(form.differences(stale.current))
    form.read_anew(stale.current)
    return render(request, template, {"form": form, "conflicts": conflicts} | context, status=409)
