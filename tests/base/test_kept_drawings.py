"""What is drawn once and kept comes out as if it were drawn anew."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.utils import translation
from django.utils.safestring import SafeString
from django_cotton.templatetags._component import CottonComponentNode

from clm.base.templatetags import components

COTTON = Path(settings.BASE_DIR) / "templates" / "cotton"
PLAIN_TAGS = re.compile(
    r"{%\s*(if|elif|else|endif|load|static|translate|blocktranslate|endblocktranslate|firstof)\b"
)


def drawn(source: str, **given: object) -> str:
    return engines["django"].from_string(source).render(given)


@pytest.mark.parametrize("name", sorted(components.OF_THEIR_OWN))
def test_a_kept_component_speaks_of_what_is_given_to_it_alone(name: str) -> None:
    source = (COTTON / f"{name.replace('-', '_')}.html").read_text()

    head = re.search(r"<c-vars (.*?)/>", source)
    own = set(re.findall(r":?([\w-]+)(?:=|\s)", head[1] if head else "")) | {"attrs", "slot"}
    spoken = re.findall(r"{{\s*(\w+)", source)
    spoken += [
        word
        for test in re.findall(r"{% (?:el)?if (.*?)%}", source)
        for word in re.findall(r"(?<![\w'\".])[a-z]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", test))
        if word not in ("and", "or", "not", "in")
    ]

    assert set(spoken) <= own
    tags = re.findall(r"{%.*?%}", source)
    assert [tag for tag in tags if not PLAIN_TAGS.match(tag)] == []


def test_a_kept_component_is_drawn_as_cotton_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [
        '{% cotton icon name="menu" size="lg" / %}',
        '{% cotton icon name="{{ x }}" label="{{ x }}" / %}',
        '{% cotton button icon="plus" size="sm" data-a disabled %}{{ x }}{% endcotton %}',
        '{% cotton button href="/a/?b=1&c=2" hx-get="{{ x }}" %}{{ safe }}{% endcotton %}',
        '{% cotton empty title="{{ x }}" %}a{% endcotton %}',
        '{% cotton empty title="A" %}a{% cotton:slot actions %}{{ x }}{% endcotton:slot %}{% endcotton %}',
    ]
    given = {"x": "a&b", "safe": SafeString("<b>a</b>")}

    first, again = ([drawn(source, **given) for source in sources] for _time in range(2))
    monkeypatch.setattr(components.ComponentNode, "render", CottonComponentNode.render)
    plain = [drawn(source, **given) for source in sources]

    assert plain == first == again


def test_safe_text_and_the_same_that_is_not_are_drawn_apart() -> None:
    source = '{% cotton dialog id="a" title="{{ x }}" / %}{% cotton dialog id="a" title="<b>" / %}'

    assert drawn(source, x=SafeString("<b>")).count("<b>") == 1


def test_what_is_kept_is_kept_for_each_language_and_each_value() -> None:
    template = engines["django"].from_string(
        "{% load i18n %}{% kept key %}{% translate 'Search' %} {{ other }}{% endkept %}"
    )

    told = [template.render({"key": 1, "other": "a"}), template.render({"key": 1, "other": "b"})]
    told.append(template.render({"key": 2, "other": "c"}))
    with translation.override("de"):
        told.append(template.render({"key": 1, "other": "d"}))

    assert told == ["Search a", "Search a", "Search c", "Suchen d"]


def test_what_is_kept_is_drawn_also_when_another_thread_empties_the_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Emptied(dict[object, str]):
        def __setitem__(self, key: object, drawn: str) -> None:
            super().__setitem__(key, drawn)
            self.clear()

        def __contains__(self, key: object) -> bool:
            return True

    template = engines["django"].from_string("{% kept key %}{{ key }}{% endkept %}")
    node = template.template.nodelist[0]
    monkeypatch.setattr(node, "kept", Emptied())

    assert [template.render({"key": key}) for key in (1, 2, 1)] == ["1", "2", "1"]
