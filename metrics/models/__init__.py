from metrics.models.purchase import ChangedPurchases, Folding, Purchase
from metrics.models.spend import Spend, SpendType

__all__ = ["ChangedPurchases", "Folding", "Purchase", "Spend", "SpendType"]
