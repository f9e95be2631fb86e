"""The two jobs: the company comes in, the company goes."""

from collections.abc import Iterator
from functools import partial

from clm.accounts.jobs import Progress
from clm.accounts.models import AuditEntry, Job, Organisation
from clm.demo import (
    campaigning,
    conversations,
    desk,
    doubling,
    grouping,
    helping,
    loading,
    picturing,
    scoring,
    selling,
    surveying,
    viewing,
)
from clm.demo.company import Company, make
from clm.demo.loading import Step
from clm.demo.models import Demo, DemoState, Made
from clm.demo.removing import remove
from customers.duplicates import finding
from customers.models import Customer
from customers.names import learning
from lifecycle.models import LifecycleModel
from lifecycle.presets import install
from lifecycle.replay import replay
from metrics import folding

# The first becomes the primary one.
MODELS = ("swedish-six", "danish-twelve")
# Small pieces: whoever else wants to change a customer waits for one of them only.
PIECE = 2_000


def load_job(job: Job) -> Iterator[Progress]:
    """Every step may be done again, so a killed worker's successor repeats at most one."""
    demo = Demo.objects.get()
    organisation = Organisation.objects.current()
    company = make(
        last=demo.last_day,
        zone=organisation.tz,
        reporting=organisation.currency,
        size=demo.size,
        seed=demo.seed,
    )
    steps = list(steps_of(company))
    total = sum(step.size for step in steps)
    for number, size in loading.through(steps, done=job.cursor.get("step", 0)):
        yield Progress(size, total, {"step": number}, {"customers": len(company.lives)})


def steps_of(company: Company) -> Iterator[Step]:
    yield from loading.facts(company)
    yield Step(50, partial(doubling.bring_doubles, company.customers, company.until))
    yield Step(10 * len(company.pursuits), partial(selling.bring_leads, company.pursuits))
    yield Step(
        len(company.pursuits), partial(conversations.bring_conversations, company.pursuits, company.seed)
    )
    yield Step(50, partial(conversations.bring_tasks, company.pursuits, company.until, company.seed))
    yield Step(50, partial(helping.bring_tickets, company.orders, company.until, company.seed))
    yield Step(len(company.askings), partial(surveying.bring_answers, company.askings))
    yield Step(100, desk.furnish)
    yield Step(50, viewing.keep_views)
    yield Step(500, loading.analyse)
    yield Step(500, folding.fold)
    first, *others = MODELS
    yield from _history(first, company)
    yield Step(100, partial(picturing.draw_journey, first))
    yield Step(2_000, grouping.make_segments)
    yield Step(1_000, scoring.make_scores)
    yield Step(4_000, partial(campaigning.make_campaigns, company.until, company.seed))
    for slug in others:
        yield from _history(slug, company)
    yield Step(100, finding.look_through)
    yield Step(10, learning.learn_all)
    yield Step(100, opened)


def _history(slug: str, company: Company) -> Iterator[Step]:
    yield Step(100, partial(choose, slug))
    for start in range(0, len(company.lives), PIECE):
        yield Step(4 * PIECE, partial(work_out, slug, start))


def choose(slug: str) -> None:
    had = LifecycleModel.objects.filter(preset=slug).exists()
    model = install(slug, by=None)
    if not had:
        Made.objects.note(LifecycleModel, [model.pk])


def work_out(slug: str, start: int) -> None:
    """The stage history of the next customers after the first `start`."""
    ids = Customer.objects.present().order_by("pk").values_list("pk", flat=True)
    last = ids[start - 1 : start].first() if start else 0
    version = LifecycleModel.objects.get(preset=slug).published()
    if version is not None and last is not None:
        next(replay(version, after=last, batch=PIECE), None)


def opened() -> None:
    demo = Demo.objects.get()
    demo.state = DemoState.LOADED
    demo.save(update_fields=["state"])
    AuditEntry.objects.record("demo.loaded", Organisation.objects.current(), customers=demo.size)


def removal_job(job: Job) -> Iterator[Progress]:
    yield Progress(0, 1)
    rows = sum(remove(by=job.owner).values()) if Demo.objects.exists() else 0
    yield Progress(1, 1, result={"rows": rows})
