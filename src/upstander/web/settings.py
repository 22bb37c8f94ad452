"""What Django is told. Databases are added when a home is opened; see web/store.py."""

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [
    "upstander.web.accounts.apps.Accounts",
    "upstander.web.agreements.apps.Agreements",
    "upstander.web.audit.apps.Audit",
    "upstander.web.deliveries.apps.Deliveries",
]
AUTH_USER_MODEL = "accounts.Person"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "nothing is signed with it: no page is served yet"  # noqa: S105 - no secret at all
