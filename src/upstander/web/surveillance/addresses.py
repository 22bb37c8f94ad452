"""The addresses of injury surveillance."""

from upstander.web.accounts import permissions as may
from upstander.web.routes import route
from upstander.web.surveillance import basemap, taking, views

routes = [
    route("surveillance/", views.tab, name="surveillance", needs=may.SEE_PICTURE, navigation="Injury surveillance"),
    route("surveillance/make/", views.make, name="make_picture", needs=may.SEE_PICTURE, methods=("POST",)),
    route("surveillance/basemap.pmtiles", basemap.tiles, name="basemap", needs=may.SEE_PICTURE),
    route("surveillance/tasking/", taking.taken, name="taken", needs=may.SEE_PICTURE),
    route("surveillance/tasking.csv", taking.taken_csv, name="taken_csv", needs=may.SEE_PICTURE),
    route("surveillance/<int:number>/", views.picture, name="picture_page", needs=may.SEE_PICTURE),
    route("surveillance/<int:number>/areas.json", views.areas, name="picture_areas", needs=may.SEE_PICTURE),
    route("surveillance/<int:number>/bulletin.pdf", views.bulletin, name="picture_bulletin", needs=may.SEE_PICTURE),
    route("surveillance/<int:number>/tasking/", taking.take, name="take", needs=may.TAKE_PLACES, methods=("POST",)),
    route("surveillance/<int:number>/places/<str:area>/", views.place, name="place", needs=may.SEE_PICTURE),
    route("surveillance/<int:number>/places/<str:area>/profile.pdf", views.place_paper, name="place_paper",
          needs=may.SEE_PICTURE),
]  # fmt: skip
