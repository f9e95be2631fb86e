"""The condition builder as a form field: shown by `<c-conditions :field="form.conditions" />`.

Its buttons work without JavaScript: they post the form with `<name>-do`, and a view that finds
`is_being_built(request.POST, name)` shows the form again, unsaved. With htmx only the builder is exchanged.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clm.base.conditions.inputs import families
from clm.base.conditions.parsing import InvalidCondition
from clm.base.conditions.sketch import Sketch, blank, finished, sketch_from, sketch_of


def action_in(data: Mapping[str, Any], name: str) -> str:
    return str(data.get(f"{name}-do", ""))


def is_being_built(data: Mapping[str, Any], name: str = "conditions") -> bool:
    """Whether the form was sent to work on its conditions, and not to be saved."""
    return bool(action_in(data, name))


class ConditionsWidget(forms.Widget):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> Sketch | None:
        getlist = getattr(data, "getlist", lambda key: [data[key]])
        sketch = sketch_from(data, getlist, name)
        return sketch and sketch.worked_on(action_in(data, name))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-0-join" not in data

    def id_for_label(self, id_: str) -> str:
        return ""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        return built(name, value if isinstance(value, Sketch) else sketch_of(value))


def built(name: str, sketch: Sketch, *, has_preview: bool = True) -> SafeString:
    """The builder's markup: a fragment that needs nothing else. With a preview it keeps `#<name>-preview` filled."""
    context = {"name": name, "sketch": sketch, "families": families(), "has_preview": has_preview}
    return render_to_string("base/conditions/_builder.html", context)


class ConditionsField(forms.Field):
    """Cleans to a tree as it is stored, or to {} when it is not required and has no test."""

    widget = ConditionsWidget
    within = ""  # the draft that the form is of: see `WITHIN`
    default_error_messages = {"required": _("Add at least one test.")}  # as Django's own fields

    def clean(self, value: Sketch | None) -> dict[str, Any]:
        if value is None or is_untouched(value):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return {}
        try:
            return finished(value.part_of(self.within))
        except InvalidCondition as error:
            raise ValidationError(error.reason) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


def is_untouched(sketch: Sketch) -> bool:
    """Nothing but lines without a test."""
    return not any(line.condition for line in sketch.lines())


def shown(field: forms.BoundField) -> Sketch:
    """What a bound or fresh field shows; once it was sent, with what is wrong at each line."""
    value = field.value()
    sketch = value if isinstance(value, Sketch) else sketch_of(value) if value else blank()
    if isinstance(field.field, ConditionsField):
        sketch.part_of(field.field.within)
    if field.form.is_bound:
        with suppress(InvalidCondition):
            sketch.checked()
    return sketch
