"""Every component, rendered once and looked at."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import Context, Engine
from django.test import Client
from django_cotton.compiler_regex import CottonCompiler

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = sorted(path.stem for path in (ROOT / "templates/cotton").glob("*.html"))
SPRITE = (ROOT / "static/base/icons.svg").read_text()


class Outline(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def with_attribute(self, name: str) -> list[str]:
        return [attrs[name] or "" for _tag, attrs in self.tags if name in attrs]


def rendered(source: str, **context: object) -> str:
    template = Engine.get_default().from_string(CottonCompiler().process(source))
    return template.render(Context(context)).strip()


@pytest.fixture
def page(demo_site: None, db: None, client: Client) -> Outline:
    return Outline(client.get("/demo/").content.decode())


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_is_shown_on_the_demo_page(component: str) -> None:
    sources = [ROOT / "tests/base/templates/demo.html", *(ROOT / "templates").rglob("*.html")]

    tag = f"<c-{component.replace('_', '-')}"

    assert any(re.search(rf"{tag}[\s>]", path.read_text()) for path in sources)


def test_nothing_is_left_uncompiled(page: Outline) -> None:
    assert [tag for tag, _attrs in page.tags if tag.startswith("c-")] == []


def test_the_page_has_no_inline_style_or_handler(page: Outline) -> None:
    inline = [name for _tag, attrs in page.tags for name in attrs if name == "style" or name.startswith("on")]

    assert inline == []


def test_ids_are_unique_but_for_forms_shown_twice(page: Outline) -> None:
    repeated = {name for name, times in Counter(page.with_attribute("id")).items() if times > 1}

    # The demo shows the same form in the filter bar and in a card.
    assert {name for name in repeated if not re.search("id_(name|role)", name)} == set()


def test_everything_that_points_at_an_id_finds_it(page: Outline) -> None:
    ids = set(page.with_attribute("id"))
    pointing = (
        "aria-labelledby",
        "aria-describedby",
        "for",
        "popovertarget",
        "data-source",
        "data-open-dialog",
    )

    dangling = {
        word for name in pointing for value in page.with_attribute(name) for word in value.split()
    } - ids

    assert dangling == set()


def test_every_icon_of_every_template_is_in_the_sprite() -> None:
    names = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'(?:<c-icon\s+name|\bicon(?:_end)?)="([a-z0-9-]+)"', path.read_text())
    }

    assert {name for name in names if f'id="{name}"' not in SPRITE} == set()


@pytest.mark.parametrize(
    "source",
    [
        '<c-button title="{{ evil }}">x</c-button>',
        '<c-button :title="evil">x</c-button>',
        '<c-button label="{{ evil }}">{{ evil }}</c-button>',
        '<c-stage name="{{ evil }}" />',
        '<c-stage :name="evil" />',
        '<c-empty title="{{ evil }}" />',
        '<c-card title="{{ evil }}" :data-x="evil" />',
        '<c-entry title="{{ evil }}">{{ evil }}</c-entry>',
        '<c-chip label="{{ evil }}">{{ evil }}</c-chip>',
        '<c-stat label="{{ evil }}" value="{{ evil }}" />',
        '<c-copy text="{{ evil }}" />',
    ],
)
def test_text_of_users_stays_text(source: str) -> None:
    html = rendered(source, evil='"><script>alert(1)</script><b x="')

    assert not {"script", "b"} & {tag for tag, _attrs in Outline(html).tags}


def test_a_button_with_an_address_is_a_link() -> None:
    html = rendered('<c-button href="/x" variant="primary" hx-boost="true">Go</c-button>')

    assert html == '<a href="/x" class="btn btn-primary " hx-boost="true">Go</a>'


def test_a_button_that_may_not_act_now_says_why() -> None:
    html = rendered('<c-button href="/x" reason="Only marketers may export.">Export</c-button>')

    tag, attrs = Outline(html).tags[0]
    assert tag == "button"
    assert (attrs["aria-disabled"], attrs["aria-description"]) == ("true", "Only marketers may export.")


def test_a_field_names_its_help_and_its_error(page: Outline) -> None:
    name = next(attrs for _tag, attrs in reversed(page.tags) if attrs.get("id") == "id_name")

    assert name["aria-describedby"] == "id_name_helptext id_name_error"
    assert name["aria-invalid"] == "true"
    assert name["class"] == "input"


def test_a_metric_without_value_says_why(page: Outline, demo_site: None, client: Client) -> None:
    html = client.get("/demo/").content.decode()

    nps = html[html.index('id="nps"') :].split("</section>")[0]
    assert "n/a" in nps
    assert "No answers in this period." in nps


def test_an_empty_table_shows_its_empty_state_instead() -> None:
    html = rendered('<c-table is_empty="true">rows<c-slot name="empty">Nobody yet</c-slot></c-table>')

    assert html == "Nobody yet"


def test_a_chart_carries_its_numbers_as_a_table(page: Outline, demo_site: None, client: Client) -> None:
    html = client.get("/demo/").content.decode()

    channel = html[html.index('<figure id="channel"') :].split("</figure>")[0]
    assert '<script id="channel-data" type="application/json">' in channel
    assert re.search(r'<th scope="row">Paid search</th>\s*<td class="number">€84.90</td>', channel)
