from clm.accounts.models import SavedView

ANY = {"If-Match": "*"}


def test_programs_keep_share_order_and_remove_views(api, owner, teammate, stranger, manager):
    mine, others = api(owner), api(teammate)
    made = mine.post("/api/v1/saved-views/", {"list": "customers", "name": "Danes", "query": "sort=-revenue&country=DK&after=x", "shared_with": str(owner.team_id), "is_default": True})  # fmt: skip
    view = made.json()
    address = f"/api/v1/saved-views/{view['id']}/"
    hidden = SavedView.objects.create(owner=stranger, page="customers", name="Foreign", team=stranger.team)

    assert made.status_code == 201
    assert view == {
        "id": view["id"],
        "list": "customers",
        "name": "Danes",
        "query": "country=DK&sort=-revenue",
        "owner": owner.pk,
        "shared_with": str(owner.team_id),
        "is_default": True,
    }
    assert [one["name"] for one in others.get("/api/v1/saved-views/?list=customers").json()["results"]] == [
        "Danes"
    ]
    assert others.patch(address, {"is_default": True}, headers=ANY).json()["is_default"] is True
    assert mine.patch(address, {"name": "x"}).status_code == 428
    assert mine.patch(address, {"name": "x"}, headers={"If-Match": "old"}).status_code == 412
    assert others.patch(address, {"name": "x"}, headers=ANY).status_code == 403
    assert others.delete(address).status_code == 403
    assert (
        mine.patch(
            address,
            {"name": "Danish", "shared_with": ""},
            headers={"If-Match": mine.get(address).headers["ETag"]},
        ).json()["shared_with"]
        == ""
    )
    assert others.get(address).status_code == 404
    assert mine.get(f"/api/v1/saved-views/{hidden.pk}/").status_code == 404
    assert (
        mine.put("/api/v1/saved-views/order/", {"list": "customers", "ids": [view["id"]]}).status_code == 204
    )
    for wrong in ({"ids": [hidden.pk]}, {"ids": [view["id"]] * 2}, {"list": "nothing", "ids": []}):
        assert mine.put("/api/v1/saved-views/order/", {"list": "customers"} | wrong).status_code == 400
    for wrong in ({"name": "Danish"}, {"name": ""}, {"shared_with": str(stranger.team_id)}, {"query": "q=" + "a" * 7000}, {"list": "nothing"}):  # fmt: skip
        assert (
            mine.post("/api/v1/saved-views/", {"list": "customers", "name": "New"} | wrong).status_code == 400
        )
    assert mine.delete(address).status_code == 204
    assert SavedView.objects.get() == hidden
