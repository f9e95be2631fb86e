"""What the head of the dashboard offers a rep comes from the own customers only."""

from collections.abc import Callable

import pytest
from django.test import Client

from clm.accounts.models import User
from metrics.dashboard import Dashboard
from metrics.scene import Scene
from tests.metrics.world import World

SignIn = Callable[[User], Client]


@pytest.fixture
def shop(world: World, owner: User) -> World:
    """A Norwegian customer of the owner, and two of nobody: a Dane, who bought last, and a Swede."""
    world.order(world.customer(owner=owner, country="NO"), "2025-04-01")
    world.order(world.customer(country="DK"), "2025-05-10")
    world.order(world.customer(country="SE"), "2025-03-10")
    return world


def test_countries(shop: World, sign_in: SignIn, owner: User, analyst: User) -> None:
    def countries(user: User) -> list[str]:
        board: Dashboard = sign_in(user).get("/lifecycle/?from=2025-03-01&to=2025-05-31").context["board"]
        return board.countries

    assert countries(owner) == ["NO"]
    assert countries(analyst) == ["DK", "NO", "SE"]


def test_the_newest_order_with_which_the_period_ends(
    shop: World, sign_in: SignIn, owner: User, analyst: User
) -> None:
    def scene(user: User) -> Scene:
        found: Scene = sign_in(user).get("/lifecycle/").context["scene"]
        return found

    assert (scene(owner).newest, str(scene(owner).asking.period.last)) == (
        shop.at("2025-04-01"),
        "2025-04-01",
    )
    assert scene(analyst).newest == shop.at("2025-05-10")
