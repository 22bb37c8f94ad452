"""The addresses of this part: pages about tokens, and the API itself."""

from upstander.web.accounts import permissions as may
from upstander.web.api import tokens, views
from upstander.web.api.endpoints import ENDPOINTS, ROOT
from upstander.web.routes import route

FORM = ("GET", "POST")

routes = [
    route("people/tokens/", tokens.tokens, name="tokens", needs=may.READ_PEOPLE),
    route("people/tokens/grant/", tokens.grant, name="grant_token", needs=may.CHANGE_TOKENS, methods=FORM),
    route(
        "people/tokens/<int:number>/revoke/", tokens.revoke, name="revoke_token", needs=may.CHANGE_TOKENS, methods=FORM
    ),
    route("account/tokens/", tokens.own_tokens, name="own_tokens", needs=may.OWN_TOKENS),
    route(
        "account/tokens/<int:number>/fetch/", tokens.fetch, name="fetch_token", needs=may.CHANGE_OWN_TOKENS,
        methods=("POST",),
    ),
    route(
        "account/tokens/<int:number>/revoke/", tokens.revoke_own, name="revoke_own_token", needs=may.CHANGE_OWN_TOKENS,
        methods=FORM,
    ),
    route(f"{ROOT}/openapi.json", views.openapi, name="api_openapi", needs=may.DESCRIBE_API),
    *(
        route(
            f"{ROOT}/{one.path}".format(quarter="<str:quarter>", edition="<int:edition>"), views.view_of(one),
            name=f"api_{one.name}", needs=may.READ_API,
        )
        for one in ENDPOINTS
    ),
]  # fmt: skip
