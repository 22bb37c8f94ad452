"""The county's words about places: every kind of mess, with the truth beside it; the same seed, the same texts."""

import polars as pl
import pytest

from upstander.synthetic.gazetteer import OPEN_NAMES_COLUMNS, make_gazetteer, register_id
from upstander.synthetic.land import make_land
from upstander.synthetic.names import SURNAMES
from upstander.synthetic.postcodes import make_postcodes
from upstander.synthetic.texts import labelled_texts


@pytest.fixture(scope="module")
def local():
    land = make_land()
    postcodes = make_postcodes(land)
    return make_gazetteer(land, postcodes), postcodes.table()


@pytest.fixture(scope="module")
def texts(local):
    return labelled_texts(*local, size=6_000, seed=3)


def test_the_same_seed_gives_the_same_texts_and_another_seed_others(local, texts):
    assert labelled_texts(*local, size=6_000, seed=3).equals(texts)
    assert not labelled_texts(*local, size=6_000, seed=4).equals(texts)


@pytest.mark.parametrize(
    "pattern",
    [r"^o/s ", r"\bjct\b", r"^pts home$", r"^u/k$", r"^town$", r"^$", r"10 past 5", r"\brd\b", "magaluf", "hmp",
                "ward 12", r"(?i)qb\d+ \d[a-z]{2}"]
)  # fmt: skip
def test_every_kind_of_mess_is_there(texts, pattern):
    assert texts["text"].str.contains(pattern).sum() > 0


def test_peoples_names_are_among_the_words(texts):
    assert texts["text"].str.to_lowercase().str.contains_any([name.lower() for name in SURNAMES]).sum() > 100


def test_chains_and_street_names_are_in_several_towns(local):
    places = local[0].places
    for sort in ("venue", "street"):
        towns = places.filter(sort=sort).group_by("name").agg(pl.col("town").n_unique())
        assert towns["town"].max() >= 4
    assert (places["formerly"] != "").sum() > 10


def test_every_text_that_means_a_place_says_which(local, texts):
    known = {*register_id(local[0].places), *local[1]["postcode"]}
    meant = texts.filter(texts["x_min"].is_not_null())
    assert meant["id"].is_in(sorted(known)).all()
    assert (texts.filter(texts["x_min"].is_null())["id"] == "").all()


def test_the_county_names_its_places_in_the_layout_of_open_names(county):
    path = county.folder / "places" / "os_open_names_brackenshire.csv"
    rows = pl.read_csv(path, has_header=False, infer_schema=False, new_columns=OPEN_NAMES_COLUMNS)
    assert rows.width == 34
    assert set(rows["LOCAL_TYPE"]) >= {"Named Road", "Town", "Secondary Education", "Hospital"}
    assert rows["GEOMETRY_X"].cast(pl.Int64).min() > 700_000


def test_the_truth_tells_what_the_words_of_each_delivered_line_meant(county):
    texts = pl.read_parquet(county.folder / "truth" / "texts.parquet")
    delivered = {agency: told["rows_delivered"] for agency, told in county.truth.summary["agencies"].items()}
    counted = dict(texts.group_by("agency").len().rows())
    assert counted == {agency: delivered[agency] for agency in ("ambulance", "ed")}
    assert {"home", "venue", "street", "unknown"} <= set(texts["text_level"])
