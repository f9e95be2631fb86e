"""Parts of pages that come out the same on page after page are drawn once and kept, in each process for itself.

A page has a hundred icons, buttons and menu entries; to draw them anew took most of its time.
"""

from typing import Any

from django import template
from django.conf import settings
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django_cotton.templatetags import Attrs
from django_cotton.templatetags._component import AttrKind, CottonComponentNode, cotton_component
from django_cotton.templatetags._slot import CottonSlotNode
from django_cotton.utils import get_cotton_data

register = template.Library()

# Components whose templates speak of their own attributes and content alone, besides the language.
OF_THEIR_OWN = frozenset(
    {
        "avatar",
        "badge",
        "bulk-bar",
        "button",
        "chip",
        "dialog",
        "drawer",
        "dropdown",
        "empty",
        "export",
        "icon",
        "item",
        "kbd",
        "note",
        "pagination",
        "stage",
        "tab",
    }
)
MOST_KEPT, LONGEST = 2000, 2000  # drawings, and characters of one
_AS_TEXT = {AttrKind.BOOLEAN, AttrKind.ESCAPED, AttrKind.STATIC}
_drawn: dict[tuple[object, ...], str] = {}


class ComponentNode(CottonComponentNode):  # type: ignore[misc]
    """Cotton's own, but for the components above, where all that is given to them is text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_kept = (
            self.component_name in OF_THEIR_OWN
            and not self.only
            and all(one.kind in _AS_TEXT for one in self._prepared_attrs)
            and not self.nodelist.get_nodes_by_type(CottonSlotNode)
        )
        # Text that is safe is equal to the same text that is not, but drawn otherwise.
        self.names = tuple((one.key, bool(one.compiled)) for one in self._prepared_attrs)

    def render(self, context: Context) -> str:
        if not self.is_kept or settings.DEBUG:
            drawn: str = super().render(context)
            return drawn
        values = tuple(
            [one.compiled.render(context) if one.compiled else one.value for one in self._prepared_attrs]
        )
        slot = self.nodelist.render(context) if self.nodelist else SafeString("")
        if len(slot) > LONGEST:
            return self._draw(context, values, slot)
        key = (self.component_name, self.names, values, slot, get_language())
        found = _drawn.get(key)
        if found is None:
            found = _keep(_drawn, key, self._draw(context, values, slot))
        return found

    def _draw(self, context: Context, values: tuple[object, ...], slot: str) -> str:
        given = Attrs({name: value for (name, _safe), value in zip(self.names, values, strict=True)})
        component = self._get_cached_template(context, given)
        defaults = self._extract_vars_from_template(component, context, given, {})
        cotton_data = get_cotton_data(context)
        state = {**defaults, **given.make_attrs_accessible(), "attrs": given, "slot": slot}
        cotton_data["stack"].append({"key": self.component_name, "attrs": given, "slots": {}})
        with context.push({**state, "cotton_data": cotton_data}):
            drawn: str = component.render(context)
        cotton_data["stack"].pop()
        return drawn


def _keep(kept: dict[tuple[object, ...], str], key: tuple[object, ...], drawn: str) -> str:
    if len(kept) >= MOST_KEPT:
        kept.clear()
    if len(drawn) <= LONGEST:
        kept[key] = drawn
    return drawn


@register.tag
def cotton(parser: Parser, token: Token) -> ComponentNode:
    """In the place of cotton's tag, which `<c-…>` stands for."""
    plain = cotton_component(parser, token)
    return ComponentNode(plain.component_name, plain.nodelist, plain.attrs, plain.only, plain.active_library)


class KeptNode(template.Node):
    MOST, LONGEST = 200, 20_000

    def __init__(self, named: list[FilterExpression], nodelist: NodeList) -> None:
        self.named, self.nodelist = named, nodelist
        self.kept: dict[tuple[object, ...], str] = {}

    def render(self, context: Context) -> SafeString:
        if settings.DEBUG:
            return self.nodelist.render(context)
        key = (get_language(), get_script_prefix(), *(one.resolve(context) for one in self.named))
        drawn = self.kept.get(key)  # another thread may empty the store at any moment
        if drawn is None:
            drawn = self.nodelist.render(context)
            if len(self.kept) >= self.MOST:
                self.kept.clear()
            if len(drawn) <= self.LONGEST:  # an address can be long, and stands in many links
                self.kept[key] = drawn
        return SafeString(drawn)


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """`{% kept frame.theme %}…{% endkept %}`: drawn once for each language and each value of what is named.

    All that the content depends on must be named. Never around what is one person's, such as a CSRF token.
    """
    _tag, *named = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode([parser.compile_filter(one) for one in named], nodelist)
