// The moving maps: MapLibre GL, outlines and classes of our own server only, three maps that move as one.

import { addProtocol, Map as Moving, setWorkerUrl } from "maplibre-gl";
import { PMTiles, Protocol } from "pmtiles";

const COUNTS = ["#f3cdae", "#e68a6c", "#b03f55", "#4a183c"];
const PAPER = "#ffffff";
const WITHHELD = "#d6d2d8";
const MISSING = "#a8a2aa";
const SOURCES = { ambulance_callouts: "Ambulance", police_incidents: "Police", ed_assaults: "Hospital" };
const WORDS = { none: "none", withheld: "number withheld", missing: "not received", not_applicable: "does not apply here" };

// A worker is made from the address of our own script, and from no other.
function trusted(worker) {
  const own = new URL(worker, location.href).href;
  window.trustedTypes?.createPolicy("default", {
    createScriptURL: (url) => (new URL(url, location.href).href === own ? own : null),
  });
  setWorkerUrl(own);
}

function colours(dataset) {
  const steps = COUNTS.flatMap((colour, step) => [String(step), colour]);
  return ["match", ["to-string", ["get", dataset]], ...steps, "none", PAPER, "withheld", WITHHELD, MISSING];
}

function style(areas, dataset, basemap) {
  const below = basemap
    ? {
        sources: { base: { type: "vector", url: `pmtiles://${basemap}` } },
        layers: [
          { id: "water", type: "fill", source: "base", "source-layer": "water", paint: { "fill-color": "#dbd7da" } },
          { id: "roads", type: "line", source: "base", "source-layer": "roads", paint: { "line-color": "#b9b3bb" } },
        ],
      }
    : { sources: {}, layers: [] };
  return {
    version: 8,
    sources: { ...below.sources, areas: { type: "geojson", data: areas } },
    layers: [
      { id: "land", type: "background", paint: { "background-color": PAPER } },
      ...below.layers,
      {
        id: "fill", type: "fill", source: "areas",
        paint: { "fill-color": colours(dataset), "fill-opacity": basemap ? 0.6 : 1 },
      },
      { id: "edge", type: "line", source: "areas", paint: { "line-color": "#86808a", "line-width": 0.5 } },
    ],
  };
}

function bounds(areas) {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const one of areas.features)
    for (const ring of one.geometry.coordinates.flat())
      for (const [x, y] of ring) {
        west = Math.min(west, x);
        east = Math.max(east, x);
        south = Math.min(south, y);
        north = Math.max(north, y);
      }
  return [[west, south], [east, north]];
}

export async function draw(place) {
  const answer = await fetch(place.dataset.areas);
  if (!answer.ok) throw new Error(`The outlines did not come: ${answer.status}`);
  const areas = await answer.json();
  const shown = Object.keys(SOURCES).filter((dataset) => dataset in (areas.features[0]?.properties ?? {}));
  if (!shown.length) throw new Error("There is nothing to draw.");
  trusted(place.dataset.worker);
  const basemap = place.dataset.basemap && new URL(place.dataset.basemap, location.href).href;
  if (basemap) {
    const protocol = new Protocol();
    protocol.add(new PMTiles(basemap));
    addProtocol("pmtiles", protocol.tile);
  }
  place.querySelector("[data-moving-maps]").hidden = false;
  const frames = place.querySelector("[data-moving-frames]");
  const whole = bounds(areas);
  const ready = [];
  const maps = shown.map((dataset) => {
    const panel = document.createElement("div");
    const name = document.createElement("h3");
    name.textContent = SOURCES[dataset];
    const frame = document.createElement("div");
    frame.className = "up-moving__frame";
    panel.append(name, frame);
    frames.append(panel);
    const map = new Moving({
      container: frame, style: style(areas, dataset, basemap), bounds: whole, fitBoundsOptions: { padding: 12 },
      attributionControl: false, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, locale: {
        "Map.Title": `Map: ${SOURCES[dataset]}. Arrow keys move it, plus and minus zoom.`,
      },
    });
    map.touchZoomRotate.disableRotation();
    ready.push(new Promise((done, fail) => map.once("load", done).once("error", (what) => fail(what.error))));
    return map;
  });
  together(maps);
  const said = place.querySelector("[data-moving-said]");
  for (const map of maps) map.on("mousemove", "fill", (event) => (said.textContent = told(event.features[0], areas, shown)));
  for (const map of maps) map.on("click", "fill", (event) => (said.textContent = told(event.features[0], areas, shown)));
  const move = { in: () => maps[0].zoomIn(), out: () => maps[0].zoomOut(), whole: () => maps[0].fitBounds(whole, { padding: 12 }) };
  for (const button of place.querySelectorAll("[data-move]")) button.addEventListener("click", move[button.dataset.move]);
  const words = [...areas.attributions, place.dataset.basemapWords ?? ""].filter(Boolean);
  place.querySelector("[data-moving-words]").textContent = words.join(" ");
  await Promise.all(ready);
  place.dataset.drawn = "yes";
}

function told(feature, areas, shown) {
  const classes = shown.map((dataset) => {
    const found = feature.properties[dataset];
    return `${SOURCES[dataset]} ${typeof found === "number" ? areas.labels[found] : WORDS[found]}`;
  });
  return `${feature.properties.name}: ${classes.join(", ")}.`;
}

// What one map is moved to, the others are moved to.
function together(maps) {
  let leads = null;
  for (const map of maps)
    map.on("move", () => {
      if (leads && leads !== map) return;
      leads = map;
      for (const other of maps) if (other !== map) other.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
      leads = null;
    });
}
