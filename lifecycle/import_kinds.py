"""What can be imported of this app."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.intake import reading as read
from customers.intake.factual import WHO
from customers.intake.kinds import Field, Kind, offer
from customers.intake.reading import Reading, Unreadable, Value
from lifecycle.taking_moves import write_moves

LONGEST_HOLD = 3650


def hold_days(value: Value, reading: Reading) -> int:
    try:
        days = read.decimal(value, reading)
    except Unreadable:
        days = None
    if days is None or not days.is_finite() or days != int(days) or not 0 <= days <= LONGEST_HOLD:
        raise Unreadable(_("Expected a whole number of days from 0 to %(most)d.") % {"most": LONGEST_HOLD})
    return int(days)


TRANSITIONS = offer(
    Kind(
        "transitions",
        gettext_lazy("Moves to stages"),
        (
            *WHO,
            Field(
                "stage",
                gettext_lazy("Stage"),
                read.text(100),
                required=True,
                aliases=("stage", "lifecycle_stage", "fase", "fas", "phase"),
            ),
            Field(
                "model", gettext_lazy("Lifecycle model"), read.text(50), aliases=("model", "lifecycle_model")
            ),
            Field("reason", gettext_lazy("Reason"), read.text(500), aliases=("reason", "why", "note")),
            Field(
                "hold_days", gettext_lazy("Rules keep off for days"), hold_days, aliases=("hold_days", "hold")
            ),
        ),
        write_moves,
        keyed=False,
    )
)
