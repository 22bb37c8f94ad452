"""How Django knows this part."""

from django.apps import AppConfig


class Agreements(AppConfig):
    """Agreements and decisions about them."""

    name = "upstander.web.agreements"
    label = "agreements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what this part puts on the home page."""
        from upstander.web.agreements import notices

        notices.register()
