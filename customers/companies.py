"""Companies: found by name, made and changed. The verbs behind pages and API.

`create` and `change` raise ValidationError (by field), and CompanyTaken for a name that another company has.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.domains import domain_of
from customers.models import Company, Customer
from customers.once_called import once_named
from customers.profiles import UNSTORABLE

FIELDS = ("name", "domain", "country", "owner", "team")
LONGEST = {"name": 200, "domain": 253, "country": 2}
Values = Mapping[str, Any]


class CompanyTaken(ValueError):
    """There is a company of this name, `holder`."""

    def __init__(self, holder: Company) -> None:
        self.holder = holder
        super().__init__(_("There is a company of this name."))


class StaleCompany(ValueError):
    """Somebody changed the company since it was read; `current` is what it is now."""

    def __init__(self, current: Company) -> None:
        self.current = current
        super().__init__()


class CompanyForeign(ValueError):
    """Whoever sees some of its people only does not change what it is for the others."""

    def __init__(self) -> None:
        super().__init__(_("Some of its people are not yours. Ask a manager to change this company."))


def has_people_unseen(companies: Iterable[Company], by: User | None) -> bool:
    if by is None or not by.is_restricted:
        return False
    people = Customer.objects.present().filter(company__in=companies)
    return people.exclude(pk__in=Customer.objects.visible_to(by).values("pk")).exists()


def company_named(name: str) -> Company | None:
    """The company of this name, however it is capitalised; made when new."""
    if not name:
        return None
    return _of(name) or _merged(name) or Company.objects.create(name=name)


@transaction.atomic
def create(*, by: User | None, values: Values) -> Company:
    """A new company; a rep's is the rep's unless `owner` says otherwise."""
    kept = _cleaned({"name": "", **values})
    if by is not None and by.is_restricted and "owner" not in kept:
        kept |= {"owner": by, "team": by.team}
    _refuse_taken(kept["name"])
    company = Company.objects.create(**kept)
    company.refresh_from_db()
    AuditEntry.objects.record("company.created", company, by=by)
    return company


@transaction.atomic
def change(company: Company, *, by: User | None, values: Values, expected: datetime | None = None) -> Company:
    """Give fields other values. `expected` is the `changed_at` that was read; StaleCompany tells who came too late.

    Raises CompanyForeign.
    """
    locked = Company.objects.select_for_update().get(pk=company.pk)
    if has_people_unseen([locked], by):
        raise CompanyForeign
    if expected is not None and locked.changed_at != expected:
        raise StaleCompany(locked)
    changes = {name: value for name, value in _cleaned(values).items() if getattr(locked, name) != value}
    if not changes:
        return locked
    if "name" in changes:
        _refuse_taken(changes["name"], but=locked)
    for name, value in (changes | {"changed_at": clock.now()}).items():
        setattr(locked, name, value)
    locked.save(update_fields=[*changes, "changed_at"])
    AuditEntry.objects.record("company.changed", locked, by=by, fields=sorted(changes))
    return locked


def _of(name: str) -> Company | None:
    return Company.objects.filter(name__iexact=name).order_by("pk").first()


def _merged(name: str) -> Company | None:
    return Company.objects.filter(pk__in=once_named([name]).values()).first()


def _refuse_taken(name: str, *, but: Company | None = None) -> None:
    """One asks after the other: names have no key in the database, because imports brought twins."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('company ' || upper(%s)))", [name])
    holder = Company.objects.filter(name__iexact=name).exclude(pk=but.pk if but else 0).order_by("pk").first()
    if holder:
        raise CompanyTaken(holder)


def _cleaned(values: Values) -> dict[str, Any]:
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    kept = dict(values)
    for name in LONGEST.keys() & kept.keys():
        kept[name] = _text(str(kept[name] or ""), name)
    if "name" in kept and not kept["name"]:
        raise ValidationError({"name": _("Give the company's name.")})
    if kept.get("domain"):
        kept["domain"] = _domain(kept["domain"])
    if "country" in kept:
        kept["country"] = _country(kept["country"])
    return kept


def _text(text: str, name: str) -> str:
    text = " ".join(text.split())
    if UNSTORABLE.search(text):
        raise ValidationError({name: _("The text contains a character that can't be kept. Type it again.")})
    if len(text) > LONGEST[name] and name == "name":
        raise ValidationError(
            {name: _("The text has more than %(most)s characters.") % {"most": LONGEST[name]}}
        )
    return text


def _domain(text: str) -> str:
    if plain := domain_of(text):
        return plain
    raise ValidationError({"domain": _("This is not a domain, such as engines.example.")})


def _country(code: str) -> str:
    if code and not (code.isascii() and code.isalpha() and len(code) == 2):
        raise ValidationError({"country": _("Use two letters (ISO 3166), such as DK.")})
    return code.upper()
