"""Addresses of customers who became one with another lead to that one, whatever stands behind the number."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from customers.models import Customer

Answer = Callable[[HttpRequest], HttpResponse]
PLACE = "customers/<int:pk>/"


class Elsewhere(HttpResponseRedirect):
    """Ask the same there, whatever the method. Not for good: a merge can be undone."""

    status_code = 307


class MovedOnMiddleware:
    """Looks only where a view has found nothing; customers whom the caller may not see stay unknown."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or not (address := _address(request)):
            return response
        return Elsewhere(address)


def _address(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None or PLACE not in match.route or not request.user.is_authenticated:
        return ""
    gone = match.kwargs["pk"]
    winner = Customer.objects.visible_to(request.user).became(gone)
    if winner is None or winner.pk == gone:
        return ""
    return request.get_full_path().replace(f"/customers/{gone}/", f"/customers/{winner.pk}/", 1)
