"""How Django knows this part."""

from django.apps import AppConfig


class Api(AppConfig):
    """Tokens, and how much each was used."""

    name = "upstander.web.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what this part puts on the home page."""
        from upstander.web.api import notices

        notices.register()
