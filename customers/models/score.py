"""What customers are worth pursuing for, as known now: a cache of conditions and events, worked out anew as they change."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clm.base.db import ClockTimestamp
from customers.models.customer import Customer
from customers.models.ideal_profile import IdealProfile
from customers.models.segment import Computing

FIT_CLASSES = ("A", "B", "C", "D")
INTEREST_CLASSES = (1, 2, 3, 4)
GRADES = tuple(f"{fit}{interest}" for fit in FIT_CLASSES for interest in INTEREST_CLASSES)
MOST_POINTS = 10_000
_FIT = [MinValueValidator(1), MaxValueValidator(100)]
_POINTS = [MinValueValidator(1), MaxValueValidator(MOST_POINTS)]


class ScoringManager(models.Manager["Scoring"]):
    def current(self) -> "Scoring":
        return self.get_or_create(pk=1)[0]

    def lock(self) -> "Scoring":
        """The row as it is now, locked: whoever writes scores or changes what they rest on waits for the others."""
        self.current()
        return self.select_for_update(no_key=True).get(pk=1)


class Scoring(models.Model):
    """One row: how interest is counted, where the classes begin, and how far the scores are worked out.

    `signals` is a list of {"event", "points", "most", "property", "is_value"}: each of the newest `most` events of the
    name (with the property, where one is named) gives so many points on its day; they halve every `half_life_days`.
    `redefined_at`: when a score last became another without a new fact, also because of a profile, one removed too.
    """

    signals = models.JSONField(_("signals"), default=list, blank=True)
    half_life_days = models.PositiveSmallIntegerField(
        _("points halve every"), default=30, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    fit_a = models.PositiveSmallIntegerField(_("A from"), default=75, validators=_FIT)
    fit_b = models.PositiveSmallIntegerField(_("B from"), default=50, validators=_FIT)
    fit_c = models.PositiveSmallIntegerField(_("C from"), default=25, validators=_FIT)
    interest_1 = models.PositiveSmallIntegerField(_("1 from"), default=50, validators=_POINTS)
    interest_2 = models.PositiveSmallIntegerField(_("2 from"), default=20, validators=_POINTS)
    interest_3 = models.PositiveSmallIntegerField(_("3 from"), default=5, validators=_POINTS)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    redefined_at = models.DateTimeField(db_default=ClockTimestamp())
    status = models.CharField(max_length=10, choices=Computing, default=Computing.FRESH)
    error = models.TextField(blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    computed_on = models.DateField(null=True, blank=True)

    objects = ScoringManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="customers_scoring_is_one_row"),
            models.CheckConstraint(
                condition=Q(fit_a__gt=F("fit_b"))
                & Q(fit_b__gt=F("fit_c"))
                & Q(interest_1__gt=F("interest_2"))
                & Q(interest_2__gt=F("interest_3")),
                name="customers_scoring_classes_in_order",
                violation_error_message=_("Each class begins higher than the next."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Scores"))

    def bounds_of(self, grade: str) -> tuple[tuple[int, int | None], tuple[int, int | None]]:
        """Fit from and below, interest from and below; None has no end."""
        fits = [None, self.fit_a, self.fit_b, self.fit_c, 0]
        points = [None, self.interest_1, self.interest_2, self.interest_3, 0]
        fit, interest = FIT_CLASSES.index(grade[0]), INTEREST_CLASSES.index(int(grade[1]))
        return (fits[fit + 1] or 0, fits[fit]), (points[interest + 1] or 0, points[interest])

    def fit_class(self, fit: int) -> str:
        return next((FIT_CLASSES[n] for n, cut in enumerate(self._fits) if fit >= cut), "D")

    def interest_class(self, interest: int) -> int:
        return next((INTEREST_CLASSES[n] for n, cut in enumerate(self._interests) if interest >= cut), 4)

    @property
    def _fits(self) -> tuple[int, ...]:
        return self.fit_a, self.fit_b, self.fit_c

    @property
    def _interests(self) -> tuple[int, ...]:
        return self.interest_1, self.interest_2, self.interest_3


class Score(models.Model):
    """Of a customer who has not withdrawn from being scored; true as of the local day of `Scoring.computed_on`."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="score")
    profile = models.ForeignKey(
        IdealProfile, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    fit = models.PositiveSmallIntegerField(default=0)
    interest = models.PositiveIntegerField(default=0)
    fit_class = models.CharField(max_length=1, default="D")
    interest_class = models.PositiveSmallIntegerField(default=4)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        indexes = [
            models.Index(fields=["fit", "customer"], name="customers_score_by_fit"),
            models.Index(fields=["interest", "customer"], name="customers_score_by_interest"),
            models.Index(fields=["fit_class", "interest_class", "customer"], name="customers_score_by_grade"),
        ]

    def __str__(self) -> str:
        return self.grade

    @property
    def grade(self) -> str:
        return f"{self.fit_class}{self.interest_class}"


class ScoreCheck(models.Model):
    """A customer changed: their score has to be worked out anew. A queue, filled by a trigger of arrivals."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )

    def __str__(self) -> str:
        return str(self.customer_id)
