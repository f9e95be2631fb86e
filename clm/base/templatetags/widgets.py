"""Form fields and attributes for the components. Class names here are read by the style sheet's build."""

from collections.abc import Mapping
from types import UnionType

from django import template
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.forms.boundfield import BoundWidget
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
LOOKS: list[tuple[type | UnionType, str]] = [
    (CheckboxInput, "checkbox checkbox-sm checkbox-primary"),
    # No class: it would land on the list as a whole. `.check-list` styles its controls.
    (RadioSelect | CheckboxSelectMultiple, ""),
    (Select, "select"),
    (Textarea, "textarea"),
    (FileInput, "file-input"),
]


@register.filter
def spread(attrs: Mapping[str, object]) -> SafeString:
    """A component's other attributes, escaped. Use this, never `{{ attrs }}`, which trusts its values."""
    shown = getattr(attrs, "attrs_dict", lambda: attrs)()
    return format_html_join(
        "", "{}", ((_attribute(name, value),) for name, value in shown.items() if value not in (False, None))
    )


def _attribute(name: str, value: object) -> SafeString:
    head = conditional_escape(name)
    return mark_safe(f" {head}" if value is True else f' {head}="{conditional_escape(_text(value))}"')  # noqa: S308 (both escaped)


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)  # str() of what is safe already would no longer be


@register.filter
def widget(field: BoundField) -> SafeString:
    """The field's control in our look. Django itself adds aria-describedby and aria-invalid."""
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{_look(field)} {own}".strip()})


def _look(field: BoundField) -> str:
    return next((look for kind, look in LOOKS if isinstance(field.field.widget, kind)), "input")


@register.filter
def is_check(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choices(field: BoundField) -> bool:
    """Several controls under one legend."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def in_groups(field: BoundField) -> list[tuple[str, list[BoundWidget]]]:
    """Each group's name and its controls, where the choices of the field are grouped; nothing where they are not."""
    choices = getattr(field.field, "choices", ())
    if not all(isinstance(inside, list | tuple) for _name, inside in choices):
        return []
    controls = iter(field.subwidgets)
    return [(name, [next(controls) for _choice in inside]) for name, inside in choices]
