"""The addresses of work: what is going on, one job, how far it is, stopping it."""

from upstander.web.accounts import permissions as may
from upstander.web.routes import route
from upstander.web.work import views

routes = [
    route("work/", views.own_work, name="work", needs=may.OWN_WORK, navigation="Work"),
    route("work/all/", views.all_work, name="all_work", needs=may.ALL_WORK),
    route("work/<int:number>/", views.one_job, name="job", needs=may.OWN_WORK),
    route("work/<int:number>/state", views.job_state, name="job_state", needs=may.OWN_WORK),
    route("work/<int:number>/stop/", views.stop, name="stop_job", needs=may.OWN_WORK, methods=("POST",)),
]
