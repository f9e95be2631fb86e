"""Small worlds for metrics: who bought what when, by hand. Days are local to the organisation's zone."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from clm.accounts.models import Organisation
from clm.base.days import end_of, start_of
from clm.base.facts import BEGINNING
from customers.models import Channel, Customer, Order, Refund, Touch
from lifecycle.models import LifecycleModel, ModelVersion, Stage, StagePeriod, VersionStage
from metrics.answer import Answer
from metrics.catalog import ask
from metrics.models import Spend
from metrics.question import Question, Setting

EARLY = datetime(2020, 1, 1, tzinfo=UTC)  # when facts were learned, unless said otherwise
STAGES = (
    ("discovery", "aware"),
    ("engagement", "engaged"),
    ("conversion", "buying"),
    ("loyalty", "loyal"),
    ("churned", "churned"),
)


@dataclass
class World:
    zone: str = "UTC"
    inactive_after: int | None = 90
    margin: Decimal | None = None
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.organisation = Organisation.objects.current()
        self.organisation.zone, self.organisation.margin = self.zone, self.margin
        self.organisation.inactive_after_days = self.inactive_after
        self.organisation.save()
        self.organisation = Organisation.objects.current()

    @property
    def setting(self) -> Setting:
        return Setting(self.organisation, self.now)

    def at(self, day: str, clock: str = "12:00") -> datetime:
        return datetime.combine(
            date.fromisoformat(day), time.fromisoformat(clock), tzinfo=self.organisation.tz
        )

    def customer(self, **fields: Any) -> Customer:
        return Customer.objects.create(name=f"Customer {next(self.numbers)}", **fields)

    def channel(self, slug: str, *, is_paid: bool = False) -> Channel:
        return Channel.objects.get_or_create(slug=slug, defaults={"name": slug.title(), "is_paid": is_paid})[
            0
        ]

    def order(self, customer: Customer, day: str, net: str = "100", **fields: Any) -> Order:
        values = {"currency": "EUR", "rate": 1, "gross": Decimal(net), "occurred_at": self.at(day)}
        return Order.objects.create(**(values | self._fact(customer) | fields))

    def refund(self, order: Order, day: str, amount: str, **fields: Any) -> Refund:
        values = {"order_id": order.root, "amount": Decimal(amount), "currency": "EUR", "rate": order.rate}
        return Refund.objects.create(
            **(values | {"occurred_at": self.at(day)} | self._fact(order.customer) | fields)
        )

    def touch(self, customer: Customer, day: str, channel: str, **fields: Any) -> Touch:
        values = {"channel": self.channel(channel), "occurred_at": self.at(day)}
        return Touch.objects.create(**(values | self._fact(customer) | fields))

    def spend(self, day: str, amount: str, channel: str | None = None, **fields: Any) -> Spend:
        values = {
            "source": "test",
            "key": str(next(self.numbers)),
            "recorded_at": EARLY,
            "currency": "EUR",
            "rate": 1,
        }
        values |= {"amount": Decimal(amount), "occurred_at": self.at(day, "00:00")}
        values |= {"channel": self.channel(channel) if channel else None}
        return Spend.objects.create(**(values | fields))

    def model(self) -> LifecycleModel:
        model = LifecycleModel.objects.create(slug="five", labels={"en": "Five stages"}, is_primary=True)
        version = ModelVersion.objects.create(
            model=model, number=1, status="published", governs_from=BEGINNING
        )
        for position, (slug, kind) in enumerate(STAGES, start=1):
            stage = Stage.objects.create(
                model=model,
                slug=slug,
                labels={"en": slug.title()},
                kind=kind,
                position=position,
                is_initial=position == 1,
            )
            VersionStage.objects.create(version=version, stage=stage, position=position)
        return model

    def stay(
        self, customer: Customer, stage: str, entered: str, left: str | None = None, **fields: Any
    ) -> StagePeriod:
        found = Stage.objects.get(slug=stage)
        values = {
            "model_id": found.model_id,
            "stage": found,
            "version": found.model.published(),
            "cause": "api",
        }
        values |= {
            "entered_at": start_of(date.fromisoformat(entered), self.organisation.tz),
            "recorded_at": EARLY,
        }
        values |= {"left_at": start_of(date.fromisoformat(left), self.organisation.tz) if left else None}
        return StagePeriod.objects.create(
            **(values | {"customer": customer, "original_customer": customer} | fields)
        )

    def _fact(self, customer: Customer) -> dict[str, Any]:
        number = str(next(self.numbers))
        return {
            "customer": customer, "original_customer": customer, "source": "test", "key": number, "recorded_at": EARLY,
        }  # fmt: skip

    def question(self, first: str, last: str, **more: Any) -> Question:
        zone = self.organisation.tz
        days = {name: end_of(date.fromisoformat(more.pop(name)), zone) for name in ("as_of",) if name in more}
        start, end = start_of(date.fromisoformat(first), zone), end_of(date.fromisoformat(last), zone)
        return Question(start, end, model=LifecycleModel.objects.primary(), **(days | more))

    def ask(self, slug: str, first: str, last: str, **more: Any) -> Answer:
        """`as_of="2025-06-30"` is the end of that local day."""
        return ask(slug, self.question(first, last, **more), self.setting)


def parts(answer: Answer) -> dict[str, Decimal | None]:
    return {row.key: row.result.value if row.result else None for row in answer.rows}


def days_after(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=days))
