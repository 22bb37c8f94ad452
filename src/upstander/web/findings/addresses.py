"""Addresses of the dashboard."""

from upstander.web.accounts.permissions import FINDINGS_READ
from upstander.web.findings import views
from upstander.web.routes import route

routes = [
    route("dashboard/", views.summary, name="dashboard", needs=FINDINGS_READ, navigation="Dashboard"),
    route("dashboard/<slug:name>/", views.tab, name="dashboard_tab", needs=FINDINGS_READ),
    route("dashboard/figure/<str:name>/", views.figure, name="figure", needs=FINDINGS_READ),
    route("dashboard/figure/<str:name>/<slug:form>/", views.take, name="take_figure", needs=FINDINGS_READ),
]
