"""What Django is told. What belongs to one home (its database, secret and hosts) is added by web/site.py."""

import secrets
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent

# ── What there is ────────────────────────────────────────────────────────────────────────────────────────────────────

DATABASES: dict[str, dict[str, Any]] = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [
    "upstander.web.accounts.apps.Accounts",
    "upstander.web.agreements.apps.Agreements",
    "upstander.web.audit.apps.Audit",
    "upstander.web.deliveries.apps.Deliveries",
    "upstander.web.api.apps.Api",
    "upstander.web.surveillance.apps.Surveillance",
    "upstander.web.work.apps.Work",
    "upstander.web.apps.Site",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
# Single sign-on is loaded only where upstander.toml names a provider: it doubles the time a command takes to start.
SINGLE_SIGN_ON_APPS = {
    "openid_connect": "allauth.socialaccount.providers.openid_connect",
    "saml": "allauth.socialaccount.providers.saml",
}
# Tables that nothing here uses are not made. Who may do what is declared in web/accounts/permissions.py, and addresses
# of e-mail (allauth.account) matter to single sign-on alone, which takes the last entry away.
MIGRATION_MODULES: dict[str, str | None] = {"auth": None, "contenttypes": None, "account": None}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "upstander.web.headers.Headers",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "upstander.web.requestlog.RequestLog",
    "upstander.web.overload.Overload",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "upstander.web.door.Door",
]
ROOT_URLCONF = "upstander.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "OPTIONS": {
            "context_processors": ["upstander.web.shell.shell"],
            "builtins": ["upstander.web.templatetags.site"],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = ["account.W001"]  # handles are unique; no address of e-mail signs in

# ── Time and language ────────────────────────────────────────────────────────────────────────────────────────────────

USE_TZ = True
TIME_ZONE = "UTC"  # of the database; pages show Europe/London
LANGUAGE_CODE = "en-gb"
USE_I18N = False

# ── Secrets, cookies, sessions ───────────────────────────────────────────────────────────────────────────────────────

SECRET_KEY = secrets.token_hex(32)  # of this process only; a home that is served brings its own
ALLOWED_HOSTS: list[str] = []
APPEND_SLASH = False  # a missing slash is a page that is not there
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "upstander.web.pages.stale_form"

# ── Headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer a browser calls its own forms of unknown origin
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    **{
        name: []
        for name in (
            "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
            "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
            "screen-wake-lock", "usb", "xr-spatial-tracking",
        )
    },
    "publickey-credentials-get": ["self"],
    "publickey-credentials-create": ["self"],
}  # fmt: skip

# ── Files that are the same for everybody ────────────────────────────────────────────────────────────────────────────

FILE_UPLOAD_HANDLERS = [
    "upstander.web.uploading.Discard"
]  # Django's own would put plain bytes into memory or on a disk
STATIC_URL = "static/"
STATIC_ROOT = _HERE / "static"
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+\.[0-9a-f]{12}\..+$"

# ── Signing in ───────────────────────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["upstander.web.accounts.adapters.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("handle", "name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "upstander.web.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None  # allauth keeps no addresses; ours is for single sign-on alone
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # ours are in web/accounts/throttling.py: shared by every process, and no lock-out
MFA_ADAPTER = "upstander.web.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody is asked for an address: invitations are handed over by a person
SOCIALACCOUNT_ADAPTER = "upstander.web.accounts.single_sign_on.SocialAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # our policy lets no form lead to another site
SOCIALACCOUNT_STORE_TOKENS = False

# ── Logs: ours are JSON lines without paths or names; Django's own would quote both ──────────────────────────────────

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"nothing": {"class": "logging.NullHandler"}},
    "loggers": {"django": {"handlers": ["nothing"], "propagate": False}},
}
