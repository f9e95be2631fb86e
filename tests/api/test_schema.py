"""The schema tells the truth, and tells enough."""

import json
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from clm.accounts.models import User
from clm.base.conditions.describing import NAME, schemas
from tests.every_condition import PROPERTY_TESTS, VALUES
from tests.test_permissions import ROUTES

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def answer(schema: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What is said of an answer, here or among the components."""
    name = said.get("$ref", "").removeprefix("#/components/responses/")
    return schema["components"]["responses"][name] if name else said


def test_it_is_generated_without_a_warning(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    GENERATOR_STATS.reset()

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))

    assert capsys.readouterr().err == ""


def test_it_is_openapi_3_1_and_holds_every_route(schema: dict[str, Any]) -> None:
    ours = {route.name for route in ROUTES if route.is_api} - {"api-schema"}

    assert schema["openapi"].startswith("3.1")
    assert len(schema["paths"]) == len(ours)


def test_every_endpoint_tells_what_it_does_and_how_it_fails(schema: dict[str, Any]) -> None:
    silent = []
    for name, operation in operations(schema):
        answers = operation["responses"]
        if not operation.get("summary") or not operation.get("tags"):
            silent.append(f"{name}: no summary or tag")
        if not {"400", "401", "403", "405", "406", "429", "503"} <= answers.keys():
            silent.append(f"{name}: errors are missing")
        if not any(status.startswith("2") for status in answers):
            silent.append(f"{name}: no answer when all is well")
        if "{" in name and "404" not in answers:
            silent.append(f"{name}: 404 is missing")
        if "requestBody" in operation and not {"413", "415"} <= answers.keys():
            silent.append(f"{name}: errors of bodies are missing")

    assert silent == []


def test_what_all_endpoints_answer_is_said_once(schema: dict[str, Any]) -> None:
    refused = [operation["responses"]["403"] for _name, operation in operations(schema)]

    assert refused == [{"$ref": "#/components/responses/Error403"}] * len(refused)
    assert "scope does not allow it" in schema["components"]["responses"]["Error403"]["description"]
    assert len(json.dumps(schema)) < 600_000


def test_conditions_are_described_with_what_each_takes(schema: dict[str, Any]) -> None:
    parts = schema["components"]["schemas"]
    event = parts["EventTest"]["properties"]["parameters"]
    tests = event["properties"]["properties"]

    assert {"$ref": "#/components/schemas/EventTest"} in parts["Conditions"]["oneOf"]
    assert parts["EventTest"]["required"] == ["condition", "parameters"]
    assert (event["required"], event["additionalProperties"]) == (["names"], False)
    assert (tests["maxItems"], tests["items"]["required"]) == (5, ["property", "operator"])
    assert "is_one_of" in tests["items"]["properties"]["operator"]["enum"]
    assert event["properties"]["is_value"]["deprecated"] is True


TREES = [
    ("/api/v1/segments/", "conditions"),
    ("/api/v1/conditions/preview/", "conditions"),
    ("/api/v1/lead-rules/", "conditions"),
]


@pytest.mark.parametrize(("path", "name"), TREES)
def test_every_tree_that_is_taken_is_described(schema: dict[str, Any], path: str, name: str) -> None:
    (body,) = schema["paths"][path]["post"]["requestBody"]["content"].values()
    shape = schema["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]

    assert "#/components/schemas/Conditions" in json.dumps(shape["properties"][name])


def test_descriptions_are_in_english_whoever_asks() -> None:
    with translation.override("de"):
        of_events = schemas("%s")["EventTest"]["properties"]["parameters"]["properties"]

    assert of_events["names"]["description"] == "events"


def fits_description(tree: Any) -> bool:
    described = {"$ref": f"#/$defs/{NAME}", "$defs": schemas("#/$defs/%s")}
    return bool(jsonschema.Draft202012Validator(described).is_valid(tree))


@pytest.mark.parametrize("name", sorted(VALUES))
def test_what_is_taken_fits_its_description(name: str) -> None:
    last = {
        key: values[-1] for key, values in VALUES[name].items() if values[-1] is not None and values[-1] != ""
    }
    test = {"condition": name, "parameters": last}

    assert fits_description(test)
    assert fits_description({"all": [{"not": test}, {"any": [test]}]})
    assert not fits_description(test | {"parameters": last | {"colour": 1}})


@pytest.mark.django_db
def test_what_was_sent_loosely_is_told_as_it_is_described(api: Any, marketer: User) -> None:
    loose = {"condition": "orders", "parameters": {"at_least": "3", "within_days": None}}
    client = api(marketer)
    made = client.post(
        "/api/v1/segments/", {"name": "Three", "kind": "dynamic", "conditions": loose}, format="json"
    )

    told = client.get(f"/api/v1/segments/{made.json()['id']}/").json()["conditions"]

    assert told == {"condition": "orders", "parameters": {"at_least": 3}}
    assert fits_description(told)


@pytest.mark.parametrize(
    "tree",
    [
        {"condition": "event"},
        {"condition": "gone", "parameters": {}},
        {"condition": "event", "parameters": {"names": ["a"], "properties": PROPERTY_TESTS[:6]}},
        {"condition": "event", "parameters": {"names": ["a"], "properties": [{"property": "a"}]}},
        {"condition": "event", "parameters": {"names": []}},
        {"condition": "event", "parameters": {"names": ["a"] * 201}},
        {},
        {"not": {}},
        {"all": [{}]},
        {"all": []},
        {"all": [], "any": []},
        "event",
    ],
)  # fmt: skip
def test_what_is_refused_does_not_fit(tree: Any) -> None:
    assert not fits_description(tree)


def test_every_body_has_an_example(schema: dict[str, Any]) -> None:
    without = [
        name
        for name, operation in operations(schema)
        if "requestBody" in operation
        and not any(one.get("examples") for one in operation["requestBody"]["content"].values())
    ]

    assert without == []


def test_every_parameter_is_described(schema: dict[str, Any]) -> None:
    silent = [
        f"{name}: {parameter['name']}"
        for name, operation in operations(schema)
        for parameter in operation.get("parameters", [])
        if parameter["in"] != "path" and not parameter.get("description")
    ]

    assert silent == []


def test_creating_posts_take_an_idempotency_key(schema: dict[str, Any]) -> None:
    without = [
        name
        for name, operation in operations(schema)
        if name.startswith("post ")
        and "Idempotency-Key" not in {one["name"] for one in operation.get("parameters", [])}
    ]

    assert without == []


def test_the_schema_is_for_those_who_are_signed_in(client, db) -> None:
    assert client.get("/api/v1/schema/").status_code == 401
    assert client.get("/api/v1/docs/").status_code == 302


def test_it_is_served_as_json_in_the_reader_s_language(api, marketer, schema) -> None:
    answered = api(marketer).get("/api/v1/schema/", headers={"accept": "application/json"})
    in_danish = api(marketer).get("/api/v1/schema/?lang=da")

    assert answered["content-type"] == "application/json"
    assert answered.json() == schema
    assert in_danish["content-type"] == "application/vnd.oai.openapi+json"
    assert in_danish.json()["paths"].keys() == schema["paths"].keys()
    assert in_danish.content != answered.content


def test_the_rows_of_a_list_are_what_the_schema_says(api, marketer, order, schema) -> None:
    client = api(marketer)
    client.post("/api/v1/orders/batch/", {"source": "shop", "items": [order()]})

    for path, component in (("orders", "OrderShape"), ("customers", "CustomerShape")):
        row = client.get(f"/api/v1/{path}/").json()["results"][0]
        assert set(row) == set(schema["components"]["schemas"][component]["properties"])


def test_every_list_is_paged_and_ordered(schema: dict[str, Any]) -> None:
    lacking = []
    for name, operation in operations(schema):
        answers = json.dumps(operation["responses"].get("200", {}))
        parameters = {one["name"] for one in operation.get("parameters", [])}
        if name.startswith("get ") and "Paginated" in answers:
            missing = {"cursor", "page_size", "ordering"} - parameters
            lacking += [f"{name}: {one}" for one in sorted(missing)]

    assert lacking == []


def test_every_write_refuses_with_the_one_body(schema: dict[str, Any]) -> None:
    bodies = ("#/components/schemas/ErrorBody", "#/components/schemas/StaleBody")
    other = [
        f"{name}: {status}"
        for name, operation in operations(schema)
        if not name.startswith("get ")
        for status, said in operation["responses"].items()
        if status >= "400"
        and answer(schema, said)["content"]["application/json"]["schema"].get("$ref") not in bodies
    ]

    assert other == []


UNVERSIONED = [
    "patch /api/v1/imports/{id}/"
]  # a draft is decided about by who brought it; it has no versions


def test_a_change_of_what_can_be_changed_by_two_needs_its_version(schema: dict[str, Any]) -> None:
    unguarded = [
        name
        for name, operation in operations(schema)
        if name.startswith("patch ")
        and "If-Match" not in {one["name"] for one in operation.get("parameters", [])}
    ]

    assert unguarded == UNVERSIONED


def test_each_item_of_a_batch_is_refused_with_an_error_of_that_body(schema: dict[str, Any]) -> None:
    shapes = schema["components"]["schemas"]
    batches = {path for path in schema["paths"] if path.endswith("/batch/")}

    assert set(shapes["ItemError"]["properties"]) == set(shapes["OneError"]["properties"])
    assert {
        f"/api/v1/{name}/batch/"
        for name in ("customers", "companies", "orders", "events", "products", "leads")
    } <= batches
