"""Links that keep the rest of the query string, so that every state of a page is in its address."""

from html import unescape

from django import template
from django.http import HttpRequest, QueryDict
from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """`{% query sort="name" page=None %}`: the present query with changes; None or "" removes. Starts with “?”."""
    wanted = _current(context)
    for name, value in changes.items():
        wanted.pop(name, None)
        values = value if isinstance(value, list | tuple) else [value]
        wanted.setlist(name, [str(each) for each in values if each not in (None, "")])
    return "?" + wanted.urlencode()


@register.filter
def in_format(address: str, format: str) -> str:
    """The same address asking for a file of this format. A component gets it written for HTML."""
    path, _mark, query = unescape(address).partition("?")
    wanted = QueryDict(query, mutable=True)
    wanted["format"] = format
    return f"{path}?{wanted.urlencode()}"


@register.simple_tag(takes_context=True)
def query_without(context: Context, name: str, value: object = None) -> str:
    """The present query without a parameter, or without one of its values. Also starts pages anew.

    A list that may begin with a saved view says in `whole` where it is without any.
    """
    wanted = _current(context)
    left = [] if value is None else [each for each in wanted.getlist(name) if each != str(value)]
    wanted.setlist(name, left)
    for cursor in ("after", "before", "page"):
        wanted.pop(cursor, None)
    left_over = wanted.urlencode()
    return f"?{left_over}" if left_over else str(context.get("whole", "?"))


@register.simple_tag(takes_context=True)
def sort_state(context: Context, key: str) -> dict[str, str]:
    """For a sortable head: the link that sorts by `key` (again: the other way) and the present direction."""
    wanted = _current(context)
    present = wanted.get("sort", "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(present, "none")
    for cursor in ("after", "before", "page"):
        wanted.pop(cursor, None)
    wanted["sort"] = f"-{key}" if present == key else key
    return {"href": "?" + wanted.urlencode(), "direction": direction}


@register.simple_tag(takes_context=True)
def kept_parameters(context: Context, *names: str) -> list[tuple[str, str]]:
    """(name, value) of the present query except `names` and page cursors: hidden inputs of a GET form."""
    dropped = {*names, "after", "before", "page"}
    return [
        (name, value) for name, values in _current(context).lists() if name not in dropped for value in values
    ]


def _current(context: Context) -> QueryDict:
    request: HttpRequest | None = context.get("request")
    return request.GET.copy() if request else QueryDict(mutable=True)
