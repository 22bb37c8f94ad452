"""Taking reference data in: read it, check that its layout is known, and hold it for good."""

from collections.abc import Sequence
from pathlib import Path

from upstander.errors import WrongUsage
from upstander.places.boundaries import BoundaryOptions, read_boundaries
from upstander.places.holding import FULL, GENERALISED, KINDS, Loaded, Normalised, hold, sources_of
from upstander.places.lookups import read_lookup
from upstander.places.populations import read_population
from upstander.places.postcodes import read_postcodes
from upstander.places.projecting import BRITISH_NATIONAL_GRID, crs_named
from upstander.places.texts.registers import read_aliases, read_gazetteer, read_sites
from upstander.places.visitors import read_visitors
from upstander.values.areas import split_layer
from upstander.values.canonical import canonical_json

# How the ONS asks to be named for boundaries, lookups and postcode products; to be given as `attribution`.
ONS_ATTRIBUTION = (
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0. "
    "Contains OS data © Crown copyright and database right."
)


def load(
    reference: Path,
    *,
    kind: str,
    source: Sequence[Path],
    layer: str = "",
    vintage: str = "",
    attribution: str = "",
    where_from: str = "",
    code_property: str = "",
    name_property: str = "",
    quality: str = "",
    metric_crs: str = BRITISH_NATIONAL_GRID,
) -> Loaded:
    """Read official files and hold them under `reference/<kind>/<vintage>/`; the same sources are held only once.

    kind: boundaries (GeoJSON), lookup, population, visitors, postcodes (CSV), gazetteer (OS Open Names or a register of
    licensed premises as CSV, food hygiene as XML, JSON or CSV), sites or aliases (CSV of our own). layer: such as
    lsoa21, where the files do not say it. vintage: of a population, of visitors, a postcode file or a gazetteer.
    attribution: the words every map has to carry. where_from: where the files were fetched. The rest is about
    boundaries, see BoundaryOptions.
    Raises UnknownLayout for files that are not laid out as expected, WrongUsage for words that are off.
    """
    _refuse_off_words(kind, source, layer, quality)
    boundary_options = BoundaryOptions(layer, code_property, name_property, quality, crs_named(metric_crs))
    data = _normalised(kind, source, layer, vintage, boundary_options)
    read_as = canonical_json([code_property, name_property]).decode()
    return hold(
        reference, data,
        sources=sources_of(source), attribution=attribution, where_from=where_from, read_as=read_as,
    )  # fmt: skip


def _normalised(kind: str, source: Sequence[Path], layer: str, vintage: str, options: BoundaryOptions) -> Normalised:
    if kind == "boundaries":
        return read_boundaries(source, options)
    if kind == "lookup":
        return read_lookup(source)
    if kind in ("population", "visitors"):
        read_people = read_population if kind == "population" else read_visitors
        return read_people(source, layer=layer, vintage=vintage)
    if kind == "postcodes":
        return read_postcodes(source, vintage=vintage)
    if kind == "aliases":
        return read_aliases(source, vintage=vintage)
    read = read_gazetteer if kind == "gazetteer" else read_sites
    return read(source, vintage=vintage, metric_crs=options.metric_crs)


def _refuse_off_words(kind: str, source: Sequence[Path], layer: str, quality: str) -> None:
    if kind not in KINDS:
        raise WrongUsage(f"'{kind}' is no kind of reference data.", found=kind, expected=", ".join(KINDS))
    if quality not in ("", FULL, GENERALISED):
        raise WrongUsage(f"'{quality}' is no quality.", found=quality, expected=f"{FULL} or {GENERALISED}")
    if layer:
        split_layer(layer)
    if not source:
        raise WrongUsage("No file was named.", expected="one or more files")
    missing = [path.name for path in source if not path.is_file()]
    if missing:
        raise WrongUsage("Some files are not there.", found=", ".join(missing), expected="paths of files")
