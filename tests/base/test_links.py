"""Links that keep the rest of the address."""

import pytest
from django.http import QueryDict
from django.template import Context
from django.test import RequestFactory

from clm.base.templatetags import links


def at(query: str) -> Context:
    return Context({"request": RequestFactory().get(f"/x/?{query}")})


def test_a_change_keeps_the_other_parameters() -> None:
    assert links.query(at("q=anna&stage=1&stage=2"), sort="-name") == "?q=anna&stage=1&stage=2&sort=-name"


def test_nothing_removes_a_parameter() -> None:
    assert links.query(at("q=anna&after=x"), after=None) == "?q=anna"


def test_one_of_several_values_is_removed_and_pages_start_anew() -> None:
    assert links.query_without(at("stage=1&stage=2&after=x"), "stage", 1) == "?stage=2"


@pytest.mark.parametrize(
    ("present", "href", "direction"),
    [
        ("", "?sort=name", "none"),
        ("sort=name", "?sort=-name", "ascending"),
        ("sort=-name", "?sort=name", "descending"),
    ],
)
def test_a_head_sorts_and_then_the_other_way(present: str, href: str, direction: str) -> None:
    assert links.sort_state(at(present), "name") == {"href": href, "direction": direction}


def test_a_search_form_keeps_what_it_does_not_ask() -> None:
    kept = links.kept_parameters(at("q=anna&stage=1&stage=2&after=x"), "q")

    assert kept == [("stage", "1"), ("stage", "2")]


def test_hostile_values_are_encoded() -> None:
    address = links.query(at("q=" + QueryDict("", mutable=True).urlencode()), q='"><script>')

    assert address == "?q=%22%3E%3Cscript%3E"


def test_without_a_request_there_is_nothing_to_keep() -> None:
    assert links.query(Context(), page=2) == "?page=2"
