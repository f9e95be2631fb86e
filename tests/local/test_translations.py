"""From marked texts to compiled catalogs: what is found, what is kept, what is refused."""

from pathlib import Path

import pytest

from clm.local import catalogs, frozen, unmarked
from clm.local.extraction import source_strings

CODE = """
from django.utils.translation import gettext_lazy as _later, ngettext, pgettext
NAME = _later("Customer")
pgettext("verb", "Order")
ngettext("%(count)d row", "%(count)d rows", 2)
"""
TEMPLATE = """{% load i18n %}
<c-card title="{% translate 'Customers' %}">
  {% blocktranslate trimmed count people=people with shown=people|number %}
    {{ shown }} customer
    bought.
  {% plural %}
    {{ shown }} customers bought.
  {% endblocktranslate %}
    {% translate "Order" context "noun" %}
</c-card>
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("clm", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "clm" / "names.py").write_text(CODE)
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    return tmp_path


def test_texts_of_code_and_templates_are_found_with_plurals_and_contexts(checkout: Path) -> None:
    found = source_strings(checkout)

    assert {(message.context, message.id) for message in found if message.id} == {
        (None, "Customer"),
        ("verb", "Order"),
        ("noun", "Order"),
        (None, ("%(count)d row", "%(count)d rows")),
        (None, "Customers"),
        (None, ("%(shown)s customer bought.", "%(shown)s customers bought.")),
    }


def test_a_merge_keeps_translations_and_drops_what_is_gone(checkout: Path) -> None:
    catalogs.merge("da", source_strings(checkout), checkout)
    translate(checkout, "Customer", "Kunde")
    (checkout / "clm" / "names.py").write_text(CODE.replace('pgettext("verb", "Order")', '_later("New")'))

    catalogs.merge("da", source_strings(checkout), checkout)

    kept = {
        message.id: message.string for message in catalogs.read("da", checkout) if message.context is None
    }
    assert kept["Customer"] == "Kunde"
    assert kept["New"] == ""
    assert catalogs.read("da", checkout).get("Order", "verb") is None


def test_a_merge_with_nothing_new_changes_no_byte(checkout: Path) -> None:
    catalogs.merge("de", source_strings(checkout), checkout)
    before = catalogs.po_file("de", checkout).read_bytes()

    catalogs.merge("de", source_strings(checkout), checkout)

    assert catalogs.po_file("de", checkout).read_bytes() == before


def test_a_complete_and_compiled_catalog_has_no_finding(checkout: Path) -> None:
    complete(checkout)

    assert findings(checkout) == []


@pytest.mark.parametrize(
    ("msgid", "translation", "fault"),
    [
        ("Customer", "", "“Customer” has no translation."),
        ("Customer", " Kunde", "begins or ends with other spaces"),
        ("Customer", "<b>Kunde</b>", "has other tags in “<b>Kunde</b>”."),
        ("%(count)d row", "%(antal)d række", "has other placeholders in “%(antal)d række”."),
        ("%(count)d row", "%(count)s række", "has other placeholders in “%(count)s række”."),
    ],
)
def test_a_fault_in_a_translation_is_told(checkout: Path, msgid: str, translation: str, fault: str) -> None:
    complete(checkout)

    translate(checkout, msgid, translation)

    assert any(fault in finding for finding in findings(checkout))


def test_a_word_in_angle_brackets_is_no_tag(checkout: Path) -> None:
    complete(checkout)

    translate(checkout, "Customer", "felter.<navn>")

    assert findings(checkout) == []


def test_a_missing_plural_form_is_told(checkout: Path) -> None:
    complete(checkout)

    file = catalogs.po_file("da", checkout)
    file.write_text(file.read_text().replace('msgstr[1] "%(count)d rows"', 'msgstr[1] ""'))

    assert "da: “%(count)d row” has no translation." in findings(checkout)


def test_a_fuzzy_translation_is_told(checkout: Path) -> None:
    complete(checkout)

    file = catalogs.po_file("da", checkout)
    file.write_text(file.read_text().replace('msgid "Customer"\n', '#, fuzzy\nmsgid "Customer"\n'))

    assert any("“Customer” is marked fuzzy" in finding for finding in findings(checkout))


def test_a_text_that_is_in_the_code_only_or_in_the_catalog_only_is_told(checkout: Path) -> None:
    complete(checkout)

    (checkout / "clm" / "names.py").write_text(CODE.replace('"Customer"', '"Company"'))

    assert "da: “Company” is missing; run `make messages` and translate it." in findings(checkout)
    assert "da: “Customer” is no longer in the code; run `make messages`." in findings(checkout)


def test_a_compiled_file_that_is_behind_is_told(checkout: Path) -> None:
    complete(checkout)
    compiled = catalogs.po_file("da", checkout).with_suffix(".mo").read_bytes()

    translate(checkout, "Customer", "Kunder")
    catalogs.po_file("da", checkout).with_suffix(".mo").write_bytes(compiled)

    assert findings(checkout) == ["da: django.mo is not what da's catalog compiles to; run `make messages`."]


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("<p>Save {{ name }}</p>", ["Save"]),
        ("<p>{% translate 'Save' %} {{ name }} · 12</p>", []),
        ("{% blocktranslate %}Save <b>{{ name }}</b>{% endblocktranslate %}", []),
        ('<c-card title="Orders" id="orders">{# Orders #}</c-card>', ["Orders"]),
        ('<a title="{% translate "Orders" %}" class="link strong">CSV</a>', []),
        ('<c-vars label="" title="Orders" />{% comment %}Later{% endcomment %}<code>make up</code>', []),
    ],
)
def test_visible_text_outside_the_translate_tags_is_found(template: str, texts: list[str]) -> None:
    assert [text for _line, text in unmarked.untranslated(template)] == texts


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("NAME = _('Customer')", [2]),
        ("class Form:\n    label = _('Customer')", [3]),
        ("def name():\n    return _('Customer')", []),
        ("name = lambda: _('Customer')", []),
        ("NAME = later('Customer')", []),
    ],
)
def test_a_text_translated_at_import_is_found(code: str, lines: list[int]) -> None:
    imports = "from django.utils.translation import gettext as _, gettext_lazy as later\n"

    assert frozen.frozen(imports + code) == lines


def test_every_text_of_ours_reaches_translators_and_readers() -> None:
    checkout = Path(__file__).parents[2]

    assert [*unmarked.findings(checkout), *frozen.findings(checkout)] == []


def complete(checkout: Path) -> None:
    """Translates every string into itself: a catalog is complete when nothing is left open."""
    catalogs.merge("da", source_strings(checkout), checkout)
    catalog = catalogs.read("da", checkout)
    for message in catalog:
        if message.id:
            message.string = message.id
    catalogs.write("da", catalog, checkout)
    catalogs.compile_catalog("da", checkout)


def translate(checkout: Path, msgid: str, translation: str) -> None:
    catalog = catalogs.read("da", checkout)
    message = catalog.get(msgid)
    message.string = translation if message.id == msgid else (translation, *message.string[1:])
    catalogs.write("da", catalog, checkout)
    catalogs.compile_catalog("da", checkout)


def findings(checkout: Path) -> list[str]:
    return list(catalogs.findings("da", source_strings(checkout), checkout))
