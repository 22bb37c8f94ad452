"""How Django knows this part."""

from django.apps import AppConfig


class Audit(AppConfig):
    """The audit log."""

    name = "upstander.web.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what this part puts on the home page."""
        from upstander.web.audit import notices

        notices.register()
