"""Fields of the company's own: what a coffee roaster likes to know of people."""

from django.db import transaction

from clm.demo.models import Made
from clm.demo.staff import marketer
from customers.custom_fields import defining
from customers.models import CustomField

ROASTS = ["light", "medium", "dark"]
BREWING = ["filter", "espresso", "press", "capsules"]
# key, kind, names, choices
FIELDS: tuple[tuple[str, str, dict[str, str], list[str]], ...] = (
    ("city", "text", {"en": "City", "da": "By", "sv": "Stad", "nl": "Stad", "de": "Stadt"}, []),
    (
        "roast",
        "choice",
        {
            "en": "Favourite roast",
            "da": "Yndlingsristning",
            "sv": "Favoritrostning",
            "nl": "Favoriete branding",
            "de": "Lieblingsröstung",
        },
        ROASTS,
    ),
    (
        "brewing",
        "choices",
        {
            "en": "Brews with",
            "da": "Brygger med",
            "sv": "Brygger med",
            "nl": "Zet koffie met",
            "de": "Brüht mit",
        },
        BREWING,
    ),
    (
        "cups",
        "number",
        {
            "en": "Cups a day",
            "da": "Kopper om dagen",
            "sv": "Koppar per dag",
            "nl": "Kopjes per dag",
            "de": "Tassen am Tag",
        },
        [],
    ),
)


def told(number: int, city: str) -> dict[str, object]:
    """What this person has told; most have said no more than where they live."""
    if number % 5:
        return {"city": city}
    brewing = ", ".join(BREWING[number % 3 : number % 3 + 1 + number % 2])
    return {"city": city, "roast": ROASTS[number // 5 % 3], "brewing": brewing, "cups": 1 + number // 5 % 6}


@transaction.atomic
def define_fields() -> None:
    for key, kind, labels, choices in FIELDS:
        if not CustomField.objects.filter(key=key).exists():
            made = defining.define(by=marketer(), key=key, kind=kind, labels=labels, choices=choices)
            Made.objects.note(CustomField, [made.pk])
