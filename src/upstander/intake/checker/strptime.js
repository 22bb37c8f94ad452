// Dates by strptime patterns, as the Rust parser behind times.py reads them: blanks before a number and in the place of
// a blank are free, a number may be shorter than its pattern, a name may be in any case.

import { isDay, isLeap, moment, MONTHS } from "./calendar.js";
import { RUST_HEAD } from "./text.js";

const SHORTHANDS = { F: "%Y-%m-%d", T: "%H:%M:%S", R: "%H:%M", D: "%m/%d/%y" };
const WIDTHS = { Y: 4, y: 2, m: 2, d: 2, e: 2, H: 2, k: 2, I: 2, l: 2, M: 2, S: 2, j: 3 };
const TWO_DIGITS = /^[0-9]{2}/;
const NUMBERS = Object.fromEntries(Object.entries(WIDTHS).map(([letter, most]) => [letter, new RegExp(`^[0-9]{1,${most}}`)]));
const AFTER_SIGN = /^[0-9]{1,6}/; // more years than any calendar here counts
const WITHOUT_DAY = { Y: /^[0-9]{4}/, m: /^[0-9]{2}/ };

// Reads a text by one pattern: seconds from 1970 on the wall clock, or null where it does not fit.
export function patternReader(pattern) {
  const parts = partsOf(pattern);
  const letters = new Set(parts.map((part) => part.letter));
  const hasDay = ["d", "e", "j"].some((letter) => letters.has(letter));
  return hasDay ? (text) => readFreely(text, parts) : (text) => readStrictly(text, parts);
}

function partsOf(pattern) {
  const whole = pattern.replace(/%([FTRD])/g, (_, letter) => SHORTHANDS[letter]);
  return Array.from(whole.matchAll(/%(.)|(\s+)|([^%\s]+)/gsu), ([, letter, blank, literal]) =>
    letter === "%" ? { literal: "%" } : { letter, blank, literal });
}

function readFreely(text, parts) {
  const found = {};
  let rest = text;
  for (const { letter, blank, literal } of parts) {
    if (blank) rest = rest.replace(RUST_HEAD, "");
    else if (literal) rest = rest.startsWith(literal) ? rest.slice(literal.length) : null;
    else rest = taken(rest, letter, found);
    if (rest === null) return null;
  }
  return rest === "" ? momentOf(found) : null;
}

// A pattern of months only is read by another parser, which wants every digit and the name as it is written.
function readStrictly(text, parts) {
  const found = {};
  let rest = text;
  for (const { letter, blank, literal } of parts) {
    const wanted = blank ?? literal;
    if (wanted) rest = rest.startsWith(wanted) ? rest.slice(wanted.length) : null;
    else rest = takenStrictly(rest, letter, found);
    if (rest === null) return null;
  }
  return rest === "" ? momentOf({ ...found, d: 1 }) : null;
}

function takenStrictly(rest, letter, found) {
  if (letter === "B" || letter === "b" || letter === "h") {
    const names = MONTHS.map((name) => (letter === "B" ? name : name.slice(0, 3)));
    const month = names.findIndex((name) => rest.startsWith(name));
    found.m = month + 1;
    return month < 0 ? null : rest.slice(names[month].length);
  }
  const digits = WITHOUT_DAY[letter]?.exec(rest);
  if (!digits) return null;
  found[letter] = Number(digits[0]);
  return rest.slice(digits[0].length);
}

function taken(rest, letter, found) {
  if (letter === "b" || letter === "h" || letter === "B") return takenMonth(rest, letter === "B", found);
  if (letter === "p" || letter === "P") return takenHalf(rest, found);
  return takenNumber(isDigit(rest) ? rest : rest.replace(RUST_HEAD, ""), letter, found);
}

const isDigit = (text) => text >= "0" && text < ":";

function takenNumber(rest, letter, found) {
  const sign = letter === "Y" && (rest[0] === "+" || rest[0] === "-") ? rest[0] : "";
  const wanted = letter === "y" ? TWO_DIGITS : NUMBERS[letter];
  const digits = (sign ? AFTER_SIGN : wanted).exec(rest.slice(sign.length));
  if (!digits) return null;
  found[letter] = Number(sign + digits[0]);
  return rest.slice(sign.length + digits[0].length);
}

function takenMonth(rest, mayBeLong, found) {
  const lower = rest.toLowerCase();
  const names = MONTHS.map((name) => name.toLowerCase());
  const month = names.findIndex((name) => lower.startsWith(name.slice(0, 3)));
  if (month < 0) return null;
  found.m = month + 1;
  return rest.slice(mayBeLong && lower.startsWith(names[month]) ? names[month].length : 3);
}

function takenHalf(rest, found) {
  const half = rest.slice(0, 2).toLowerCase();
  if (half !== "am" && half !== "pm") return null;
  found.p = half;
  return rest.slice(2);
}

function momentOf(found) {
  const time = timeOf(found);
  const year = found.Y ?? (found.y === undefined ? undefined : found.y + (found.y < 70 ? 2000 : 1900));
  if (time === null || year === undefined) return null;
  if (found.j !== undefined) {
    return found.j >= 1 && found.j <= 365 + isLeap(year) ? moment(year, 1, 1) + (found.j - 1) * 86400 + time : null;
  }
  const [month, day] = [found.m, found.d ?? found.e];
  return isDay(year, month, day) ? moment(year, month, day) + time : null;
}

// A second numbered 60 is the first of the next minute.
function timeOf(found) {
  const hour = hourOf(found);
  const [minute, second] = [found.M ?? 0, found.S ?? 0];
  if (hour === null || hour > 23 || minute > 59 || second > 60) return null;
  return hour * 3600 + minute * 60 + second;
}

function hourOf(found) {
  const hour = found.I ?? found.l;
  if (hour === undefined) return found.H ?? found.k ?? 0;
  return hour < 1 || hour > 12 || !found.p ? null : (hour % 12) + (found.p === "pm" ? 12 : 0);
}
