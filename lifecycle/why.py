"""Why a customer is where they are: the rule that moved them there, and the facts behind it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from clm.base.conditions import FactRef, InvalidCondition, Node, Verdict, parse
from clm.base.conditions.asking import truths_for
from clm.base.days import end_of
from customers.models import Customer
from lifecycle.conditions.stages import AskedOfMove, own_of
from lifecycle.drafting import sentence_of
from lifecycle.models import Rule, StagePeriod, VersionStage


@dataclass(frozen=True)
class Why:
    """The rule behind a period. `now`: what it says as of the instant asked about; `told` with its leaves and facts is
    the same where it holds, else what it said at the end of the day of entry, `as_of`. None: it can't be read any more.
    """

    rule: Rule
    sentence: str
    as_of: datetime
    now: Verdict | None = None
    told: Verdict | None = None

    @property
    def holds(self) -> bool:
        return self.now is not None and self.now.holds

    @property
    def leaves(self) -> list[Verdict]:
        return self.told.leaves() if self.told else []

    @property
    def facts(self) -> list[FactRef]:
        """The latest first."""
        rows = [row for leaf in self.leaves if leaf.evidence for row in leaf.evidence.rows]
        unique = {(row.label, row.occurred_at): row for row in rows}
        return sorted(unique.values(), key=lambda row: row.occurred_at, reverse=True)


def why_here(
    customer: Customer,
    period: StagePeriod,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    known_at: datetime | None = None,
    now: Verdict | None = None,
) -> Why | None:
    """Asks only the rule that moved the customer here; None where none did. Raises RowGone.

    What it says of stages of its own model is asked just before the move: it led out of them.
    `now` is the rule's verdict where it was asked already.
    """
    rule = period.rule
    if rule is None:
        return None
    try:
        tree = parse(rule.condition)
    except InvalidCondition as error:
        return Why(rule, str(error), as_of)
    move = _Move(tree, customer, period, zone, known_at)
    if now is None or move.own:
        now = move.asked(as_of)
    if now.holds:
        return Why(rule, sentence_of(rule.condition), as_of, now, now)
    entry = min(end_of(period.entered_at.astimezone(zone).date(), zone), as_of)
    return Why(rule, sentence_of(rule.condition), entry, now, move.asked(entry))


class _Move:
    """A move by a rule, asked anew."""

    def __init__(
        self, tree: Node, customer: Customer, period: StagePeriod, zone: ZoneInfo, known_at: datetime | None
    ) -> None:
        self.tree, self.customer, self.period, self.zone, self.known_at = (
            tree,
            customer,
            period,
            zone,
            known_at,
        )
        conditions = tree.conditions()
        self.own = own_of(conditions, period.model.slug)
        self._others = [condition for condition in conditions if condition not in self.own]
        self._ended = self._before() or self._entrance() if self.own else None
        self._in_own = {
            condition: self._ended is not None
            and condition.holds_in(self._ended.stage.slug, self._ended.entered_at, period.entered_at, zone)
            for condition in self.own
        }

    def _before(self) -> StagePeriod | None:
        stays = StagePeriod.objects.at(self.period.entered_at, self.known_at)
        return (
            stays.filter(customer=self.customer, model=self.period.model_id).select_related("stage").first()
        )

    def _entrance(self) -> StagePeriod | None:
        """Who is moved at first sight was in the first stage for no time at all: no stay was kept of that."""
        first = VersionStage.objects.filter(version=self.period.version_id, is_initial=True)
        use = first.select_related("stage").first()
        if use is None:
            return None
        return StagePeriod(customer=self.customer, stage=use.stage, entered_at=self.period.entered_at)

    def asked(self, as_of: datetime) -> Verdict:
        asked = AskedOfMove(
            zone=self.zone.key,
            as_of=as_of,
            known_at=self.known_at,
            model=self.period.model.slug,
            ended=self._ended,
        )
        truths = truths_for(self.customer, self._others, asked) | self._in_own
        return self.tree.verdict(truths, self.customer, asked)
