"""How Django knows the site as a whole: its templates, its tags."""

from django.apps import AppConfig


class Site(AppConfig):
    """The shell of the site. It has no tables."""

    name = "upstander.web"
    label = "site"

    def ready(self) -> None:
        """Let each part say what it puts on the home page, and write down what happens to factors."""
        from upstander.web.accounts import notices
        from upstander.web.findings import notices as findings

        notices.register()
        findings.register()
