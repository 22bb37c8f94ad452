"""The addresses of releases and of the ledger."""

from upstander.web.accounts import permissions as may
from upstander.web.releases import jobs, notices, views
from upstander.web.routes import route

_FORM = ("GET", "POST")
_ONE = "releases/<str:quarter>/<int:number>/"

routes = [
    route("releases/", views.releases, name="releases", needs=may.READ_RELEASES, navigation="Releases"),
    route("releases/make/<str:quarter>/", views.make, name="make_release", needs=may.MAKE_RELEASES, methods=_FORM),
    route(_ONE, views.release, name="release", needs=may.READ_RELEASES),
    route(f"{_ONE}tables/<str:table>/", views.table, name="release_table", needs=may.READ_RELEASE_FIGURES),
    route(f"{_ONE}attack/", views.attack, name="release_attack", needs=may.READ_RELEASE_FIGURES),
    route(f"{_ONE}revisions/", views.revisions, name="release_revisions", needs=may.READ_RELEASE_FIGURES),
    route(
        f"{_ONE}revisions.csv", views.revisions_csv, name="release_revisions_csv", needs=may.READ_RELEASE_FIGURES,
        methods=("POST",),
    ),
    route(f"{_ONE}prove/", views.prove, name="prove_release", needs=may.PROVE_RELEASES, methods=("POST",)),
    route(f"{_ONE}approve/", views.approve, name="approve_release", needs=may.APPROVE_RELEASES, methods=_FORM),
    route(f"{_ONE}files/", views.files, name="release_files", needs=may.EXPORT_RELEASES, methods=_FORM),
    route(
        f"{_ONE}files/<str:called>/<str:file>", views.take, name="take_file", needs=may.EXPORT_RELEASES,
        methods=("POST",),
    ),
    route("ledger/", views.ledger, name="ledger", needs=may.READ_RELEASES, navigation="Ledger"),
    route(
        "ledger/<str:kind>/<path:number>/recall/", views.recall, name="recall_output", needs=may.RECALL_OUTPUTS,
        methods=_FORM,
    ),
]  # fmt: skip
jobs.register_kinds()
notices.register()
