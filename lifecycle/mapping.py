"""The journey map of a model: for each stage what customers think and meet, and what the company does about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Team, User
from clm.base import clock
from lifecycle.models import (
    Asset,
    JourneyMap,
    Kind,
    LifecycleModel,
    Playbook,
    Stage,
    Touchpoint,
    VersionStage,
    VersionStatus,
)
from lifecycle.models.stage import OUT_OF_USE
from lifecycle.usual_journeys import SUGGESTIONS
from lifecycle.wording import BASE, TEXTS, own_words, said

LONGEST_TEXT, LONGEST_LINE, MOST_LINES = 5000, 300, 30
SCHEMES = ("http", "https")


_WITH = ("model", "journey_map__owner_team", "playbook")


class MapChanged(Exception):
    """Somebody else changed this column since it was read."""


@dataclass(frozen=True)
class Picture:
    """All that a column says."""

    thoughts: str = ""
    feelings: str = ""
    pain_points: str = ""
    touchpoints: tuple[Touchpoint, ...] = ()
    owner_team: Team | None = None
    actions: str = ""
    playbook: str = ""
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True)
class Column:
    stage: Stage
    picture: Picture = field(default_factory=Picture)
    changed_at: datetime | None = None  # null: nobody has filled it

    @property
    def version(self) -> str:
        return self.changed_at.isoformat() if self.changed_at else ""


def columns_of(model: LifecycleModel, language: str = BASE) -> list[Column]:
    """Of the model's stages in use in order, then of those it has no more that somebody has filled; two queries."""
    stages = Stage.objects.settled().filter(model=model).in_order()
    told = [column_of(stage, language) for stage in stages.select_related(*_WITH)]
    return [column for column in told if column.stage.is_in_use or column.changed_at]


def column_of(stage: Stage, language: str = BASE) -> Column:
    drawn: JourneyMap | None = getattr(stage, "journey_map", None)
    if drawn is None:
        return Column(stage)
    book: Playbook | None = getattr(stage, "playbook", None)
    texts = said(_texts(drawn, book), drawn.wordings, language)
    picture = Picture(
        **texts | {"touchpoints": tuple(texts["touchpoints"])},
        owner_team=drawn.owner_team,
        assets=tuple(book.assets) if book else (),
    )
    return Column(stage, picture, drawn.changed_at)


def _texts(drawn: JourneyMap, book: Playbook | None) -> dict[str, Any]:
    """As the columns have them."""
    return {name: getattr(drawn, name) for name in (*TEXTS[:-1], "touchpoints")} | {
        "playbook": book.text if book else ""
    }


@transaction.atomic
def draw(
    stage: Stage, picture: Picture, *, read: str | None, by: User | None, language: str = BASE
) -> Column:
    """Put all of it in the column's place, the texts in one language; team and assets are those of all languages.

    `read`: the version that was read, null to write whatever is there.

    Raises MapChanged, and ValidationError by field.
    """
    check(picture)
    locked = Stage.objects.select_for_update().get(pk=stage.pk)
    before = column_of(locked, language)
    if read is not None and read != before.version:
        raise MapChanged
    if before.changed_at is not None and before.picture == picture:
        return before
    _write(locked, picture, by=by, language=language)
    changed = [
        one.name for one in fields(Picture) if getattr(picture, one.name) != getattr(before.picture, one.name)
    ]
    AuditEntry.objects.record(
        "journey.changed", stage, by=by, model=stage.model.slug, fields=changed, language=language
    )
    written = Stage.objects.select_related("journey_map__owner_team", "playbook").get(pk=stage.pk)
    return column_of(written, language)


def _write(stage: Stage, picture: Picture, *, by: User | None, language: str = BASE) -> None:
    told: dict[str, Any] = {
        "owner_team": picture.owner_team,
        "changed_at": clock.now(),
        "changed_by": by,
    }
    book: dict[str, Any] = {"assets": list(picture.assets)}
    given = {name: getattr(picture, name) for name in TEXTS} | {"touchpoints": list(picture.touchpoints)}
    if language == BASE:
        book["text"] = given.pop("playbook")
        told |= given
    else:
        told["wordings"] = _wordings(stage, given, language)
    JourneyMap.objects.update_or_create(stage=stage, defaults=told)
    Playbook.objects.update_or_create(stage=stage, defaults=book)


def _wordings(stage: Stage, given: dict[str, Any], language: str) -> dict[str, dict[str, Any]]:
    drawn: JourneyMap = getattr(stage, "journey_map", None) or JourneyMap(stage=stage)
    book: Playbook | None = getattr(stage, "playbook", None)
    return own_words(given, _texts(drawn, book), drawn.wordings, language)


@transaction.atomic
def suggest(model: LifecycleModel, *, by: User | None) -> list[Stage]:
    """Fill the columns that nobody has filled with what is usual for their kind; which those were. Those of stages that
    only a draft has so far, of the kind that it gives them, are seen once it is published.
    """
    stages = Stage.objects.filter(model=model).exclude(position=OUT_OF_USE).select_related(*_WITH)
    empty = [stage for stage in stages.in_order() if column_of(stage).changed_at is None]
    drafted = VersionStage.objects.filter(stage__in=[one for one in empty if one.is_drafted])
    kinds = dict(drafted.filter(version__status=VersionStatus.DRAFT).values_list("stage", "kind"))
    for stage in empty:
        _write(stage, SUGGESTED[Kind(kinds.get(stage.pk, stage.kind))], by=by)
    if empty:
        AuditEntry.objects.record("journey.suggested", model, by=by, stages=[stage.slug for stage in empty])
    return empty


SUGGESTED = {
    kind: Picture(
        thoughts=told.thoughts,
        feelings=told.feelings,
        pain_points=told.pain_points,
        touchpoints=tuple({"channel": channel, "what": what} for channel, what in told.touchpoints),
        actions=told.actions,
        playbook=told.playbook,
    )
    for kind, told in SUGGESTIONS.items()
}


def check(picture: Picture) -> None:
    """Raises ValidationError by field, each with the cure."""
    problems: dict[str, list[str]] = {}
    for name in TEXTS:
        if len(getattr(picture, name)) > LONGEST_TEXT:
            problems[name] = [_("Use at most %(most)d characters.") % {"most": LONGEST_TEXT}]
    _check_lines(problems, "touchpoints", picture.touchpoints, "what")
    _check_lines(problems, "assets", picture.assets, "title")
    wrong = [asset["href"] for asset in picture.assets if asset["href"] and not is_link(asset["href"])]
    if wrong:
        message = _("“%(link)s” is no web address. Use one that begins with https:// or http://.")
        problems.setdefault("assets", []).extend(message % {"link": link[:80]} for link in wrong)
    if problems:
        raise ValidationError(problems)


def _check_lines(problems: dict[str, list[str]], name: str, lines: tuple[Any, ...], needed: str) -> None:
    if len(lines) > MOST_LINES:
        problems[name] = [_("Use at most %(most)d lines.") % {"most": MOST_LINES}]
    elif any(len(text) > LONGEST_LINE for line in lines for text in line.values()):
        problems[name] = [_("Use at most %(most)d characters in a line.") % {"most": LONGEST_LINE}]
    elif any(not line[needed].strip() for line in lines):
        problems[name] = [_("Every line needs a text.")]


def is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.hostname) and not any(mark.isspace() for mark in text)


def as_json(column: Column) -> dict[str, Any]:
    picture = column.picture
    return {
        "stage": column.stage.slug,
        "label": str(column.stage),
        "is_in_use": column.stage.is_in_use,
        **{name: getattr(picture, name) for name in TEXTS},
        "touchpoints": list(picture.touchpoints),
        "owner_team": picture.owner_team.pk if picture.owner_team else None,
        "assets": list(picture.assets),
        "changed_at": column.changed_at,
    }


def pictured(given: Mapping[str, Any]) -> Picture:
    """From the values of a form or of the API."""
    return Picture(
        **{name: given.get(name, "").strip() for name in TEXTS},
        touchpoints=tuple(given.get("touchpoints", ())),
        owner_team=given.get("owner_team"),
        assets=tuple(given.get("assets", ())),
    )
