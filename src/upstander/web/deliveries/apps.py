"""How Django knows this part."""

from django.apps import AppConfig


class Deliveries(AppConfig):
    """The index of deliveries."""

    name = "upstander.web.deliveries"
    label = "deliveries"
    default_auto_field = "django.db.models.BigAutoField"
