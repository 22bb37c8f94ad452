// The periods that published figures are for, read as the map says they are written. As periods.py does it.

import { civil, isDay, moment, MONTHS } from "./calendar.js";
import { trimmedAsPython } from "./text.js";

const YEARS = /^(\d{4})(?:[-/–]?(\d{2}|\d{4}))?$/;
const BETWEEN = /\s+to\s+|\s+[-–]\s+|[-–](?=[A-Za-z])/;
const DAY = 86400;
const LAST_YEAR = 9999;

export class PeriodReader {
  // words: {form, identifier, forms}; formats: strptime patterns of a month.
  constructor(words, formats) {
    this.words = words;
    this.readMonth = monthReader(formats);
    this.known = new Map();
  }

  // {start, end}: seconds of the first day and of the day after the last; null where the text is no period.
  read(text, identifier) {
    const key = JSON.stringify([text, identifier]);
    if (!this.known.has(key)) this.known.set(key, this.one(text, identifier));
    return this.known.get(key);
  }

  one(text, identifier) {
    const { form, forms } = this.words;
    const isWhat = Object.keys(forms).length ? forms[trimmedAsPython(identifier ?? "")] : form;
    return text === null || !isWhat ? null : READERS[isWhat](trimmedAsPython(text), this.readMonth);
  }
}

// 2026-07, 2026-Q3, FY2026, AY2026, 2026-W31, 2026-07-04 or 2026-07-01/2026-10-01; null for anything else.
export function parsedPeriod(text) {
  const said = trimmedAsPython(text);
  if (said.includes("/")) return spanOf(said.split("/").map(dayFrom));
  if (/^\d{4}-\d{2}-\d{2}$/.test(said)) return daysFrom(dayFrom(said), 1);
  let found = /^(\d{4})-(\d{2})$/.exec(said);
  if (found) return months(Number(found[1]), Number(found[2]), 1);
  found = /^(\d{4})-Q([1-4])$/.exec(said);
  if (found) return months(Number(found[1]), 3 * Number(found[2]) - 2, 3);
  found = /^(FY|AY)(\d{4})$/.exec(said);
  if (found) return months(Number(found[2]), found[1] === "FY" ? 4 : 9, 12);
  found = /^(\d{4})-W(\d{2})$/.exec(said);
  return found ? weekOf(Number(found[1]), Number(found[2])) : null;
}

function dayFrom(text) {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  const [year, month, day] = found ? found.slice(1).map(Number) : [0, 0, 0];
  return year > 0 && isDay(year, month, day) ? moment(year, month, day) : null;
}

const daysFrom = (start, days) => (start === null ? null : { start, end: start + days * DAY });
const spanOf = ([start, end, ...more]) =>
  (more.length || start === null || end === null || end <= start ? null : { start, end });

function weekOf(year, week) {
  const fourth = moment(year, 1, 4);
  const weekday = (((fourth / DAY + 3) % 7) + 7) % 7; // from Monday; years before 1970 count backwards
  const monday = fourth - weekday * DAY;
  const start = monday + (week - 1) * 7 * DAY;
  return week >= 1 && civil(start + 3 * DAY).year === year ? daysFrom(start, 7) : null;
}

function months(year, month, length) {
  const after = month - 1 + length;
  const lastYear = year + Math.floor(after / 12);
  if (month < 1 || month > 12 || year < 1 || lastYear > LAST_YEAR) return null;
  return { start: moment(year, month, 1), end: moment(lastYear, (after % 12) + 1, 1) };
}

const twelveMonths = (year, month) => (year > 1 && year < LAST_YEAR ? months(year, month, 12) : null);

const ours = (text) => (/^\d{4}$/.test(text) ? twelveMonths(Number(text), 1) : parsedPeriod(text));

// 2024, 202425, 2024/25 and 2024-2025 as the year from that month; a year alone is its first or its last.
const yearStarting = (month, isNamedByEnd = false) => (text) => {
  const found = YEARS.exec(text);
  if (!found) return null;
  const first = Number(found[1]);
  if (found[2] === undefined) return twelveMonths(first - isNamedByEnd, month);
  const next = found[2].length > 2 ? first + 1 : (first + 1) % 100;
  return Number(found[2]) === next ? twelveMonths(first, month) : null;
};

function yearEnding(text, readMonth) {
  const last = readMonth(text);
  if (last === null) return null;
  const { year, month } = civil(last.end);
  return twelveMonths(year - 1, month);
}

function firstToLast(text, readMonth) {
  const read = text.split(BETWEEN).map(readMonth);
  const [first, last] = [read[0], read.at(-1)];
  if (read.length !== 2 || first === null || last === null || last.start < first.start) return null;
  return { start: first.start, end: last.end };
}

const READERS = {
  ours,
  month: (text, readMonth) => readMonth(text),
  months: firstToLast,
  year: yearStarting(1),
  fy_starting: yearStarting(4),
  fy_ending: yearStarting(4, true),
  ay_starting: yearStarting(9),
  ay_ending: yearStarting(9, true),
  year_ending: yearEnding,
};

// Months by the patterns of Python's own strptime, which wants the whole text.
function monthReader(formats) {
  const patterns = formats.map(monthPattern);
  return (text) => {
    for (const pattern of patterns) {
      const found = pattern.exec(text);
      const month = found && monthOf(found.groups);
      if (month) return month;
    }
    return null;
  };
}

const MONTH_PARTS = {
  Y: "(?<Y>[0-9]{4})", y: "(?<y>[0-9]{2})", m: "(?<m>1[0-2]|0[1-9]|[1-9])",
  d: "(?<d>3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9])",
  B: `(?<B>${MONTHS.join("|")})`, b: `(?<b>${MONTHS.map((name) => name.slice(0, 3)).join("|")})`, "%": "%",
};

function monthPattern(format) {
  const source = format.replace(/%(.)|\s+|[\\^$.|?*+()[\]{}]/gsu, (sign, letter) => {
    if (letter) return MONTH_PARTS[letter];
    return /\s/.test(sign) ? "\\s+" : `\\${sign}`;
  });
  return new RegExp(`^(?:${source})$`, "iu");
}

function monthOf({ Y, y, m, d, B, b }) {
  const named = (B ?? b)?.slice(0, 3).toLowerCase();
  const month = named ? MONTHS.findIndex((name) => name.toLowerCase().startsWith(named)) + 1 : Number(m ?? 1);
  const year = y === undefined ? Number(Y ?? 1900) : Number(y) + (Number(y) < 69 ? 2000 : 1900);
  return d !== undefined && !isDay(year, month, Number(d)) ? null : months(year, month, 1);
}
