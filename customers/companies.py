from customers.models import Company


def company_named(name: str) -> Company | None:
    """The company of this name, however it is capitalised; made when new."""
    if not name:
        return None
    return Company.objects.filter(name__iexact=name).order_by("pk").first() or Company.objects.create(
        name=name
    )
