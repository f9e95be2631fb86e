"""API of customers and of what they did."""

from django.urls import path

from customers.api import facts

urlpatterns = [
    *(
        pattern
        for name, one, many, batch in facts.ENDPOINTS
        for pattern in (
            path(f"{name}/", many.as_view(), name=f"api-{name}"),
            path(f"{name}/batch/", batch.as_view(), name=f"api-{name}-batch"),
            path(f"{name}/<int:pk>/", one.as_view(), name=f"api-{name}-one"),
        )
    ),
]
