"""The journey map of the demo company: who looks after which stage, and what they have at hand."""

from dataclasses import replace

from django.db import transaction

from clm.accounts.models import Team
from clm.demo.models import Made
from clm.demo.staff import NORDIC, marketer
from lifecycle.mapping import column_of, draw
from lifecycle.models import Asset, Stage

MARKETING, CARE = "Marketing", "Customer care"
OWNERS = {
    "discovery": MARKETING,
    "engagement": MARKETING,
    "conversion": NORDIC,
    "retention": CARE,
    "loyalty": MARKETING,
    "advocacy": MARKETING,
    "churned": CARE,
}
ASSETS = {
    "discovery": [("Guide: which coffee for which cup", "https://example.com/guides/cups")],
    "engagement": [("Recipe cards", "https://example.com/recipes"), ("Tasting box, 4 x 50 g", "")],
    "conversion": [("First order: how to brew", "https://example.com/guides/brewing")],
    "retention": [("Refill calculator for offices", "https://example.com/offices/refill")],
    "loyalty": [("Roaster's club: early access", "https://example.com/club"), ("Hand-written card", "")],
    "advocacy": [("Link for friends: 50 g for both", "https://example.com/friends")],
    "churned": [("Question: what made you stop?", "")],
}


@transaction.atomic
def draw_journey(slug: str) -> None:
    """Where nobody has named an owner yet."""
    teams = {name: Team.objects.get_or_create(name=name) for name in (MARKETING, CARE)}
    Made.objects.note(Team, [team.pk for team, is_new in teams.values() if is_new])
    for stage in Stage.objects.filter(model__preset=slug, slug__in=OWNERS).select_related("model"):
        drawn = column_of(stage).picture
        if drawn.owner_team is None:
            owner = Team.objects.filter(name=OWNERS[stage.slug]).first()
            assets = tuple(Asset(title=title, href=href) for title, href in ASSETS[stage.slug])
            draw(stage, replace(drawn, owner_team=owner, assets=assets), read=None, by=marketer())
