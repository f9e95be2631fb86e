"""The walk of one customer, without a database: when rules move, and what keeps them from it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from lifecycle.walking.fold import Moment, Stay, Target, Walk

NEW, BUYER, GONE = 1, 2, 3
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@dataclass
class TwoRules:
    """Answers "10": buys; "01": has stopped. The stage is that of the first one."""

    version_id: int = 1
    edges_forbidden: frozenset[tuple[int, int]] = frozenset()
    minimum_stays: dict[int, timedelta] = field(default_factory=dict)

    def holding(self, answers: str, stay: Stay, at: datetime) -> list[Target]:
        targets = [Target(BUYER, 11, 1), Target(GONE, 12, 1)]
        return [target for target, answer in zip(targets, answers, strict=True) if answer == "1"]

    def due_by_stay(self, stay: Stay) -> Sequence[datetime]:
        return ()


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def walked(
    moments: list[Moment], by_hand: list[Stay] | None = None, rules: TwoRules | None = None, until: int = 30
):
    start = Stay(NEW, at(1), "initial", 1)
    walk = Walk([rules or TwoRules()], start=start, carried=Moment(at(1), "00"), zone=COPENHAGEN)
    return walk.run(moments, by_hand or [], until=at(until))


def path(history) -> list[tuple[int, datetime]]:
    return [(stay.stage_id, stay.entered_at) for stay in history.stays]


def test_a_rule_moves_at_the_moment_it_became_true():
    history = walked([Moment(at(5, 9), "10"), Moment(at(20), "01")])

    assert path(history) == [(NEW, at(1)), (BUYER, at(5, 9)), (GONE, at(20))]
    assert [stay.left_at for stay in history.stays] == [at(5, 9), at(20), None]
    assert [stay.rule_id for stay in history.stays] == [None, 11, 12]


def test_hops_within_a_local_day_collapse_to_its_end():
    history = walked([Moment(at(5, 9), "10"), Moment(at(5, 15), "00"), Moment(at(5, 18), "01")])

    assert path(history) == [(NEW, at(1)), (GONE, at(5, 18))]


def test_what_the_version_before_decided_on_the_day_stands():
    """The second version asks for nothing that holds: it leaves everybody where they are."""
    start = Stay(NEW, at(1), "initial", 1)
    walk = Walk([TwoRules(), TwoRules()], start=start, carried=Moment(at(1), "00"), zone=COPENHAGEN)
    moments = [Moment(at(5, 8), "01"), Moment(at(5, 9), "10"), Moment(at(5, 10), "00", 1)]

    history = walk.run(moments, [], until=at(30))

    assert path(history) == [(NEW, at(1)), (BUYER, at(5, 9))]


def test_a_version_that_takes_over_decides_the_rest_of_the_day():
    start = Stay(NEW, at(1), "initial", 1)
    walk = Walk([TwoRules(), TwoRules()], start=start, carried=Moment(at(1), "00"), zone=COPENHAGEN)
    moments = [Moment(at(5, 9), "10"), Moment(at(5, 10), "01", 1), Moment(at(5, 12), "10", 1)]

    history = walk.run([*moments, Moment(at(5, 13), "01", 1)], [], until=at(30))

    assert path(history) == [(NEW, at(1)), (BUYER, at(5, 9)), (GONE, at(5, 13))]


def test_the_day_ends_at_local_midnight_not_in_utc():
    # 21:30 and 22:30 UTC lie on two days in Copenhagen in summer
    history = walked([Moment(at(5, 21), "10"), Moment(at(5, 23), "01")])

    assert path(history) == [(NEW, at(1)), (BUYER, at(5, 21)), (GONE, at(5, 23))]


def test_to_and_fro_within_a_day_is_no_move():
    history = walked([Moment(at(5, 9), "10"), Moment(at(5, 15), "00")])

    assert path(history) == [(NEW, at(1))]


def test_nothing_holds_means_stay():
    history = walked([Moment(at(5), "10"), Moment(at(6), "00")])

    assert path(history) == [(NEW, at(1)), (BUYER, at(5))]


def test_a_first_stay_without_length_leaves_no_row():
    history = walked([Moment(at(1), "10")])

    assert path(history) == [(BUYER, at(1))]


def test_a_hold_keeps_rules_off_until_it_ends():
    by_rep = Stay(NEW, at(8), "person", 1, actor_id=7, held_until=at(15))

    history = walked([Moment(at(5), "10"), Moment(at(10), "01")], [by_rep])

    assert path(history) == [(NEW, at(1)), (BUYER, at(5)), (NEW, at(8)), (GONE, at(15))]
    assert history.stays[2].actor_id == 7


def test_a_move_by_hand_without_a_hold_stands_until_the_day_is_over():
    by_api = Stay(NEW, at(8, 10), "api", 1)

    history = walked([Moment(at(5), "10")], [by_api])

    assert path(history) == [(NEW, at(1)), (BUYER, at(5)), (NEW, at(8, 10)), (BUYER, at(8, 22))]


def test_minimum_stay_defers_a_rule():
    rules = TwoRules(minimum_stays={BUYER: timedelta(days=7)})

    history = walked([Moment(at(5), "10"), Moment(at(6), "01")], rules=rules)

    assert path(history) == [(NEW, at(1)), (BUYER, at(5)), (GONE, at(12))]


def test_a_deferred_move_is_asked_for_after_the_walk():
    rules = TwoRules(minimum_stays={BUYER: timedelta(days=60)})

    history = walked([Moment(at(5), "10"), Moment(at(6), "01")], rules=rules)

    assert path(history) == [(NEW, at(1)), (BUYER, at(5))]
    assert history.next_check == at(5) + timedelta(days=60)


def test_a_forbidden_edge_falls_through_to_the_next_rule_and_is_refused_once():
    rules = TwoRules(edges_forbidden=frozenset({(NEW, BUYER)}))

    history = walked([Moment(at(5), "11")], rules=rules)

    next_day = at(5, 22)
    assert path(history) == [(NEW, at(1)), (GONE, at(5)), (BUYER, next_day)]  # from there it is allowed
    assert [(refused.from_stage_id, refused.to_stage_id, refused.at) for refused in history.refused] == [
        (NEW, BUYER, at(5))
    ]


def test_a_refusal_is_written_once_per_spell():
    rules = TwoRules(edges_forbidden=frozenset({(NEW, BUYER)}))

    history = walked(
        [Moment(at(day), answers) for day, answers in ((5, "10"), (6, "10"), (7, "00"), (9, "10"))],
        rules=rules,
    )

    assert path(history) == [(NEW, at(1))]
    assert [refused.at for refused in history.refused] == [at(5), at(9)]


def test_two_versions_govern_one_after_the_other():
    @dataclass
    class OnlyGone(TwoRules):
        version_id: int = 2

        def holding(self, answers: str, stay: Stay, at: datetime) -> list[Target]:
            return [Target(GONE, 21, 2)]

    walk = Walk(
        [TwoRules(), OnlyGone()],
        start=Stay(NEW, at(1), "initial", 1),
        carried=Moment(at(1), "00"),
        zone=COPENHAGEN,
    )

    history = walk.run([Moment(at(5), "10"), Moment(at(9), "10", version=1)], [], until=at(30))

    assert [(stay.stage_id, stay.version_id) for stay in history.stays] == [(NEW, 1), (BUYER, 1), (GONE, 2)]
