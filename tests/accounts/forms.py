from django.http import HttpResponse
from django.test import Client


def form_of(client: Client, address: str) -> dict[str, str]:
    """What the form at an address would send, untouched."""
    form = client.get(address).context["form"]
    values = {name: form[name].field.prepare_value(form[name].value()) for name in form.fields}
    return {name: str(value) for name, value in values.items() if value not in (None, False)}


def saved(client: Client, address: str, **changes: str) -> HttpResponse:
    """The answer to that form, sent with some fields changed."""
    return client.post(address, form_of(client, address) | changes)
