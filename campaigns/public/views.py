"""The pages behind the links at the foot of every mail.

Looking changes nothing, since mail programs and their guards open links by themselves; a button does. The button of
the mail program itself (RFC 8058) posts here too, and gets a plain 200.
"""

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from campaigns.choosing import PURPOSES, allowed, choose, choose_language, unsubscribe
from campaigns.links import customer_of, preferences_link, unsubscription
from campaigns.public.forms import PreferencesForm
from campaigns.public.opening import customer_by, language_for, public, shown
from customers.models import Customer
from customers.models.consent import Purpose

ONE_CLICK = "One-Click"


@public
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    about = unsubscription(token)
    customer = customer_by(about.customer)
    is_one_click = request.POST.get("List-Unsubscribe") == ONE_CLICK
    if request.method == "POST" and customer:
        via = "one-click" if is_one_click else "page"
        unsubscribe(customer, about.purpose, proof={"via": via, "message": about.message})
    if is_one_click:
        return HttpResponse("OK", content_type="text/plain")
    with translation.override(language_for(request, customer)):
        context: dict[str, object] = {
            "purpose": Purpose(about.purpose).label,
            "address": masked(customer.email) if customer else "",
            "preferences": preferences_link(about.customer),
        }
        name = "unsubscribed" if request.method == "POST" else "unsubscribe"
        return shown(request, name, context)


@public
def preferences_page(request: HttpRequest, token: str) -> HttpResponse:
    customer = customer_by(customer_of(token))
    form = _form(request, customer)
    is_saved = False
    if request.method == "POST" and form.is_valid():
        if customer:
            _save(customer, form)
        is_saved = True
    language = form.cleaned_data["language"] if is_saved else language_for(request, customer)
    with translation.override(language):
        context: dict[str, object] = {
            "form": form if not is_saved else _form(request, customer, is_bound=False),
            "address": masked(customer.email) if customer else "",
            "is_saved": is_saved,
        }
        return shown(
            request, "preferences", context, status=200 if form.is_valid() or not form.is_bound else 422
        )


def _form(request: HttpRequest, customer: Customer | None, *, is_bound: bool = True) -> PreferencesForm:
    given = allowed(customer) if customer else {}
    initial = {"language": language_for(request, customer)} | {
        each: given.get(each, False) for each in PURPOSES
    }
    return PreferencesForm(request.POST if is_bound and request.method == "POST" else None, initial=initial)


def _save(customer: Customer, form: PreferencesForm) -> None:
    """A purpose that was never asked about and is left off stays unasked."""
    given = allowed(customer)
    wanted = {each: bool(form.cleaned_data[each]) for each in PURPOSES}
    decided = {each: is_wanted for each, is_wanted in wanted.items() if is_wanted or each in given}
    choose(customer, decided, proof={"via": "preferences"})
    choose_language(customer, form.cleaned_data["language"])


def masked(address: str) -> str:
    """a•••@example.com: enough to know it again, nothing for somebody who was sent the link."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}" if local else ""
