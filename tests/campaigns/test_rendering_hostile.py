"""What a marketer or a customer may have typed: refused with a clear sentence, or shown as the text it is."""

from html.parser import HTMLParser

import pytest

from campaigns.rendering import Links, Problem, problems, render
from campaigns.rendering.blocks import MOST_BLOCKS
from tests.campaigns.hostile import ALL, MARKDOWN, SCRIPTS, TEMPLATES
from tests.campaigns.mails import mail, said
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
LINKS = Links("https://clm.example/u", "https://clm.example/p")


class Elements(HTMLParser):
    """Every element with its attributes, and the addresses they lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _value in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src", "action")}


def is_harmless(html: str) -> bool:
    found = Elements(html)
    return (
        found.tags.isdisjoint({"script", "iframe", "object", "embed", "form", "svg", "math", "base", "link"})
        and not any(name.startswith("on") for name in found.names)
        and all(
            address.startswith(("https://clm.example/", "https://shop.example/"))
            for address in found.addresses
        )
    )


def test_there_are_sixty() -> None:
    assert (len(ALL), len(set(ALL))) == (60, 60)


@pytest.mark.parametrize("text", ALL)
def test_a_customers_name_is_only_ever_text(text: str) -> None:
    customer = CustomerFactory(first_name=text[:100], name=text, fields={"x": text})
    source = mail(
        {"kind": "heading", "text": "{{ customer.first_name }}"},
        said("**{{ customer.name }}** [l](https://shop.example/{{ customer.name }}) {{ customer.fields.x }}"),
        {
            "kind": "button",
            "label": "{{ customer.name }}",
            "url": "https://shop.example/?n={{ customer.name }}",
        },
        {"kind": "image", "url": "https://shop.example/i.png", "alt": "{{ customer.name }}"},
        subject="{{ customer.name }}",
        preheader="{{ customer.name }}",
    )

    rendered = render(source, customer=customer, links=LINKS)

    assert is_harmless(rendered.html)
    assert text.replace("\t", " ") in rendered.subject


@pytest.mark.parametrize("text", SCRIPTS)
def test_what_a_marketer_types_is_only_ever_text(text: str) -> None:
    source = mail(
        {"kind": "heading", "text": text},
        said(text),
        said("{{ '" + text.replace("'", "") + "' }}"),
        {"kind": "button", "label": text[:100], "url": "https://shop.example/"},
        {"kind": "image", "url": "https://shop.example/i.png", "alt": text},
        {"kind": "columns", "left": text, "right": text},
        preheader=text.replace("\t", " "),
        subject="Hello",
    )

    assert is_harmless(render(source, customer=CustomerFactory(), links=LINKS).html)


@pytest.mark.parametrize("text", MARKDOWN)
def test_a_link_that_leads_elsewhere_is_refused_and_leads_nowhere(text: str) -> None:
    assert [problem.where for problem in problems(mail(said(text)))] == ["blocks.0.text"]
    assert is_harmless(render(mail(said(text)), customer=CustomerFactory(company=None), links=LINKS).html)


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_template_reaches_nothing_but_the_fields_of_the_list(text: str) -> None:
    assert [problem.where for problem in problems(mail(said(text)))][:1] == ["blocks.0.text"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Hi {{ frist_name }}",
            "Unknown placeholder {{ frist_name }}. Did you mean {{ customer.first_name }}?",
        ),
        ("{{ zzz.qqq }}", "Unknown placeholder {{ zzz.qqq }}."),
        (
            "{% include 'x' %}",
            "The tag “include” is not one of ours. Use: if, unless, case, for, break, continue, assign, comment.",
        ),
        ("{{ (1..9) | join }}", "Ranges such as (1..5) are not possible here."),
        (
            "[a](ftp://x.example/)",
            "“ftp://x.example/”: An address starts with https:// and the name of the site; also possible: mailto: and tel:.",
        ),
        (
            "[a](https://{{ customer.company }}/)",
            "“https://{{ customer.company }}/”: A placeholder may stand after the name of the site only, not in it.",
        ),
    ],
)
def test_a_refusal_names_the_place_and_the_cure(text: str, sentence: str) -> None:
    assert problems(mail(said("fine"), said(text))) == [Problem("blocks.1.text", sentence)]


def test_an_open_brace_is_refused_where_it_is() -> None:
    wrong = [problem.where for problem in problems(mail(said("{% if customer.orders %}x"), subject="{{ 'a"))]

    assert wrong == ["subject"]


@pytest.mark.parametrize("text", ["a\r\nBcc: b@example.com", "a\nb", "a\x00b", "a\u2028b"])
def test_a_subject_is_one_line(text: str) -> None:
    assert problems(mail(said("x"), subject=text)) == [
        Problem("subject", "This is one line: remove line breaks and control characters.")
    ]


@pytest.mark.parametrize(
    ("blocks", "where"),
    [
        ("text", "blocks"),
        ([{"kind": "text", "text": "x"}] * (MOST_BLOCKS + 1), "blocks"),
        (["x"], "blocks.0"),
        ([{"kind": "script"}], "blocks.0"),
        ([{"kind": ["text"]}], "blocks.0"),
        ([{"kind": "text"}], "blocks.0.text"),
        ([{"kind": "text", "text": 7}], "blocks.0.text"),
        ([{"kind": "text", "text": "x" * 10_001}], "blocks.0.text"),
        ([{"kind": "text", "text": "a\x00"}], "blocks.0.text"),
        ([{"kind": "divider", "style": "x"}], "blocks.0.style"),
        ([{"kind": "heading", "text": "x", "size": "huge"}], "blocks.0.size"),
        ([{"kind": "image", "url": "javascript:alert(1)"}], "blocks.0.url"),
        ([{"kind": "image", "url": "https://x.example/{{ customer.name }}"}], "blocks.0.url"),
        ([{"kind": "button", "label": "x", "url": "/relative"}], "blocks.0.url"),
        ([{"kind": "survey"}, {"kind": "survey"}], "blocks.1"),
    ],
)
def test_blocks_of_no_shape_of_ours_are_refused_by_their_place(blocks: object, where: str) -> None:
    text = mail()
    text.blocks = blocks

    assert [problem.where for problem in problems(text)] == [where]
