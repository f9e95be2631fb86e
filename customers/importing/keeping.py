"""Mappings by name: kept from one file, offered for the next that has the same headings."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from customers.importing.seen import mappings_seen_by
from customers.importing.setup import Setup, setup_of
from customers.importing.starting import map_columns
from customers.models import Import, ImportMapping

KEPT = ("date_format", "zone", "decimal_mark", "currency", "country", "mode", "match")


@transaction.atomic
def keep_mapping(run: Import, *, name: str, is_shared: bool, by: User) -> ImportMapping:
    """Under a name; one's own of that name is replaced. Raises ValidationError, UnusableFile."""
    setup, plain = setup_of(run), " ".join(name.split())
    if not plain:
        raise ValidationError({"name": _("Give the mapping a name.")})
    if not setup.mapping:
        raise ValidationError({"name": _("Say first what the columns mean.")})
    kept, _is_new = ImportMapping.objects.update_or_create(
        owner=by,
        kind=run.kind,
        name=plain[:100],
        defaults={
            "source": run.source,
            "fields": {field: setup.columns[place] for field, place in setup.mapping.items()},
            "options": {key: run.options[key] for key in KEPT if key in run.options},
            "is_shared": is_shared,
        },
    )
    AuditEntry.objects.record("import_mapping.kept", kept, by=by, kind=run.kind)
    return kept


def offered(setup: Setup, *, to: User) -> list[ImportMapping]:
    """Those whose columns the file has, the one that says most about it first."""
    present = {_spelled(column) for column in setup.columns}
    kept = mappings_seen_by(to).filter(kind=setup.run.kind)
    fitting = [one for one in kept if {_spelled(heading) for heading in one.fields.values()} <= present]
    return sorted(fitting, key=lambda one: (-len(one.fields), one.name))


def use_mapping(run: Import, kept: ImportMapping, *, by: User) -> None:
    """Read the columns as it says. Raises CannotImport, UnusableFile."""
    places = {_spelled(column): place for place, column in enumerate(setup_of(run).columns)}
    mapping = {
        field: places[_spelled(heading)]
        for field, heading in kept.fields.items()
        if _spelled(heading) in places
    }
    map_columns(run, mapping=mapping, source=kept.source, options=kept.options, by=by)


@transaction.atomic
def forget_mapping(kept: ImportMapping, *, by: User) -> None:
    AuditEntry.objects.record("import_mapping.forgotten", kept, by=by, kind=kept.kind)
    kept.delete()


def _spelled(heading: str) -> str:
    return " ".join(heading.split()).casefold()
