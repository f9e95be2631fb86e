"""What a person decides about a file before it is taken in, and whether that is enough to go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from clm.accounts.models import Organisation
from clm.base.days import zones
from clm.base.money import CURRENCIES
from customers.importing.encodings import UnusableFile, count_lines
from customers.importing.lines import SEPARATORS, SPACES
from customers.importing.mapping import Mapped
from customers.importing.shape import Shape, read_columns
from customers.intake import reading as readers
from customers.intake.batch import Mode
from customers.intake.dates import DateFormat
from customers.intake.kinds import Field, Kind, kind_named
from customers.intake.parsing import WHO
from customers.intake.reading import Reading
from customers.intake.taking import latest
from customers.models import Import

DATED = (readers.instant, readers.day)


@dataclass(frozen=True)
class Setup:
    """An import as decided so far, ready to read its file."""

    run: Import
    kind: Kind
    path: Path
    shape: Shape
    columns: list[str]
    mapping: Mapped

    def field_of(self, name: str) -> Field | None:
        return self.kind.by_name.get(name)

    def column_of(self, name: str) -> str:
        """The heading in the file of what a problem calls by our name; without a column, the field's label."""
        place, field = self.mapping.get(name), self.field_of(name)
        if place is not None:
            return self.columns[place]
        return str(field.label) if field else name

    @property
    def mode(self) -> str:
        """Whether new ones are made, known ones changed, or both."""
        mode = self.run.options.get("mode", "")
        return mode if self.kind.modes and mode in Mode.values else Mode.BOTH.value

    @property
    def match(self) -> str:
        """The one field by which customers are found; empty for whatever names them."""
        match = self.run.options.get("match", "")
        return match if match in self.kind.matches else ""

    @property
    def has_dates(self) -> bool:
        return any(name in self.mapping and field.read in DATED for name, field in self.kind.by_name.items())

    def reading(self) -> Reading:
        options = self.run.options
        organisation = Organisation.objects.current()
        return Reading(
            latest=latest(),
            zone=ZoneInfo(options.get("zone") or organisation.zone),
            date_format=DateFormat(options.get("date_format") or DateFormat.ISO),
            decimal_mark=options.get("decimal_mark") or ".",
            currency=options.get("currency", ""),
            country=options.get("country", ""),
        )


def file_of(run: Import) -> Path:
    """Where the file lies. The name that the person's file had is never part of it."""
    return Path(settings.MEDIA_ROOT) / run.path


def setup_of(run: Import) -> Setup:
    """Raises UnusableFile when the file can't be read as decided."""
    path, shape = file_of(run), shape_of(run)
    if not path.exists():
        raise UnusableFile(_("The file is no longer kept here. Bring it again."))
    if not shape.is_encoding_sure:
        count_lines(path, shape.encoding)
    columns = read_columns(path, shape)
    mapping = {
        name: place for place, name in sorted((int(place), name) for name, place in run.mapping.items())
    }
    mapping = {name: place for name, place in mapping.items() if place < len(columns)}
    return Setup(run, kind_named(run.kind), path, shape, columns, mapping)


def shape_of(run: Import) -> Shape:
    options = run.options
    return Shape(
        run.encoding,
        options.get("encoding_sure", True),
        run.separator,
        run.has_header,
        options.get("lines", 0),
    )


def missing(setup: Setup) -> list[str]:
    """What still has to be decided, one sentence each; empty when the import can run."""
    return [*_missing_source(setup.run), *_missing_columns(setup), *_missing_options(setup)]


def _missing_source(run: Import) -> list[str]:
    return [] if run.source else [_("Source: name the system that the file comes from, such as “shop”.")]


def _missing_columns(setup: Setup) -> list[str]:
    mapped, reading = setup.mapping, setup.reading()
    wanted = [
        field
        for field in setup.kind.fields
        if field.required and field.name not in mapped and not (field.default and field.default(reading))
    ]
    said = [_missing_field(field) for field in wanted]
    if setup.kind.names_customer and not any(name in mapped for name in WHO):
        said.append(
            _("Choose the column that names the customer: an id, an e-mail address or a phone number.")
        )
    if setup.match and setup.match not in mapped:
        said.append(_missing_field(setup.kind.by_name[setup.match]))
    return said


def _missing_field(field: Field) -> str:
    if field.name == "currency":
        return _("Choose the column of the currency, or one currency for the whole file.")
    return _("Choose the column of “%(field)s”.") % {"field": field.label}


def _missing_options(setup: Setup) -> list[str]:
    options, said = setup.run.options, []
    if setup.has_dates and options.get("date_format") not in DateFormat.values:
        said.append(
            _("Choose how dates are written: the file can be read in more than one way, or in none of ours.")
        )
    if options.get("decimal_mark") == "":
        said.append(
            _("Choose what stands before the decimals: “1,234” can be a thousand, or a little more than one.")
        )
    if not setup.shape.is_encoding_sure and not options.get("encoding_confirmed"):
        said.append(_("Look at the preview and confirm the encoding: the file is not UTF-8."))
    return [*said, *_wrong_options(options)]


def _wrong_options(options: dict[str, str]) -> list[str]:
    said = []
    if options.get("zone") and options["zone"] not in zones():
        said.append(_("Time zone: use an IANA name, such as Europe/Copenhagen."))
    if options.get("currency") and options["currency"] not in CURRENCIES:
        said.append(_("Currency: use three letters, such as EUR."))
    if options.get("decimal_mark", ".") not in (".", ",", ""):
        said.append(_("Decimal mark: choose a point or a comma."))
    return said


def known_separators() -> Sequence[str]:
    return (*SEPARATORS, SPACES)
