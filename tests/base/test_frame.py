"""The shell around every page: theme, menu, banners, error pages."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import ResolverMatch
from pytest_django import DjangoAssertNumQueries

from clm.accounts.models import User
from clm.base import banners, navigation
from clm.base.context import PageFrame
from clm.base.navigation import Entry, Group, menu_for, register

SignIn = Callable[[User], Client]


@pytest.fixture
def own_menu(monkeypatch: pytest.MonkeyPatch, demo_site: None) -> None:
    """A menu of this test's own entries; what a user may is what their `can` holds."""
    monkeypatch.setattr(navigation, "_entries", {})
    monkeypatch.setattr(navigation, "_may", [lambda user, capability: capability in getattr(user, "can", ())])


@pytest.fixture
def own_banners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banners, "_providers", {})


class Somebody(AnonymousUser):
    def __init__(self, can: tuple[str, ...]) -> None:
        self.can = can


def asked(path: str, *can: str) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = Somebody(can)
    return request


def test_the_menu_is_grouped_and_ordered(own_menu: None) -> None:
    register(Entry(Group.MEASURE, "Broken", "broken", "gauge", order=2))
    register(Entry(Group.WORK, "Search", "search", "search", order=9))
    register(Entry(Group.WORK, "Demo", "demo", "users", order=1))

    menu = menu_for(asked("/demo/"))

    assert [(str(section.label), [link.label for link in section.links]) for section in menu] == [
        ("Work", ["Demo", "Search"]),
        ("Measure", ["Broken"]),
    ]


def test_the_menu_shows_only_what_the_user_may_use(own_menu: None) -> None:
    register(Entry(Group.WORK, "Demo", "demo", "users", capability="see_demo"))

    assert menu_for(asked("/demo/")) == []
    assert len(menu_for(asked("/demo/", "see_demo"))) == 1


def test_the_menu_leaves_out_pages_that_do_not_exist(own_menu: None) -> None:
    register(Entry(Group.WORK, "Later", "not-built-yet", "users"))

    assert menu_for(asked("/demo/")) == []


def test_an_entry_marks_the_pages_that_belong_to_it_wherever_they_lie(own_menu: None) -> None:
    register(Entry(Group.WORK, "Home", "home", "house"))
    register(Entry(Group.WORK, "Demo", "demo", "users"))
    register(Entry(Group.WORK, "Search", "search", "search", also=frozenset({"demo-edit"})))
    request = asked("/demo/7/edit/")
    request.resolver_match = ResolverMatch(lambda: None, (), {}, url_name="demo-edit")

    links = menu_for(request)[0].links

    assert [link.label for link in links if link.is_current] == ["Search"]


@pytest.mark.parametrize(
    ("path", "current"), [("/demo/", ["Demo"]), ("/demo/7/edit/", ["Demo"]), ("/", ["Home"]), ("/else/", [])]
)
def test_the_menu_marks_the_page_one_is_under(own_menu: None, path: str, current: list[str]) -> None:
    register(Entry(Group.WORK, "Home", "home", "house"))
    register(Entry(Group.WORK, "Demo", "demo", "users"))

    links = menu_for(asked(path))[0].links

    assert [link.label for link in links if link.is_current] == current


@pytest.mark.parametrize(
    ("cookie", "kept", "shown"),
    [("dark", "light", "dark"), ("", "light", "light"), ("neon", "dark", "dark"), ("", "", "system")],
)
def test_the_theme_is_the_browsers_choice_then_the_users(cookie: str, kept: str, shown: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    request.user = User(theme=kept)

    assert PageFrame(request).theme == shown


def test_the_first_frame_is_painted_in_the_chosen_theme(demo_site: None, db: None, client: Client) -> None:
    client.cookies["theme"] = "dark"

    html = client.get("/demo/").content.decode()

    assert '<html lang="en" dir="ltr" data-theme="dark">' in html


def test_without_a_choice_the_system_decides(demo_site: None, db: None, client: Client) -> None:
    assert '<html lang="en" dir="ltr">' in client.get("/demo/").content.decode()


def test_a_warning_stands_above_every_page(
    own_banners: None, demo_site: None, db: None, client: Client
) -> None:
    banners.register("test", lambda request: [banners.Banner("Imports wait.", href="/jobs/", link="Jobs")])

    html = client.get("/demo/").content.decode()

    assert 'Imports wait. <a href="/jobs/">Jobs</a>' in html


def test_messages_are_announced(demo_site: None, db: None, client: Client) -> None:
    html = client.get("/demo/").content.decode()

    assert '<div class="toast-body" role="status">12 customers tagged.</div>' in html
    assert '<div class="toast-body" role="alert">The import failed: line 7 has no date.</div>' in html


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/forbidden/", 403)])
def test_an_error_page_names_its_request_and_a_way_on(
    demo_site: None, administrator: User, sign_in: SignIn, path: str, status: int
) -> None:
    answer = sign_in(administrator).get(path)

    html = answer.content.decode()
    assert answer.status_code == status
    assert answer["X-Request-ID"]
    assert f'<code class="select-all">{answer["X-Request-ID"]}</code>' in html
    assert 'href="/"' in html
    assert 'id="side-menu"' in html


def test_an_error_page_for_a_stranger_shows_no_menu(demo_site: None, db: None, client: Client) -> None:
    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert 'id="side-menu"' not in answer.content.decode()


def test_a_broken_page_answers_with_its_request_and_asks_no_database(
    demo_site: None, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client(raise_request_exception=False)

    with django_assert_num_queries(0):
        answer = client.get("/broken/")

    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()
    assert "planted" not in answer.content.decode()


def test_a_stale_form_is_refused_in_plain_words(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/account/login/", {"login": "a@example.com", "password": "x"}
    )

    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


@pytest.mark.parametrize(
    "path",
    ["/account/login/", "/account/password/reset/", "/account/password/reset/done/", "/account/signup/"],
)
def test_account_pages_are_ours(db: None, client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert 'class="entrance-card"' in answer.content.decode()


def test_signing_in_works_by_e_mail(db: None, administrator: User, client: Client) -> None:
    answer = client.post(
        "/account/login/", {"login": administrator.email, "password": "correct horse battery"}
    )

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_is_told_in_the_form(db: None, administrator: User, client: Client) -> None:
    answer = client.post("/account/login/", {"login": administrator.email, "password": "wrong"})

    assert 'role="alert"' in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_too_many_tries_are_slowed_down_in_plain_words(db: None, administrator: User, client: Client) -> None:
    answers = [
        client.post("/account/login/", {"login": administrator.email, "password": "wrong"})
        for _try in range(12)
    ]

    assert answers[-1].status_code == 429 or "Too many" in answers[-1].content.decode()
    assert "_auth_user_id" not in client.session
