"""Opening the site of one home: its database becomes Django's own, its secret signs, its hosts are answered."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upstander.pipeline.home import Home, Site, open_home
from upstander.sharing import AnchoredLog
from upstander.web.opened import Opened, open_as
from upstander.web.secret import site_secret

if TYPE_CHECKING:
    from upstander.web.again import Again

_THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")


def open_site(root: Path, *, environ: Mapping[str, str]) -> Opened:
    """Serve this home from here on, in this process; pages can be drawn when this returns.

    Raises what open_home, site_secret and open_store raise: WrongUsage, NotAcceptable, DatabaseUnreachable.
    """
    home = open_home(root)
    _tell_django(home, site_secret(root, environ=environ, setting=home.secret_file))
    from upstander.web.store import open_store

    store = open_store(root, environ=environ, alias="default")
    places = home.audit_anchors
    audit = AnchoredLog(store.audit, places) if places else store.audit
    found = Opened(home, store.register, audit, environ)
    open_as(found)
    return found


def application(root: Path, *, environ: Mapping[str, str]) -> "Again":
    """The site as a WSGI application."""
    open_site(root, environ=environ)
    from django.core.handlers.wsgi import WSGIHandler

    from upstander.web.again import Again

    return Again(WSGIHandler())


def _tell_django(home: Home, secret: str) -> None:
    from upstander.web.store import configure, declare_settings

    declare_settings()
    from django.conf import settings

    site = home.settings.site
    settings.SECRET_KEY = secret
    settings.ALLOWED_HOSTS = [*_THIS_MACHINE, *site.hosts]
    if site.behind_proxy:
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    if site.single_sign_on:
        _add_single_sign_on(settings, home.root, site)
    configure()


def _add_single_sign_on(settings: Any, root: Path, site: Site) -> None:
    """Load the parts for it, and describe the providers. Their secrets are read from files outside the home."""
    wanted = ["allauth.socialaccount", *(settings.SINGLE_SIGN_ON_APPS[kind] for kind in site.single_sign_on)]
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, *(app for app in wanted if app not in settings.INSTALLED_APPS)]
    settings.MIGRATION_MODULES = {**settings.MIGRATION_MODULES}
    settings.MIGRATION_MODULES.pop("account", None)
    settings.SOCIALACCOUNT_PROVIDERS = {
        kind: {"APPS": [_described(root, one) for one in providers]} for kind, providers in site.single_sign_on.items()
    }


def _described(root: Path, provider: dict[str, Any]) -> dict[str, Any]:
    named = provider.get("client_secret_file")
    rest = {name: value for name, value in provider.items() if name != "client_secret_file"}
    return {**rest, "secret": (root / named).read_text("utf-8").strip()} if named else rest
