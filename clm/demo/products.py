"""The price list, in euro."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class DemoProduct:
    sku: str
    name: str
    category: str
    price: Decimal
    weight: float


def _made(sku: str, name: str, category: str, price: str, weight: float) -> DemoProduct:
    return DemoProduct(sku, name, category, Decimal(price), weight)


PRODUCTS = (
    _made("CF-ETH-250", "Ethiopia Yirgacheffe, 250 g", "Coffee", "11.5", 13),
    _made("CF-COL-250", "Colombia Huila, 250 g", "Coffee", "10.5", 15),
    _made("CF-KEN-250", "Kenya Nyeri, 250 g", "Coffee", "12.5", 9),
    _made("CF-HOU-1000", "House espresso, 1 kg", "Coffee", "29", 14),
    _made("CF-DEC-250", "Decaf, 250 g", "Coffee", "11", 5),
    _made("TE-SEN-100", "Sencha, 100 g", "Tea", "9.5", 7),
    _made("TE-EAR-100", "Earl Grey, 100 g", "Tea", "8", 8),
    _made("TE-ROO-100", "Rooibos with vanilla, 100 g", "Tea", "7.5", 6),
    _made("EQ-V60", "Pour-over dripper", "Equipment", "24", 3),
    _made("EQ-GRI", "Hand grinder", "Equipment", "79", 1.6),
    _made("EQ-KET", "Gooseneck kettle", "Equipment", "64", 1.2),
    _made("EQ-FLT-100", "Paper filters, 100 pieces", "Equipment", "6", 6),
    _made("GF-BOX-3", "Tasting box, three origins", "Gifts", "32", 4),
    _made("GF-TEA-6", "Tea chest, six kinds", "Gifts", "38", 2.5),
    _made("OF-PACK-5", "Office pack, 5 kg", "Office", "119", 0),
    _made("OF-TEA-200", "Office tea, 200 bags", "Office", "34", 0),
)
HOME = tuple(product for product in PRODUCTS if product.weight)
OFFICE = tuple(
    product
    for product in PRODUCTS
    if product.category == "Office" or product.sku in ("CF-HOU-1000", "EQ-FLT-100")
)
GIFTS = tuple(product for product in PRODUCTS if product.category == "Gifts")
TASTING_BOX = next(product for product in PRODUCTS if product.sku == "GF-BOX-3")
