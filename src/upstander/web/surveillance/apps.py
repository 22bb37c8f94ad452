"""How Django knows this part."""

from django.apps import AppConfig


class Surveillance(AppConfig):
    """The operational picture, and what was taken from it to tasking."""

    name = "upstander.web.surveillance"
    label = "surveillance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what work there is, and what the home page tells."""
        from upstander.web.surveillance import notices, work

        work.register_kinds()
        notices.register()
