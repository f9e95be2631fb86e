"""Where a model's stages stood at an instant, and what they stood for: as the version had it that governed then.

A stage that this version had not stands just behind the one that came before it where it was last in use (or, of a later
version, first): who went there went beyond what lies before it, whatever was taken out or moved since.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from lifecycle.models import Kind

# stages(id, kind, other_kinds, in_use, place), of the parameters model and as_of.
PLACES = """
    WITH governing AS (
        SELECT id, number FROM lifecycle_modelversion WHERE model_id = %(model)s AND governs_from IS NOT NULL
        ORDER BY governs_from < %(as_of)s DESC, CASE WHEN governs_from < %(as_of)s THEN governs_from END DESC, governs_from
        LIMIT 1)
    SELECT s.id, coalesce(here.kind, there.kind, s.kind) AS kind,
        coalesce(here.other_kinds, there.other_kinds, s.other_kinds) AS other_kinds,
        here.id IS NOT NULL OR there.version_id IS NULL AND s.position > 0 AS in_use,
        coalesce(here.position, coalesce(before.position, 0) + there.position / 1000.0, s.position) AS place
    FROM lifecycle_stage s LEFT JOIN governing g ON true
    LEFT JOIN lifecycle_versionstage here ON here.version_id = g.id AND here.stage_id = s.id
    LEFT JOIN LATERAL (
        SELECT u.version_id, u.kind, u.other_kinds, u.position
        FROM lifecycle_versionstage u JOIN lifecycle_modelversion v ON v.id = u.version_id
        WHERE u.stage_id = s.id AND v.status <> 'draft'
        ORDER BY v.number <= g.number DESC, abs(v.number - g.number) LIMIT 1) there ON here.id IS NULL
    LEFT JOIN LATERAL (
        SELECT k.position FROM lifecycle_versionstage k
        JOIN lifecycle_versionstage p ON p.version_id = there.version_id AND p.stage_id = k.stage_id
        WHERE k.version_id = g.id AND p.position < there.position ORDER BY p.position DESC LIMIT 1) before ON true
    WHERE s.model_id = %(model)s AND NOT s.is_drafted"""


class Place(NamedTuple):
    kind: Kind
    in_use: bool
    place: Decimal
    other_kinds: tuple[str, ...] = ()


def places_of(model_id: int, as_of: datetime) -> dict[int, Place]:
    """By stage. One query."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES, {"model": model_id, "as_of": as_of})
        return {
            pk: Place(Kind(kind), in_use, place, tuple(others))
            for pk, kind, others, in_use, place in cursor.fetchall()
        }
