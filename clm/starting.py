"""What a new organisation does first, worked out from the data it has."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.models.campaign import CampaignStatus
from clm.accounts.models import Role, User
from clm.accounts.permissions import Capability, may
from clm.base import clock
from clm.base.context import address
from clm.demo import SOURCE
from clm.demo.models import Demo, Made
from customers.models import Customer, Identity, Order
from lifecycle.models import LifecycleModel, StagePeriod


@dataclass(frozen=True)
class FirstStep:
    """`is_needed`: without it there is nothing to see."""

    title: str | Promise
    text: str | Promise
    action: str | Promise
    href: str
    icon: str
    is_done: bool
    is_allowed: bool
    is_needed: bool = False


@dataclass(frozen=True)
class Start:
    """The first steps of the organisation as one person sees them; `demo` while the made-up company is here."""

    user: User
    demo: Demo | None
    steps: list[FirstStep]

    @classmethod
    def of(cls, user: User) -> "Start":
        demo = Demo.objects.select_related("job").first()
        return cls(user, demo, first_steps(user, demo))

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def next(self) -> FirstStep | None:
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def is_over(self) -> bool:
        """An administrator is led through all steps, or puts them away; others wait for data only."""
        if self.user.role == Role.ADMINISTRATOR:
            return self.user.started_at is not None or self.done == len(self.steps)
        return bool(self.demo) or all(step.is_done for step in self.steps if step.is_needed)


@transaction.atomic
def put_away(user: User) -> None:
    """From now on the home page is where this person works."""
    if user.started_at is None:
        user.started_at = clock.now()
        user.save(update_fields=["started_at"])


def first_steps(user: User, demo: Demo | None = None) -> list[FirstStep]:
    """In order. Each has its own button; one that the user's role does not allow says so.

    What the demo company made does not count: it is not the organisation's own.
    """
    has_customers = _has_own_customers(demo)
    return [
        FirstStep(
            _("Bring in your customers and orders"),
            _("A CSV file of orders is enough: one row for each order, with who, when and how much."),
            _("Import a file"),
            address("import-new"),
            "upload",
            is_done=has_customers and Order.objects.exclude(source=SOURCE).exists(),
            is_allowed=may(user, Capability.IMPORT),
            is_needed=True,
        ),
        FirstStep(
            _("Choose your lifecycle model"),
            _("The stage history of every customer is then worked out as it would have been."),
            _("Choose a model"),
            address("lifecycle-models"),
            "workflow",
            is_done=has_customers and _has_stages(),
            is_allowed=may(user, Capability.EDIT_MODELS),
            is_needed=True,
        ),
        FirstStep(
            _("Connect your mail server"),
            _(
                "Until then no customer gets mail from here: set EMAIL_URL and DEFAULT_FROM_EMAIL where CLM runs, and start it again."
            ),
            _("See where mail goes now"),
            address("caught-mail"),
            "mail",
            is_done=mail_reaches_people(),
            is_allowed=may(user, Capability.ADMINISTER),
        ),
        FirstStep(
            _("Start your first campaign"),
            _("A welcome and a win-back are ready: read the mails, see who would get them, switch one on."),
            _("Choose a campaign"),
            address("campaigns"),
            "megaphone",
            is_done=_has_own_campaign(),
            is_allowed=may(user, Capability.EDIT_CAMPAIGNS),
        ),
    ]


def mail_reaches_people() -> bool:
    return settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") and not settings.CAUGHT_MAIL_DIR


def _has_own_customers(demo: Demo | None) -> bool:
    if demo is None:
        return Customer.objects.exists()
    theirs = Identity.objects.live().filter(customer=OuterRef("pk"), kind="external", source=SOURCE)
    return Customer.objects.present().filter(~Exists(theirs)).exists()


def _has_stages() -> bool:
    return StagePeriod.objects.live().filter(model__in=LifecycleModel.objects.running()).exists()


def _has_own_campaign() -> bool:
    begun = Campaign.objects.exclude(status=CampaignStatus.DRAFT)
    return begun.exclude(pk__in=Made.objects.ids(Campaign)).exists()


@dataclass(frozen=True)
class Place:
    title: str | Promise
    text: str | Promise
    href: str
    icon: str


_TOUR = (
    (
        _("The lifecycle dashboard"),
        _("Who is in which stage, what winning a customer costs, how many stay."),
        "dashboard",
        "layout-dashboard",
        Capability.VIEW_METRICS,
    ),
    (
        _("The customers"),
        _("Open one: every stage explains itself, down to the orders behind it."),
        "customers",
        "users",
        Capability.VIEW_CUSTOMERS,
    ),
    (
        _("The leads"),
        _("What sales reps are after, and what is overdue."),
        "leads",
        "target",
        Capability.VIEW_CUSTOMERS,
    ),
    (
        _("The campaigns"),
        _("A welcome and a win-back: who got which mail, and who did not, and why."),
        "campaigns",
        "megaphone",
        Capability.VIEW_CAMPAIGNS,
    ),
    (
        _("NPS"),
        _("What customers answered, in five languages, and how sure the number is."),
        "surveys",
        "gauge",
        Capability.VIEW_CAMPAIGNS,
    ),
    (
        _("The lifecycle models"),
        _("The same customers in another guide's stages."),
        "lifecycle-models",
        "workflow",
        Capability.VIEW_CUSTOMERS,
    ),
)


def tour(user: User) -> list[Place]:
    """What is worth a look, as far as this person may."""
    return [
        Place(title, text, address(name), icon)
        for title, text, name, icon, needed in _TOUR
        if may(user, needed) and address(name)
    ]
