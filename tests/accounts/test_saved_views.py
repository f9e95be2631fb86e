"""Views of lists: shared with a team or with all, in one's own order, and the one that a list begins with."""

import pytest

from clm.accounts.models import AuditEntry, SavedView, ViewChoice
from clm.accounts.saved_views import keeping
from tests.api.conftest import api

__all__ = ["api"]


@pytest.fixture
def theirs(owner, teammate, stranger, manager):
    """Of the owner's team, of another team, of everybody, and of the manager alone."""
    return {
        name: SavedView.objects.create(page="customers", name=name, query="country=DK", **more)
        for name, more in {
            "Ours": {"owner": teammate, "team": owner.team},
            "Foreign": {"owner": stranger, "team": stranger.team},
            "Everyone's": {"owner": manager, "is_shared": True},
            "Private": {"owner": manager},
        }.items()
    }


def tabs(client):
    return [view.name for view in client.get("/customers/?view=all").context["views"].all]


def test_a_view_is_shared_with_a_team_and_missing_for_others(sign_in, owner, stranger, theirs):
    client = sign_in(owner)
    hidden = [theirs["Foreign"].pk, theirs["Private"].pk]

    kept = client.post(
        "/views/customers/", {"name": "Mine", "query": "country=SE&sort=-revenue&cols=name&cols=email", "shared_with": str(owner.team_id)}
    )  # fmt: skip
    mine = SavedView.objects.get(name="Mine")
    foreign_team = client.post("/views/customers/", {"name": "No", "shared_with": str(stranger.team_id)})

    assert (mine.team, mine.query) == (owner.team, "cols=name&cols=email&country=SE&sort=-revenue")
    assert kept.headers["Location"] == f"/customers/?{mine.query}&view={mine.pk}"
    assert client.get(f"/views/{mine.pk}/").headers["Location"] == kept.headers["Location"]
    assert tabs(client) == ["Everyone's", "Mine", "Ours"]
    assert tabs(sign_in(stranger)) == ["Everyone's", "Foreign"]
    assert foreign_team.status_code == 302
    assert not SavedView.objects.filter(name="No").exists()
    for pk in hidden:
        assert client.get(f"/views/{pk}/").status_code == 404
        for verb in ("", "edit/", "default/", "move/", "removal/"):
            assert client.post(f"/views/{pk}/{verb}").status_code == 404
    for verb in ("", "edit/", "removal/"):  # seen, and another's
        assert client.post(f"/views/{theirs['Ours'].pk}/{verb}", {"name": "x"}).status_code == 404
    assert client.get("/views/nothing/").status_code == 404
    assert SavedView.objects.count() == 5


def test_of_who_left_an_administrator_tidies_up_what_others_see(sign_in, api, administrator, owner, marketer):
    shared, private = (
        keeping.keep(by=owner, page="customers", name=name, query="country=DK", shared_with=audience)
        for name, audience in (("Danes", "everyone"), ("Mine", ""))
    )
    client = sign_in(administrator)

    page = client.get("/views/customers/").content.decode()
    others = sign_in(marketer).get("/views/customers/").content.decode()
    renamed = client.post(f"/views/{shared.pk}/edit/", {"name": "All Danes", "shared_with": "everyone"})
    hidden = client.post(f"/views/{private.pk}/removal/")
    by_others = sign_in(marketer).post(f"/views/{shared.pk}/removal/")
    address = f"/api/v1/saved-views/{shared.pk}/"
    refused, removed = api(marketer).delete(address), api(administrator).delete(address)

    assert (f"/views/{shared.pk}/edit/" in page, f"/views/{shared.pk}/edit/" in others) == (True, False)
    assert (renamed.status_code, hidden.status_code, by_others.status_code) == (302, 404, 404)
    assert (refused.status_code, removed.status_code) == (403, 204)
    assert [view.name for view in SavedView.objects.all()] == ["Mine"]


def test_the_list_begins_with_the_view_that_one_chose(sign_in, owner, teammate, theirs):
    client, ours = sign_in(owner), theirs["Ours"]

    client.post(f"/views/{ours.pk}/default/")

    assert client.get("/customers/").headers["Location"] == f"/customers/?country=DK&view={ours.pk}"
    assert client.get("/customers/?view=all").context["views"].current is None
    assert (
        'href="/customers/?view=all"' in client.get(f"/customers/?country=DK&view={ours.pk}").content.decode()
    )
    assert sign_in(teammate).get("/customers/").status_code == 200

    owner.team = None  # and sees it no longer
    owner.save()
    assert client.get("/customers/").status_code == 200
    owner.refresh_from_db()
    everyones = theirs["Everyone's"]
    client.post(f"/views/{everyones.pk}/default/", {"off": "1"})
    assert ViewChoice.objects.get().default is None


def test_leads_have_views_too_in_ones_own_order_and_under_another_name(
    sign_in, marketer, django_assert_max_num_queries
):
    client = sign_in(marketer)
    for name in ("A", "B", "C"):
        client.post("/views/leads/", {"name": name, "query": f"tab=all&q={name}{name}"})
    a, b, c = SavedView.objects.order_by("name")

    client.post(f"/views/{c.pk}/move/", {"to": "up"})
    renamed = client.post(f"/views/{a.pk}/edit/", {"name": "Æ", "shared_with": "everyone"})
    taken = client.post(f"/views/{b.pk}/edit/", {"name": "Æ", "shared_with": ""})
    client.post(f"/views/{c.pk}/default/")

    assert client.get("/leads/").headers["Location"] == f"/leads/?q=CC&tab=all&view={c.pk}"
    assert [view.name for view in SavedView.objects.of_list("leads", marketer)] == ["Æ", "C", "B"]
    assert (renamed.status_code, taken.status_code) == (302, 422)
    assert "already" in str(taken.context["form"].errors["name"])
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[-3:] == [
        "view.order_changed",
        "view.changed",
        "view.default_chosen",
    ]
    for address in ("/leads/?tab=all", "/customers/?view=all", "/views/leads/"):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200
