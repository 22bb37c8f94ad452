// Dates and times by the formats the supplier states. Repairs are named and counted; nothing is guessed. As times.py.

import { civil } from "./calendar.js";
import { patternReader } from "./strptime.js";
import { trimmedEnd } from "./text.js";

const OLDEST_YEAR = 1000;
const DAY = 86400;
const EXCEL_EPOCH = -25569 * DAY; // 30 December 1899
const MIDNIGHT = /24:00(:00)?$/;
const OFFSET = /(Z|[+-]\d{2}:?\d{2})$/;
const SERIAL = /^\d{5}(\.\d+)?$/;
const TWO_DIGIT_YEAR = /^\p{Nd}{1,2}[/.-]\p{Nd}{1,2}[/.-]\p{Nd}{2}(?![\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d])/u;
const PRECISIONS = ["minute", "hour", "day", "month"];

// Reads the texts of one column and remembers what it mended.
export class TimeReader {
  // formats: {pattern, precision} in the order in which they are tried.
  constructor(formats, zone) {
    this.formats = formats.map((format) => ({ ...format, read: patternReader(format.pattern) }));
    this.timed = this.formats.filter((format) => format.precision === "minute");
    this.turned = formats.filter(({ pattern }) => pattern.includes("%d/%m"))
      .map(({ pattern }) => patternReader(pattern.replace("%d/%m", "%m/%d")));
    this.zone = zone;
    this.used = new Set();
    this.repairs = { "24:00": 0, offset: 0, serial: 0 };
    this.swapped = 0;
    this.twoDigit = 0;
  }

  // The moment on the wall clock, how exact it is, and whether there is a text that could not be read.
  read(text) {
    if (text === null) return { at: null, fine: null, isUnread: false };
    for (const { pattern, precision, read } of this.formats) {
      const at = read(text);
      if (at !== null && civil(at).year >= OLDEST_YEAR) {
        this.used.add(pattern);
        return { at, fine: precision, isUnread: false };
      }
    }
    const at = this.mended(text);
    if (at === null) this.countSlips(text);
    return { at, fine: at === null ? null : "minute", isUnread: at === null };
  }

  mended(text) {
    const mends = [["24:00", MIDNIGHT, midnightOf], ["offset", OFFSET, offsetOf], ["serial", SERIAL, serialOf]];
    let at = null;
    for (const [name, pattern, mend] of mends) {
      if (!pattern.test(text)) continue;
      const found = mend(text, this);
      if (found === null) continue;
      this.repairs[name] += 1;
      at = found;
    }
    return at;
  }

  countSlips(text) {
    const at = firstReading(text, this.turned);
    this.swapped += at !== null && civil(at).year >= OLDEST_YEAR;
    this.twoDigit += TWO_DIGIT_YEAR.test(text);
  }
}

// A precision, but never finer than `finest`.
export function coarser(fine, finest) {
  if (finest === "unknown") return "unknown";
  return fine !== null && PRECISIONS.indexOf(fine) < PRECISIONS.indexOf(finest) ? finest : fine;
}

function firstReading(text, readers) {
  for (const read of readers) {
    const at = read(text);
    if (at !== null) return at;
  }
  return null;
}

const timedReading = (text, { timed }) => firstReading(text, timed.map((format) => format.read));

function midnightOf(text, reader) {
  const at = timedReading(text.replace(MIDNIGHT, (_, seconds) => `00:00${seconds ?? ""}`), reader);
  return at === null ? null : at + DAY;
}

function offsetOf(text, reader) {
  const base = timedReading(trimmedEnd(text.replace(OFFSET, "")), reader);
  if (base === null) return null;
  const stated = OFFSET.exec(text)[1].replace("Z", "+0000").replace(":", "");
  const minutes = Number(stated.slice(1, 3)) * 60 + Number(stated.slice(3, 5));
  return reader.zone.localOf(base - (stated[0] === "-" ? -minutes : minutes) * 60);
}

// A spreadsheet's day number; halves of a second go to the even one.
function serialOf(text) {
  const seconds = Number(text) * DAY;
  const low = Math.floor(seconds);
  const isHalf = seconds - low === 0.5;
  return EXCEL_EPOCH + (isHalf ? low + (low % 2) : Math.round(seconds));
}
