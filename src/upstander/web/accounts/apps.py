"""How Django knows this part."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """Agencies and people."""

    name = "upstander.web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
