"""Keeping the words that customers are called by, so that a misspelt name is compared with few words, not with all rows."""

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Max

from customers.models import Customer

# Up to which customer the words are known; forgotten, all are read again.
KNOWN_UNTIL = "name-words-until"
SHORTEST, LONGEST = 3, 40

_COUNTED = """
    SELECT word, count(*)::int AS customers
    FROM customers_customer, regexp_split_to_table(lower(name), '[^[:alpha:]]+') AS word
    WHERE merged_into_id IS NULL AND length(word) BETWEEN %(shortest)s AND %(longest)s
        AND id > %(after)s AND id <= %(until)s
    GROUP BY word ORDER BY word
"""
_ALL = f"""
    WITH counted AS MATERIALIZED ({_COUNTED}), kept AS (
        INSERT INTO customers_nameword AS known (word, customers) SELECT word, customers FROM counted
        ON CONFLICT (word) DO UPDATE SET customers = EXCLUDED.customers WHERE known.customers <> EXCLUDED.customers
    )
    DELETE FROM customers_nameword known WHERE NOT EXISTS (SELECT FROM counted WHERE counted.word = known.word)
"""  # noqa: S608
_NEW = f"""
    INSERT INTO customers_nameword AS known (word, customers) {_COUNTED}
    ON CONFLICT (word) DO UPDATE SET customers = known.customers + EXCLUDED.customers
"""


def learn_all() -> None:
    """All words anew; those that nobody is called by any longer go."""
    _learn(_ALL, after=0)


def learn_new() -> None:
    """Those of the customers who came since; all, where nobody remembers since when. New names of old customers
    wait for the night."""
    until = cache.get(KNOWN_UNTIL)
    if until is None:
        learn_all()
    else:
        _learn(_NEW, after=until)


@transaction.atomic
def _learn(statement: str, *, after: int) -> None:
    until = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    if statement is _NEW and until <= after:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('customers.names'))")
        cursor.execute(statement, {"shortest": SHORTEST, "longest": LONGEST, "after": after, "until": until})
    transaction.on_commit(lambda: cache.set(KNOWN_UNTIL, until, None))
