"""Answers given elsewhere, as the importer and the API take them in."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Response, Survey
from campaigns.models.response import HIGHEST, LONGEST_TEXT
from campaigns.models.survey import MAIN
from campaigns.surveys.wording import known_language
from customers.intake import reading as read
from customers.intake.batch import Batch
from customers.intake.factual import WHO, fact_writer, key, occurred_at
from customers.intake.kinds import Field, Kind
from customers.intake.reading import Reading, Unreadable, Value


def score(value: Value, reading: Reading) -> int:
    """0 to 10. Other scales are refused: 5 of 5 is not 5 of 10."""
    try:
        number = read.decimal(value, reading)
    except Unreadable:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number <= HIGHEST:
        raise Unreadable(_("Expected a whole number from 0 to 10. Other scales can't be taken in as NPS."))
    return int(number)


def language(value: Value, reading: Reading) -> str:
    plain = str(read.text(20)(value, reading))
    return known_language(plain) or plain.lower()[:10]


def put_surveys(batch: Batch) -> None:
    """Replace each row's survey by its id; the main one is meant when none is named."""
    named = {str(row.values.get("survey") or MAIN) for row in batch.rows}
    known = dict(Survey.objects.filter(slug__in=named).values_list("slug", "pk"))
    if MAIN in named and MAIN not in known:
        known[MAIN] = Survey.objects.main().pk
    batch.refuse(
        (
            row,
            "survey",
            _("There is no survey “%(slug)s”. Create it first, or leave it empty.") % {"slug": slug},
        )
        for row in batch.rows
        if (slug := str(row.values.get("survey") or MAIN)) not in known
    )
    for row in batch.rows:
        row.values["survey_id"] = known[str(row.values.get("survey") or MAIN)]


RESPONSES = Kind(
    "responses",
    gettext_lazy("Survey responses"),
    (
        *WHO,
        key(gettext_lazy("Response id"), "response_id", "answer_id", "id"),
        occurred_at("answered_at", "responded_at", "submitted_at"),
        Field(
            "score",
            gettext_lazy("Score, 0 to 10"),
            score,
            required=True,
            aliases=("score", "nps", "nps_score", "rating", "answer", "svar"),
        ),
        Field(
            "text",
            gettext_lazy("Comment"),
            read.text(LONGEST_TEXT),
            aliases=("text", "comment", "reason", "feedback", "kommentar"),
        ),
        Field("survey", gettext_lazy("Survey"), read.text(64), aliases=("survey", "survey_slug")),
        Field("language", gettext_lazy("Language"), language, aliases=("language", "lang", "sprog")),
    ),
    fact_writer(Response, ("survey_id", "score", "text", "language", "via"), put_surveys),
)
