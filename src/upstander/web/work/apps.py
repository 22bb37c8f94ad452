"""How Django knows this part."""

from django.apps import AppConfig


class Work(AppConfig):
    """Jobs, and the workers that do them."""

    name = "upstander.web.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"
