"""The kind products: named by their SKU, whatever the source."""

from django.utils.translation import gettext_lazy

from customers.intake import reading as read
from customers.intake.batch import Batch
from customers.intake.kinds import Field, Kind, Row
from customers.intake.things import Found, held, one_at_a_time, write_things
from customers.models import Product, Thing


def write_products(batch: Batch) -> None:
    if batch.locks:
        one_at_a_time(Thing.PRODUCT)
    skus = {str(row.values["sku"]) for row in batch.rows}
    known = {one.sku: Found(one, is_new=False) for one in held(Product.objects.filter(sku__in=skus), batch)}

    def find(row: Row) -> Found[Product]:
        """A product without a name is called by its SKU."""
        sku = str(row.values["sku"])
        return known.setdefault(sku, Found(Product(sku=sku, name=sku), is_new=True))

    write_things(batch, Product, Thing.PRODUCT, ("name", "category"), find)


PRODUCTS = Kind(
    "products",
    gettext_lazy("Products"),
    (
        Field(
            "sku",
            gettext_lazy("SKU"),
            read.text(100),
            required=True,
            aliases=(
                "sku",
                "product_id",
                "product",
                "id",
                "item",
                "article",
                "artikel",
                "varenr",
                "varenummer",
            ),
        ),
        Field(
            "name",
            gettext_lazy("Name"),
            read.text(200),
            aliases=("name", "product_name", "title", "description", "navn"),
        ),
        Field(
            "category",
            gettext_lazy("Category"),
            read.text(100),
            aliases=("category", "product_category", "group", "type", "kategori"),
        ),
    ),
    write_products,
    names_customer=False,
    keyed=False,
    modes=True,
)
