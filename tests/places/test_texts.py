"""Words about places: cleaned, classed, searched for postcodes, matched, and told no finer than they say."""

import polars as pl
import pytest

from upstander.places import add_alias, load, open_reference
from upstander.places.errors import UnknownLayout
from upstander.places.texts.classifying import classes_of
from upstander.places.texts.cleaning import cleaned
from upstander.places.texts.phonetics import sound_keys
from upstander.places.texts.postcodes import known_postcodes, postcodes_in
from upstander.places.texts.wordlists import word_list, words_id

from .conftest import VILLAGE_CRS, block, geojson
from .texts import open_names, write_gazetteers


@pytest.fixture(scope="module")
def worded(tmp_path_factory):
    """The village with outlines, postcodes, gazetteers and sites."""
    folder = tmp_path_factory.mktemp("worded")
    squares = {f"F{n + 1}": block(1000 * (n % 3 + 1), 1000 * (n // 3 + 1)) for n in range(6)}
    reference = folder / "reference"
    load(reference, kind="boundaries", source=[geojson(folder / "v.geojson", squares, crs=VILLAGE_CRS)])
    postcodes = folder / "postcodes.csv"
    postcodes.write_text("postcode,lsoa21_code,easting,northing\nZZ1 1AA,F1,1400,1500\nZZ1 1AD,F2,2200,1500\n")
    load(reference, kind="postcodes", source=[postcodes], vintage="2026-01")
    write_gazetteers(folder, reference)
    return open_reference(reference)


def told(reference, text, site="S1", **stated):
    frame = pl.DataFrame({"text": [text], "site": [site], **stated}, schema_overrides={"site": pl.String})
    return reference.locate(frame, crs=VILLAGE_CRS, layers=("lsoa21",), metric_crs=VILLAGE_CRS).row(0, named=True)


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("o/s Black Lion, Commercial Rd", "outside black lion commercial road"),
        ("pt's own home", "patients home"),
        ("U/K", "unknown"),
        ("St Mary's Rd jct High St.", "saint marys road junction high street"),
        ("10 past 5", ""),
        ("Gilded Hare 23:30 04/07/2026", "gilded hare"),
        ("call 07700 900123 at the rec", "call at the rec"),
        ("CAFÉ", "cafe"),
        ("A&E", "emergency department"),
        (None, ""),
    ],
)
def test_a_text_is_brought_to_plain_words(sent, plain):
    assert cleaned(pl.Series([sent], dtype=pl.String))[0] == plain


@pytest.mark.parametrize(
    ("text", "place_class"),
    [
        ("pts home", "home"), ("o/s pts home", "home"), ("at ex partners", "home"), ("u/k", "unknown"), ("", "unknown"),
        ("pt cant remember where", "unknown"), ("in cells", "custody"), ("hmp", "custody"), ("ward 7", "hospital"),
        ("o/s hospital", "public"), ("hospital lane", ""), ("in magaluf", "abroad"), ("spain", "abroad"),
        ("spanish arch", ""), ("prince of wales pub", "licensed"), ("o/s nightclub", "public"),
        ("home bargains", "public"),
        ("high school", "school"), ("walking home through park", "public"), ("commercial road", "public"),
    ],
)  # fmt: skip
def test_the_words_alone_say_the_class(text, place_class):
    assert classes_of(cleaned(pl.Series([text])))[0] == place_class


def test_ten_past_five_is_no_postcode_though_its_district_is_in_use():
    known = known_postcodes(pl.DataFrame({"postcode": ["T10 1AA"], "x": [1.0], "y": [1.0]}))
    found = postcodes_in(pl.Series(["10 past 5", "past10", "at 10", "near T10", "t10 1aa", "T10 9"]), known)
    assert found["postcode"].to_list() == [None, None, None, "T10", "T10 1AA", "T10"]


def test_a_postcode_that_is_not_in_use_is_told_by_the_part_that_is():
    known = known_postcodes(pl.DataFrame({"postcode": ["LE1 1AA"], "x": [1.0], "y": [1.0]}))
    found = postcodes_in(pl.Series(["LE1 1ZZ", "LE1 9ZZ", "LE9 9ZZ", "B4 the pub"]), known)
    assert found.rows() == [("LE1 1", "sector"), ("LE1", "district"), (None, None), (None, None)]


def test_words_that_sound_alike_are_compared_whatever_they_begin_with():
    assert len(set(sound_keys(pl.Series(["phillips", "fillips", "fylips"])))) == 1


def test_a_venue_is_a_point_with_the_class_of_its_register(worded):
    found = told(worded, "in gildid hare")
    assert (found["place_method"], found["area_code"], found["x_m"]) == ("text", "F1", 1500.0)
    assert found["text_class"] == "licensed"
    assert found["place_precision_m"] == 60
    assert 0.75 <= found["place_confidence"] < 1


def test_a_venue_is_found_by_the_name_it_had_before(worded):
    assert told(worded, "weavers")["area_code"] == "F1"


def test_a_venue_placed_by_its_postcode_alone_tells_no_point(worded):
    found = told(worded, "golden fryer takeaway")
    assert (found["area_code"], found["x_m"], found["text_class"]) == ("F2", None, "public")


def test_what_its_register_calls_no_public_place_is_left_out(worded):
    assert told(worded, "meat wholesale")["place_method"] == "none"
    assert told(worded, "old barrow")["place_method"] == "none"


@pytest.mark.parametrize("text", ["town", "in town", "town ctr", "selmarsh", "selmarsh town centre", "Selmarsh tc"])
def test_a_town_is_an_area_and_never_a_point(worded, text):
    found = told(worded, text)
    assert (found["area_kind"], found["area_code"], found["x_m"], found["crs"]) == ("town", "t1", None, "")
    assert found["place_precision_m"] > 500


def test_town_means_the_town_of_the_site_and_nothing_without_one(worded):
    assert told(worded, "town", site="S2")["area_code"] == "t2"
    assert told(worded, "town", site=None)["place_method"] == "none"


def test_the_small_areas_of_a_town_add_up_to_it(worded):
    areas = worded.areas_of_town("t1", layer="lsoa21", metric_crs=VILLAGE_CRS)
    assert areas.rows() == [("lsoa21:F1", 1.0)]


def test_a_chain_is_ambiguous_without_a_site_and_resolved_by_a_street_a_town_or_a_site(worded):
    alone = told(worded, "moonrake", site=None)
    assert (alone["text_status"], alone["text_phrase"], alone["place_confidence"]) == ("ambiguous", "moonrake", 0.0)
    assert told(worded, "moonrake wexlow", site=None)["area_code"] == "F6"
    assert told(worded, "moonrake commercial rd wexlow", site=None)["area_code"] == "F6"
    near, far = told(worded, "moonrake", site="S1"), told(worded, "moonrake", site="S2")
    assert {near["text_status"], far["text_status"]} <= {"located", "ambiguous"}
    assert told(worded, "moonrake station rd", site=None)["area_code"] == "F1"


def test_two_streets_that_cross_are_one_smaller_place(worded):
    found = told(worded, "jct commercial rd & station rd")
    assert (found["area_code"], found["x_m"], found["y_m"]) == ("F1", 1600.0, 1575.0)
    alone = told(worded, "station rd")
    assert (alone["area_code"], alone["x_m"]) == ("F1", None)


def test_a_place_at_home_has_an_area_and_no_point(worded):
    found = told(worded, "home, above the gilded hare")
    assert (found["text_class"], found["x_m"]) == ("home", None)


@pytest.mark.parametrize(
    ("stated", "method", "code"),
    [
        ({"stated_code": ["F5"]}, "stated", "F5"), ({"postcode": ["ZZ1 1AD"]}, "postcode", "F2"),
        ({"x": [2500.0], "y": [2500.0]}, "point", "F5"), ({"postcode": ["ZZ1 1"]}, "partial", "ZZ1 1"),
    ],
)  # fmt: skip
def test_whatever_is_stated_wins_over_words_and_words_over_nothing(worded, stated, method, code):
    found = told(worded, "gilded hare", **stated)
    assert (found["place_method"], found["area_code"], found["text_status"]) == (method, code, "stated")
    assert told(worded, "gilded hare")["place_method"] == "text"


def test_a_settled_alias_is_believed_at_its_site_alone(worded, tmp_path):
    import shutil
    from datetime import date

    reference = tmp_path / "reference"
    shutil.copytree(worded.folder, reference)
    add_alias(reference, phrase="moonrake", site="S2", becomes="entry", target="licence:M1", since=date(2026, 11, 1))
    again = add_alias(
        reference, phrase="moonrake", site="S2", becomes="entry", target="licence:M1", since=date(2027, 1, 1)
    )
    assert again.already_held
    opened = open_reference(reference)
    assert told(opened, "moonrake", site="S2")["area_code"] == "F1"
    assert told(opened, "moonrake", site=None)["text_status"] == "ambiguous"
    assert opened.vintages(texts=True) != worded.vintages(texts=True)
    assert opened.vintages() == worded.vintages()


def test_a_loaded_alias_is_one_more_name_of_its_place(worded, tmp_path):
    import shutil

    reference = tmp_path / "reference"
    shutil.copytree(worded.folder, reference)
    path = tmp_path / "aliases.csv"
    path.write_text("phrase,site,becomes,target,since\nthe bunny,,entry,licence:H1,2026-01-01\n")
    load(reference, kind="aliases", source=[path])
    assert told(open_reference(reference), "smoking area of the bunny")["area_code"] == "F1"


def test_an_alias_that_becomes_nothing_we_know_is_refused(tmp_path):
    path = tmp_path / "aliases.csv"
    path.write_text("phrase,becomes,target\nthe bunny,shop,1\n")
    with pytest.raises(UnknownLayout, match="becomes 'shop'"):
        load(tmp_path / "reference", kind="aliases", source=[path])


def test_open_names_with_and_without_its_header_are_the_same_gazetteer(tmp_path):
    plain = tmp_path / "plain.csv"
    plain.write_text(open_names(("s1", "Mill Lane", "Named Road", 1500, 1500, 100)))
    headed = tmp_path / "headed.csv"
    headed.write_text(",".join(word_list("layouts")["os_open_names"]["columns"]) + "\n" + plain.read_text())
    tables = [
        load(tmp_path / name, kind="gazetteer", source=[path], vintage="n", metric_crs=VILLAGE_CRS).held.table(
            "entries"
        )
        for name, path in (("a", plain), ("b", headed))
    ]
    assert tables[0].equals(tables[1])
    assert tables[0].height == 1


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "premises_name,town\nThe Swan,Fenmoor\n"])
def test_a_register_without_names_or_places_is_refused(tmp_path, content):
    path = tmp_path / "register.csv"
    path.write_text(content)
    with pytest.raises(UnknownLayout, match="no gazetteer we know"):
        load(tmp_path / "reference", kind="gazetteer", source=[path], vintage="x")


def test_a_food_hygiene_file_that_declares_entities_is_refused_unread(tmp_path):
    path = tmp_path / "food.xml"
    path.write_text('<!DOCTYPE a [<!ENTITY b "c">]><FHRSEstablishment/>')
    with pytest.raises(UnknownLayout, match="not a food-hygiene file"):
        load(tmp_path / "reference", kind="gazetteer", source=[path], vintage="x")


def test_without_a_gazetteer_words_still_say_the_class(tmp_path):
    found = told(open_reference(tmp_path / "nothing"), "pts home")
    assert (found["place_method"], found["text_class"], found["text_status"]) == ("none", "home", "silent")


@pytest.mark.parametrize("name", ["abbreviations", "abroad", "classes", "confidence", "layouts", "names"])
def test_every_word_list_has_a_source_and_a_date(name):
    held = word_list(name)
    assert held["name"] == name
    assert held["source"]
    assert held["dated"].year >= 2026
    assert len(words_id()) == 20
