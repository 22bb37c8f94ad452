"""Addresses of the pages about the audit log."""

from upstander.web.accounts import permissions as may
from upstander.web.audit import views
from upstander.web.routes import route

FORM = ("GET", "POST")

routes = [
    route("audit/", views.search, name="audit", needs=may.READ_AUDIT, navigation="Audit"),
    route("audit/person/", views.person, name="audit_person", needs=may.SEARCH_PEOPLE, methods=FORM),
    route("audit/export/", views.export, name="audit_export", needs=may.EXPORT_AUDIT, methods=("POST",)),
    route("audit/verify/", views.verify, name="audit_verify", needs=may.READ_AUDIT, methods=FORM),
    route("audit/review/", views.review, name="review", needs=may.REVIEW_LOOKING, methods=FORM),
    route("audit/review/<int:number>/", views.one_review, name="one_review", needs=may.REVIEW_LOOKING, methods=FORM),
    route("use/", views.own_use, name="own_use", needs=may.OWN_USE, navigation="Use of your data"),
]
