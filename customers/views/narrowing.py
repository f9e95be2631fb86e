"""The condition builder as a filter of a list: what is built comes to stand in the list's address."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.base.conditions import InvalidCondition, parse
from clm.base.conditions.fields import ConditionsField, is_being_built
from clm.base.conditions.storing import stored
from customers.narrowing import legible, read, written
from customers.segments.nesting import refuse_hidden

PLACES = ("after", "before", "page")


class NarrowingForm(forms.Form):
    conditions = ConditionsField(label=_("Who is shown"), required=False)

    def __init__(self, user: User, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.user = user

    def clean_conditions(self) -> str:
        tree = self.cleaned_data["conditions"]
        if not tree:
            return ""
        try:
            refuse_hidden(parse(tree), self.user)
            return written(tree)
        except InvalidCondition as error:
            raise ValidationError(str(error)) from error


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.VIEW_CUSTOMERS)
def customers_conditions(request: HttpRequest) -> HttpResponse:
    return _narrow(request, "customers")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.VIEW_CUSTOMERS)
def leads_conditions(request: HttpRequest) -> HttpResponse:
    return _narrow(request, "leads")


def _narrow(request: HttpRequest, page: str) -> HttpResponse:
    query = _state(request)
    form, refusal = _form(request, query)
    if form.is_bound and form.is_valid():
        query["conditions"] = form.cleaned_data["conditions"]
        if not query["conditions"]:
            del query["conditions"]
        return redirect(f"{reverse(page)}?{query.urlencode()}")
    context = {
        "form": form,
        "refusal": refusal,
        "query": query.urlencode(),
        "list_url": reverse(page),
        "is_of_leads": page == "leads",
        "may_keep": may(me(request), Capability.EDIT_SEGMENTS),
    }
    return render(request, "customers/conditions.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, query: QueryDict) -> tuple[NarrowingForm, str]:
    """As it is to be shown, and what is wrong with the conditions in the address."""
    user = me(request)
    if request.method == "POST":
        sent = NarrowingForm(user, request.POST)
        if not is_being_built(request.POST):
            return sent, ""
        return NarrowingForm(user, initial={"conditions": sent["conditions"].data}), ""
    text = query.get("conditions", "")
    if not text:
        return NarrowingForm(user), ""
    return NarrowingForm(user, initial={"conditions": _legible(text, user)}), _refusal(text, user)


def _legible(text: str, user: User) -> dict[str, Any]:
    """What can be read, though it may not be asked: to be mended."""
    try:
        return stored(legible(text, user=user))
    except InvalidCondition:
        return {}


def _refusal(text: str, user: User) -> str:
    try:
        read(text, user=user)
    except InvalidCondition as error:
        return str(error)
    return ""


def _state(request: HttpRequest) -> QueryDict:
    """Of the list, as it is to be after: the same but from its start."""
    sent = QueryDict(request.POST.get("query", "").replace("\x00", "")) if request.method == "POST" else None
    query = (request.GET if sent is None else sent).copy()
    for name in PLACES:
        query.pop(name, None)
    return query
