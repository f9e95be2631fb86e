"""The REST API's manners: strict JSON in, keyset pages out, one error body."""

from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    strict = True


class KeysetPagination(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-pk"


from drf_standardized_errors.handler import exception_handler as exception_handler  # noqa: E402
