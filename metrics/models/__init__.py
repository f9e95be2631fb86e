from metrics.models.spend import Spend, SpendType

__all__ = ["Spend", "SpendType"]
