"""API: models made, drafts written as documents, versions compared and published."""

import json

from lifecycle.designing.editing import in_work
from lifecycle.models import LifecycleModel, ModelVersion
from lifecycle.presets import shipped
from tests.lifecycle.shop import six_stages


def test_the_api_reads_writes_and_publishes_a_draft(api, marketer):
    six_stages()
    client = api(marketer)
    path = "/api/v1/lifecycle-models/swedish-six/"
    read = client.get(f"{path}draft/")
    document = json.loads(json.dumps(read.json()).replace('"days": 180', '"days": 90'))

    assert client.put(f"{path}draft/", document).status_code == 428
    stale = client.put(f"{path}draft/", document, headers={"If-Match": '"old"'})
    written = client.put(f"{path}draft/", document, headers={"If-Match": read["ETag"]})
    assert (stale.status_code, written.status_code) == (412, 200)
    assert written.json() == document
    changes = client.get(f"{path}differences/?after=draft").json()["results"]
    assert "last purchase over 90 days ago" in [change["after"] for change in changes]
    done = client.post(f"{path}publications/", {}, headers={"If-Match": written["ETag"]})
    assert (done.status_code, done.json()) == (201, {"version": 2, "heirs": {}})
    again = client.post(f"{path}publications/", {}, headers={"If-Match": written["ETag"]})
    assert again.status_code == 409


def test_the_api_refuses_a_bad_draft_naming_the_place(api, marketer):
    six_stages()
    client, path = api(marketer), "/api/v1/lifecycle-models/swedish-six/draft/"
    document = client.get(path).json()
    document["rules"][0]["stage"] = "gone"

    answer = client.put(path, document, headers={"If-Match": "*"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "rules.0.stage"
    assert not ModelVersion.objects.filter(status="draft").exists()


def test_the_api_makes_a_model_by_copy(api, marketer):
    client = api(marketer)
    body = {"name": "Ours", "slug": "ours", "start": "preset:dutch-six"}

    made = client.post("/api/v1/lifecycle-models/", body)
    twice = client.post("/api/v1/lifecycle-models/", body)

    assert (made.status_code, twice.status_code) == (201, 400)
    model = LifecycleModel.objects.get(slug="ours")
    assert in_work(model).rules.count() == len(shipped()["dutch-six"].rules)


def test_the_api_goes_back_to_an_earlier_version(api, marketer, analyst):
    model = six_stages()
    client, path = api(marketer), "/api/v1/lifecycle-models/swedish-six/"
    read = client.get(f"{path}draft/")
    document = json.loads(json.dumps(read.json()).replace('"days": 180', '"days": 90'))
    written = client.put(f"{path}draft/", document, headers={"If-Match": read["ETag"]})
    client.post(f"{path}publications/", {}, headers={"If-Match": written["ETag"]})

    refused = [client.post(f"{path}draft/", {"version": number}) for number in (2, 9, "x")]
    forbidden = api(analyst).post(f"{path}draft/", {"version": 1})
    opened = client.post(f"{path}draft/", {"version": 1})
    in_the_way = client.post(f"{path}draft/", {"version": 1})
    done = client.post(f"{path}publications/", {"history": True}, headers={"If-Match": opened["ETag"]})

    assert in_the_way.status_code == 409
    assert "Publish or discard it first" in in_the_way.json()["errors"][0]["detail"]
    assert [answer.status_code for answer in refused] == [409, 400, 400]
    assert forbidden.status_code == 403
    assert (opened.status_code, opened.json()) == (201, read.json())
    assert done.json()["version"] == 3
    assert client.get(f"{path}differences/?before=1&after=3").json()["results"] == []
    changed = client.get(f"{path}differences/?before=1&after=2").json()["results"]
    assert {change["name"] for change in changed} == {
        "Buys again and again",
        "Has stopped buying",
        "Loyal, and speaks for us",
        "Still buys",
    }
    assert all(change["before"] and change["after"] for change in changed)
    assert model.versions.count() == 3
