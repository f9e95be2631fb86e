"""What imports write."""

from django.apps import apps

from clm.base.facts import KeyedFact
from customers.models import ImportedRow


def written_models() -> list[type[KeyedFact]]:
    """All keyed facts that an import can write, in whichever app; those that refer to others first."""
    found = [
        model
        for model in apps.get_models()
        if issubclass(model, ImportedRow) and issubclass(model, KeyedFact)
    ]
    return sorted(found, key=lambda model: model._meta.db_table, reverse=True)
