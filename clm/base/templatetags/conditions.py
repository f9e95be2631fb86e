from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from clm.base.conditions.fields import built, shown

register = template.Library()


@register.simple_tag
def condition_builder(field: BoundField, *, has_preview: bool = True) -> SafeString:
    return built(field.html_name, shown(field), has_preview=has_preview)
