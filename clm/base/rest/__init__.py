"""The REST API's manners, the same at every endpoint.

    views      ApiView, ListView: unknown query parameters are refused, lists are keyset pages of plain values
    serializers  StrictSerializer and its fields: unknown fields are refused, instants need a time zone
    instants   `as_of` and `known_at` from the query string
    errors     refusals: 409, 412, 413, 422, 428; `answers` gives them and all others one body
    parsing, rendering, paging, schema

`docs/api.md` tells users; `docs/permissions.md` tells who may call what.
"""
