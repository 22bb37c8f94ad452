"""The addresses of deliveries."""

from upstander.web.accounts import permissions as may
from upstander.web.deliveries import notices
from upstander.web.deliveries.views import held, listing, quality, sending
from upstander.web.routes import route

_FORM = ("GET", "POST")

routes = [
    route("deliveries/", listing.deliveries, name="deliveries", needs=may.READ_DELIVERIES, navigation="Deliveries"),
    route("deliveries/send/", sending.send, name="send_delivery", needs=may.SEND_DELIVERIES, methods=_FORM),
    route("deliveries/sent/<str:upload>/", sending.report, name="delivery_report", needs=may.READ_DELIVERIES),
    route("deliveries/sent/<str:upload>/mistakes.csv", sending.mistakes, name="delivery_mistakes",
          needs=may.READ_DELIVERIES),
    route("deliveries/readings/<str:reading>/", listing.reading, name="reading", needs=may.READ_DELIVERIES),
    route("deliveries/held/", held.waiting, name="held_deliveries", needs=may.ALL_DELIVERIES),
    route("deliveries/held/<str:reading>/", held.decide, name="decide_held", needs=may.DECIDE_HELD, methods=_FORM),
    route("deliveries/quality/", quality.quality, name="quality", needs=may.READ_DELIVERIES),
    route("deliveries/quality/<str:dataset>/<str:supplier>/", quality.feed_quality, name="feed_quality",
          needs=may.READ_DELIVERIES, methods=_FORM),
    route("deliveries/quality/<str:dataset>/<str:supplier>/<str:kind>", quality.scorecard_file,
          name="scorecard_file", needs=may.READ_DELIVERIES),
    route("deliveries/handouts/", listing.handouts, name="handouts", needs=may.READ_DELIVERIES),
    route("deliveries/handouts/<str:dataset>/<str:supplier>/<str:kind>", listing.handout_file, name="handout",
          needs=may.READ_DELIVERIES),
    route("deliveries/use/", listing.use, name="data_use", needs=may.READ_DELIVERIES),
]  # fmt: skip

notices.add_sections()
