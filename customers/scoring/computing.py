"""Working scores out: changed customers every minute, everybody when a day begins and on new definitions.

One statement does it for however many: it writes what is different, and takes away the scores of those who have none.
"""

from collections.abc import Iterator
from datetime import timedelta

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.jobs import JobFailed, Progress, enqueue
from clm.accounts.models import Job, Organisation, User
from clm.base import clock
from clm.base.conditions import Asked, InvalidCondition
from clm.base.days import day_of
from clm.base.db import among
from customers.models import Customer, CustomerQuerySet, IdealProfile, Scoring
from customers.models.segment import Computing
from customers.scoring.agreement import may_be_scored
from customers.scoring.crossing import act_on_crossings, note_crossings
from customers.scoring.fit import fit_of
from customers.scoring.interest import Signal, interest_of

CHUNK = 20_000
MOST_ROUNDS = 500
TRIED_AGAIN_AFTER = timedelta(minutes=10)
JOB_KIND = "scoring"
log = structlog.get_logger()


def is_set_up() -> bool:
    """Whether there is anything to score by."""
    return IdealProfile.objects.in_use().exists() or Scoring.objects.exclude(signals=[]).exists()


def work_out(customers: CustomerQuerySet, scoring: Scoring) -> int:
    """Write the scores of these customers, as of now, and who crosses a threshold. Returns how many changed. Raises InvalidCondition.

    Call in a transaction that holds the lock of `scoring`.
    """
    asked = Asked(zone=Organisation.objects.current().zone, as_of=clock.now())
    profiles = list(IdealProfile.objects.in_use())
    among_these = customers.order_by().values("pk")
    fits = {f"fit_{profile.pk}": fit_of(profile, asked) for profile in profiles}
    interest = interest_of(Signal.of(scoring), scoring.half_life_days, asked)
    scored = customers.order_by().present().filter(may_be_scored(asked))
    rows = scored.annotate(points=interest, **fits).values_list("pk", "points", *fits)
    whose, of_whose = among_these.query.sql_with_params()
    sql, parameters = rows.query.sql_with_params()
    best = ", ".join(f"({profile.pk}::bigint, x.fit_{profile.pk})" for profile in profiles)
    columns = ", ".join(["id", "points", *fits])
    statement = _WORK_OUT.format(
        whose=whose, rows=sql, columns=columns, best=best or "(NULL::bigint, 0)", **_classes(scoring)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*of_whose, *parameters, asked.instant])
        ((changed,),) = cursor.fetchall()
    note_crossings(customers)
    return int(changed)


def _classes(scoring: Scoring) -> dict[str, int]:
    names = ("fit_a", "fit_b", "fit_c", "interest_1", "interest_2", "interest_3")
    return {name: getattr(scoring, name) for name in names}


_WORK_OUT = """
WITH whose (id) AS MATERIALIZED ({whose}),
x ({columns}) AS MATERIALIZED ({rows}),
graded AS (
    SELECT x.id, x.points, b.fit, CASE WHEN b.fit > 0 THEN b.profile END AS profile,
        CASE WHEN b.fit >= {fit_a} THEN 'A' WHEN b.fit >= {fit_b} THEN 'B' WHEN b.fit >= {fit_c} THEN 'C' ELSE 'D' END AS f,
        CASE WHEN x.points >= {interest_1} THEN 1 WHEN x.points >= {interest_2} THEN 2
            WHEN x.points >= {interest_3} THEN 3 ELSE 4 END AS i
    FROM x CROSS JOIN LATERAL (
        SELECT v.profile, v.fit FROM (VALUES {best}) v (profile, fit) ORDER BY v.fit DESC, v.profile LIMIT 1) b),
gone AS (
    DELETE FROM customers_score s USING whose
    WHERE s.customer_id = whose.id AND NOT EXISTS (SELECT FROM x WHERE x.id = s.customer_id)
    RETURNING 1),
written AS (
    INSERT INTO customers_score AS s (customer_id, profile_id, fit, interest, fit_class, interest_class, changed_at)
    SELECT id, profile, fit, points, f, i, %s FROM graded ORDER BY id
    ON CONFLICT (customer_id) DO UPDATE SET profile_id = excluded.profile_id, fit = excluded.fit,
        interest = excluded.interest, fit_class = excluded.fit_class, interest_class = excluded.interest_class,
        changed_at = excluded.changed_at
    WHERE (s.profile_id, s.fit, s.interest, s.fit_class, s.interest_class)
        IS DISTINCT FROM (excluded.profile_id, excluded.fit, excluded.interest, excluded.fit_class, excluded.interest_class)
    RETURNING 1)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""


def work_out_changed(*, limit: int = CHUNK) -> int:
    """Customers who changed, portion by portion, until none waits. Returns how many scores changed."""
    changed = 0
    for _round in range(MOST_ROUNDS):
        portion = _next_portion(limit)
        if portion is None:
            break
        changed += portion
    return changed


@transaction.atomic
def _next_portion(limit: int) -> int | None:
    scoring = Scoring.objects.lock()
    ids = _take_checks(limit)
    return work_out(Customer.objects.filter(among("pk", ids)), scoring) if ids else None


def _take_checks(limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH taken AS (
                DELETE FROM customers_scorecheck WHERE id IN (
                    SELECT id FROM customers_scorecheck ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
                RETURNING customer_id)
            SELECT DISTINCT customer_id FROM taken
            """,
            [limit],
        )
        return [customer for (customer,) in cursor.fetchall()]


def work_out_all(*, by: User | None = None) -> Job | None:
    """Everybody anew: at once, or as a job when they are many. Returns the job."""
    scoring = Scoring.objects.current()
    Scoring.objects.filter(pk=1).update(status=Computing.QUEUED, error="", tried_at=clock.now())
    if Customer.objects.all()[: CHUNK + 1].count() > CHUNK:
        return enqueue(
            JOB_KIND, title=gettext_noop("Work out all scores"), owner=by, revision=scoring.revision
        )
    try:
        with transaction.atomic():
            started = _today()
            work_out(Customer.objects.all(), Scoring.objects.lock())
            _finish(scoring.revision, started)
    except (DatabaseError, InvalidCondition) as error:
        _fail(error)
    return None


def work_out_job(job: Job) -> Iterator[Progress]:
    """All customers in portions, each in its own transaction, in the order of their ids."""
    total, done, after = Customer.objects.count(), job.done, job.cursor.get("after", 0)
    started = job.cursor.get("day") or _today()
    try:
        while (upto := _end_of_portion(after)) is not None:
            with transaction.atomic():
                portion = Customer.objects.filter(pk__gt=after, pk__lte=upto)
                work_out(portion, Scoring.objects.lock())
            done, after = min(done + CHUNK, total), upto
            yield Progress(done, total, {"after": after, "day": started})
        _finish(job.parameters["revision"], started)
    except (DatabaseError, InvalidCondition) as error:
        _fail(error)
        raise JobFailed(reason_of(error)) from error
    yield Progress(total, total, {"after": after, "day": started}, {"customers": total})


def _end_of_portion(after: int) -> int | None:
    following = Customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    last: int | None = following[CHUNK - 1 : CHUNK].first() or following.last()
    return last


def _today() -> str:
    return day_of(clock.now(), Organisation.objects.current().tz).isoformat()


def _finish(revision: int, day: str) -> None:
    """Definitions changed meanwhile have a pass of their own, still to come."""
    current = Scoring.objects.filter(pk=1, revision=revision)
    current.update(status=Computing.FRESH, error="", computed_at=clock.now(), computed_on=day)


def keep_up() -> None:
    """What the minute brings: changed customers, a day that has begun, and what was left undone."""
    if not is_set_up():
        return
    try:
        work_out_changed()
    except (DatabaseError, InvalidCondition) as error:
        _fail(error)
        return
    at_work = Job.objects.open().filter(kind=JOB_KIND).exists()
    rests = Q(status__in=[Computing.FAILED, Computing.QUEUED], tried_at__gt=clock.now() - TRIED_AGAIN_AFTER)
    behind = (~Q(computed_on=_today()) | Q(computed_on=None) | ~Q(status=Computing.FRESH)) & ~rests
    if not at_work and Scoring.objects.filter(behind, pk=1).exists():
        work_out_all()
    else:
        Scoring.objects.filter(pk=1, status=Computing.FRESH).update(computed_at=clock.now())
    act_on_crossings()


def _fail(error: Exception) -> None:
    log.warning("scoring.failed", error=str(error))
    Scoring.objects.filter(pk=1).update(status=Computing.FAILED, error=reason_of(error), tried_at=clock.now())


def reason_of(error: Exception) -> str:
    if isinstance(error, InvalidCondition):
        return str(error)
    return _("The database could not finish this in time. It is tried again every ten minutes.")
