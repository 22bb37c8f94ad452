"""Addresses of the pages about agreements."""

from upstander.web.accounts import permissions as may
from upstander.web.agreements import views
from upstander.web.routes import route

FORM = ("GET", "POST")

routes = [
    route("agreements/", views.register, name="agreements", needs=may.READ_AGREEMENTS, navigation="Agreements"),
    route("agreements/who-may-see/", views.who_may_see, name="who_may_see", needs=may.GOVERN_AGREEMENTS),
    route("agreements/ending-soon/", views.ending_soon, name="ending_soon", needs=may.GOVERN_AGREEMENTS),
    route("agreements/refusals/", views.refused, name="refusals", needs=may.GOVERN_AGREEMENTS),
    route("agreements/record/", views.record, name="processing", needs=may.GOVERN_AGREEMENTS),
    route("agreements/record/page/", views.record_page, name="processing_page", needs=may.GOVERN_AGREEMENTS),
    route("agreements/record/table/", views.record_table, name="processing_table", needs=may.GOVERN_AGREEMENTS),
    route("agreements/annex/", views.annex, name="annex", needs=may.GOVERN_AGREEMENTS),
    route("agreements/sign/", views.sign, name="sign_agreement", needs=may.SIGN_AGREEMENTS, methods=FORM),
    route("agreements/named/<slug:name>/", views.one_agreement, name="agreement", needs=may.READ_AGREEMENTS),
    route("agreements/named/<slug:name>/<slug:kind>/", views.decide, name="decide_agreement",
          needs=may.DECIDE_AGREEMENTS, methods=FORM),
]  # fmt: skip
