"""A question from a query string: page, API and export understand the same parameters.

period=30d | from=1998-04-01&to=1998-06-30    local days, both included
as_of, known_at                               an instant, or a day: its end
breakdown, model, country, channel, variant, survey, segment
stage, target, days                           of metrics about stays in stages
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext as _

from campaigns.models import Survey
from clm.accounts.models import User
from clm.base.conditions import InvalidCondition, parse
from clm.base.days import day_of, end_of
from clm.base.rest.instants import DAY, NotAnInstant, parsed_day, parsed_instant
from clm.base.tomorrow import NotYet, refuse_tomorrow
from customers.models import Segment
from lifecycle.models import Kind, LifecycleModel, Stage
from metrics.names import Names
from metrics.periods import DEFAULT, RIPE_DAYS, RIPE_YEAR, Period, Usual
from metrics.question import HORIZON_DAYS, UNATTRIBUTED, Question, QuestionError, Setting, Target

PARAMETERS = (
    "period",
    "from",
    "to",
    "as_of",
    "known_at",
    "breakdown",
    "model",
    "country",
    "channel",
    "variant",
    "survey",
    "segment",
    "stage",
    "target",
    "days",
)
FIRST_YEAR, LAST_YEAR = 1901, 2199
LONGEST_YEARS = 20
MOST_DAYS = 3650
SEGMENTS_NAMED = 20
STALE = timedelta(days=60)
Parameters = Mapping[str, str]


@dataclass(frozen=True)
class Asking:
    question: Question
    period: Period
    preset: str  # empty: from a day to a day
    is_ripe: bool  # no period was asked for: it has ended long enough ago to tell conversion
    is_old: bool  # no period was asked for and the newest order is old: the period ends with it


def asking(
    parameters: Parameters,
    *,
    setting: Setting,
    user: User | None,
    names: Names,
    newest: datetime | None = None,
    usual: Usual = Usual.RECENT,
) -> Asking:
    """`newest`: when the newest order was, so that a page on a past log is not empty. Raises QuestionError."""
    zone = setting.organisation.tz
    as_of = instant(parameters, "as_of", setting)
    known_at = instant(parameters, "known_at", setting)
    days = _days(parameters.get("days", "").strip())
    period, preset, is_old = _period(parameters, setting, as_of, newest, usual=usual, days=days)
    model = _model(parameters.get("model", ""), names.models)
    stages = [stage for stage in names.all_stages if model and stage.model_id == model.pk]
    question = Question(
        start=period.start(zone),
        end=period.end(zone),
        as_of=as_of,
        known_at=known_at,
        breakdown=parameters.get("breakdown") or None,
        model=model,
        country=_country(parameters.get("country", "")),
        channel=_channel(parameters.get("channel", ""), names),
        variant=parameters.get("variant", ""),
        survey=_survey(parameters.get("survey", "")),
        segment=_segment(slug, names.segments(user)) if (slug := parameters.get("segment", "")) else None,
        stage=_stage(parameters.get("stage", ""), stages),
        target=_target(parameters.get("target", ""), stages),
        days=days,
        user=user,
    )
    is_ripe = not preset and not (parameters.get("from") or parameters.get("to"))
    return Asking(question, period, preset, is_ripe, is_old)


def instant(parameters: Parameters, name: str, setting: Setting) -> datetime | None:
    """At the latest the end of today. Raises QuestionError."""
    text, zone = parameters.get(name, "").strip(), setting.organisation.tz
    if not text:
        return None
    try:
        found = end_of(parsed_day(text), zone) if DAY.fullmatch(text) else parsed_instant(text)
        _sensible(name, parsed_day(text) if DAY.fullmatch(text) else found.astimezone(UTC).date())
        refuse_tomorrow(found, zone, now=setting.now)
    except (NotAnInstant, NotYet) as error:
        raise QuestionError(name, str(error)) from error
    return found


def day(parameters: Parameters, name: str) -> date | None:
    text = parameters.get(name, "").strip()
    if not text:
        return None
    if not DAY.fullmatch(text):
        raise QuestionError(name, _("Use a date such as 2026-06-30."))
    try:
        return _sensible(name, parsed_day(text))
    except NotAnInstant as error:
        raise QuestionError(name, str(error)) from error


def _sensible(name: str, found: date) -> date:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise QuestionError(
            name, _("Use a year from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )
    return found


def _period(
    parameters: Parameters,
    setting: Setting,
    as_of: datetime | None,
    newest: datetime | None,
    *,
    usual: Usual,
    days: int | None,
) -> tuple[Period, str, bool]:
    first, last = day(parameters, "from"), day(parameters, "to")
    if first or last:
        return _between(first, last, setting), "", False
    preset = parameters.get("period", "")
    until = day_of(as_of, setting.organisation.tz) if as_of else setting.today
    anchor, is_old = until, False
    if newest and not as_of and not preset and newest < setting.now - STALE:
        anchor, is_old = newest.astimezone(setting.organisation.tz).date(), True
    if usual is not Usual.RECENT and not preset:
        ripe = _ripe(anchor, until, usual, days)
        return ripe, "", is_old and ripe.last == anchor
    return Period.preset(preset or DEFAULT, anchor), preset or DEFAULT, is_old


def _ripe(anchor: date, until: date, usual: Usual, days: int | None) -> Period:
    if usual is Usual.RIPE:
        return Period.ripe(anchor, before=until, wait=HORIZON_DAYS, length=RIPE_DAYS)
    return Period.ripe(anchor, before=until, wait=max(days or 0, HORIZON_DAYS), length=RIPE_YEAR)


def _between(first: date | None, last: date | None, setting: Setting) -> Period:
    if first is None:
        raise QuestionError("from", _("Give the first day too: from=2026-06-01."))
    period = Period(first, last or max(first, setting.today))
    if period.days > LONGEST_YEARS * 366:
        raise QuestionError(
            "from",
            _("The period is longer than %(years)d years. Choose a later first day.")
            % {"years": LONGEST_YEARS},
        )
    return period


def _model(slug: str, models: list[LifecycleModel]) -> LifecycleModel | None:
    if not slug:
        return next((model for model in models if model.is_primary), models[0] if models else None)
    for model in models:
        if model.slug == slug:
            return model
    known = ", ".join(model.slug for model in models) or _("none")
    raise QuestionError(
        "model", _("There is no such lifecycle model. Use one of: %(known)s.") % {"known": known}
    )


def _stage(slug: str, stages: list[Stage]) -> Stage | None:
    if not slug:
        return None
    for stage in stages:
        if stage.slug == slug:
            return stage
    known = ", ".join(stage.slug for stage in stages) or _("none")
    raise QuestionError(
        "stage", _("There is no such stage in the model. Use one of: %(known)s.") % {"known": known}
    )


def _target(name: str, stages: list[Stage]) -> Target | None:
    """A stage by its slug, else the stages of a kind, whichever stand for it."""
    if not name:
        return None
    found = [stage for stage in stages if stage.slug == name]
    found = found or [stage for stage in stages if name in (stage.kind, *stage.other_kinds)]
    if found:
        return target_of(name, found)
    known = ", ".join([*(stage.slug for stage in stages), *_kinds(stages)]) or _("none")
    raise QuestionError(
        "target",
        _("No stage of the model has this name or kind. Use one of: %(known)s.") % {"known": known},
    )


def target_of(name: str, stages: list[Stage]) -> Target:
    return Target(name, tuple(stage.pk for stage in stages))


def _kinds(stages: list[Stage]) -> list[str]:
    return [kind for kind in Kind.values if any(kind in (one.kind, *one.other_kinds) for one in stages)]


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_DAYS):
        raise QuestionError("days", _("Use a whole number of days from 1 to %(most)d.") % {"most": MOST_DAYS})
    return int(text)


def _country(code: str) -> str:
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise QuestionError("country", _("Use two letters, such as DK."))
    return code.upper()


def _segment(slug: str, segments: list[Segment]) -> Segment:
    found = next((segment for segment in segments if segment.slug == slug), None)
    if found is None:
        known = ", ".join(segment.slug for segment in segments[:SEGMENTS_NAMED]) or _("none")
        raise QuestionError(
            "segment", _("There is no such segment. Use one of: %(known)s.") % {"known": known}
        )
    if found.is_dynamic:
        try:
            parse(found.conditions)
        except InvalidCondition as error:
            raise QuestionError("segment", str(error)) from error
    return found


def _survey(slug: str) -> str:
    known = list(Survey.objects.values_list("slug", flat=True)) if slug else []
    if slug and slug not in known:
        message = _("There is no such survey. Use one of: %(known)s.")
        raise QuestionError("survey", message % {"known": ", ".join(known) or _("none")})
    return slug


def _channel(slug: str, names: Names) -> str:
    known = [*(channel.slug for channel in names.channels), UNATTRIBUTED] if slug else []
    if slug and slug not in known:
        message = _("There is no such channel. Use one of: %(known)s.") % {"known": ", ".join(known)}
        raise QuestionError("channel", message)
    return slug
