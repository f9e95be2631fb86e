"""A synthetic company: customers with five orders and five events each over two years, and a model of twenty rules."""

from typing import Any

from django.db import connection, transaction

from bench.everyone_company import empty_all
from clm.accounts.models import Organisation
from lifecycle.models import LifecycleModel, ModelVersion, Rule
from lifecycle.presets import install
from lifecycle.presets.signs import did, test

# One customer in ten never bought; the others buy in bursts, so that every rule has its people.
_FILL = (
    "SELECT setseed(0.42)",
    """
    INSERT INTO customers_customer (kind, name, first_name, last_name, email, phone, external_id, country, language, zone,
        fields, first_seen_at)
    SELECT 'person', 'Customer ' || n, 'Customer', n::text, 'c' || n || '@example.com', '', 'x' || n,
        (ARRAY['DK', 'SE', 'NL', 'DE', 'GB'])[1 + n %% 5], (ARRAY['da', 'sv', 'nl', 'de', 'en'])[1 + n %% 5], '', '{}',
        date_trunc('day', now()) - interval '730 days'
    FROM generate_series(1, %(size)s) n
    """,
    """
    INSERT INTO customers_order (source, key, customer_id, original_customer_id, occurred_at, currency, gross, discount,
        tax, shipping, rate, status, is_test)
    SELECT 'bench', c.id || '-' || n, c.id, c.id, now() - greatest(0.02, begun + n * gap * random()) * interval '1 day',
        'USD', 10 + round((90 * random())::numeric, 2), 0, 0, 0, 1, 'paid', false
    FROM (SELECT id, power(random(), 2) * 600 AS begun, 5 + 45 * random() AS gap FROM customers_customer WHERE id %% 10 > 0) c,
        generate_series(0, 4) n
    WHERE begun + n * gap < 720
    """,
    """
    INSERT INTO customers_event (source, key, customer_id, original_customer_id, occurred_at, name, properties)
    SELECT 'bench', c.id || '-' || n, c.id, c.id, now() - random() * 720 * interval '1 day',
        (ARRAY['page.viewed', 'page.viewed', 'email.clicked', 'form.submitted', 'cart.added', 'review.posted'])
        [1 + floor(random() * 6)::int], '{}'
    FROM customers_customer c, generate_series(0, 4) n
    """,
    """
    INSERT INTO customers_purchasesummary (customer_id, orders, purchase_days, revenue, unconverted, first_order_at,
        last_order_at)
    SELECT customer_id, count(*), count(DISTINCT occurred_at::date), sum(net), 0, min(occurred_at), max(occurred_at)
    FROM customers_order GROUP BY customer_id
    """,
)
_TABLES = ("customers_customer", "customers_order", "customers_event", "customers_purchasesummary")
_LOYAL = (test("purchase_days", at_least=3, within_days=365), test("purchased_within", days=180))
_ONCE = test("purchase_days", at_least=1, at_most=1)

RULES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("advocacy", {"all": [*_LOYAL, did("review.posted", within_days=365)]}),
    ("advocacy", {"all": [*_LOYAL, did("email.clicked", at_least=3, within_days=90)]}),
    ("loyalty", {"all": [*_LOYAL]}),
    ("loyalty", {"all": [test("purchase_days", at_least=4, within_days=700), test("purchased_within", days=120)]}),
    ("churned", {"all": [test("lapsed", days=180), {"not": did("page.viewed", within_days=30)}]}),
    ("churned", test("lapsed", days=200)),
    ("churned", {"all": [test("lapsed", days=180), {"not": did("email.clicked", within_days=60)}]}),
    ("conversion", {"all": [_ONCE, test("purchased_within", days=30)]}),
    ("conversion", {"all": [_ONCE, test("purchased_within", days=45), did("page.viewed", within_days=14)]}),
    ("retention", {"all": [test("purchase_days", at_least=2, within_days=365), test("purchased_within", days=60)]}),
    ("retention", test("purchased_within", days=90)),
    ("retention", {"all": [test("purchased_within", days=120), did("email.clicked", within_days=30)]}),
    ("retention", test("purchased_within", days=180)),
    ("engagement", did("page.viewed", at_least=2, within_days=90)),
    ("engagement", did("form.submitted", within_days=90)),
    ("engagement", did("email.clicked", within_days=60)),
    ("engagement", did("page.viewed", at_least=3, within_days=365)),
    ("engagement", did("cart.added", within_days=30)),
    ("engagement", {"all": [did("form.submitted", within_days=180), did("page.viewed", within_days=180)]}),
    ("engagement", did("review.posted", within_days=720)),
)  # fmt: skip


def build(size: int) -> LifecycleModel:
    """Everything anew; nobody has a stage yet."""
    empty_all()
    Organisation.objects.current()
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"size": size})
        cursor.execute("TRUNCATE customers_arrival")
        for table in _TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
    return _model()


@transaction.atomic
def _model() -> LifecycleModel:
    model = install("swedish-six", by=None)
    version = ModelVersion.objects.get(model=model)
    stages = {stage.slug: stage for stage in model.stages.all()}
    Rule.objects.filter(version=version).delete()
    for place, (stage, condition) in enumerate(RULES, start=1):
        Rule.objects.create(version=version, stage=stages[stage], priority=place, condition=condition)
    return model


def all_in_the_first_stage(model: LifecycleModel) -> None:
    """As a company is that takes the model up: one open stay for everybody, since yesterday."""
    version = ModelVersion.objects.get(model=model)
    known = {"model": model.pk, "stage": model.stages.get(is_initial=True).pk, "version": version.pk}
    tables = "lifecycle_stageperiod, lifecycle_currentstage, lifecycle_nextdue, lifecycle_refusal, lifecycle_componentperiod"
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}, customers_arrival")
        cursor.execute(
            "INSERT INTO lifecycle_stageperiod (customer_id, original_customer_id, model_id, stage_id, version_id,"
            " entered_at, cause, reason, recorded_at) SELECT id, id, %(model)s, %(stage)s, %(version)s,"
            " date_trunc('day', now()) - interval '1 day', 'initial', '', now() - interval '1 day' FROM customers_customer",
            known,
        )
        cursor.execute(
            "INSERT INTO lifecycle_currentstage (customer_id, model_id, stage_id, furthest_id, since)"
            " SELECT id, %(model)s, %(stage)s, %(stage)s, date_trunc('day', now()) - interval '1 day' FROM customers_customer",
            known,
        )
        for table in ("lifecycle_stageperiod", "lifecycle_currentstage"):
            cursor.execute(f"VACUUM ANALYZE {table}")
