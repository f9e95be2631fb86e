from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """A form's data: None while it is only looked at. A form that was sent empty is refused, not shown anew."""
    return request.POST if request.method == "POST" else None
