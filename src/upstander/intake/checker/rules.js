// What a row must meet, in the order in which the reasons are told. As rules.py does it.

import { dayOf, isoDay } from "./calendar.js";
import { isIssued, isPlaceholder } from "./identifiers.js";
import { refsOf } from "./persons.js";
import { expected } from "./sentences.js";
import { isLongerThan } from "./text.js";

const DAY = 86400;
export const SPREADSHEET_RULE = "digits lost to a spreadsheet";

// The rules of one file. columns: the contract columns it fills. received: wall clock of the supplier's zone.
export function rulesFor(facts, columns, { received, covers }) {
  const sent = facts.contract.columns.filter((column) => columns.has(column.name));
  const ofColumns = sent.flatMap((column) => ofColumn(column, facts));
  if (facts.contract.are_figures) return [...ofColumns, ...ofStatistics(facts, columns, received, covers)];
  return [
    ...ofColumns,
    ...ofEvent(facts, columns, received, covers),
    ...ofPerson(facts, columns),
    ...ofNhsNumber(facts, columns),
    ...ofPoint(facts, columns),
  ];
}

// `fails` says of a row whether it breaks the rule; null (nothing to judge) counts as met.
const rule = (name, column, fails, facts = {}, right = name) =>
  ({ name, column, fails, expected: expected(right, facts) });

const isFilled = (value) => value !== null && value !== undefined;
const matches = (column, pattern) => (row) => isFilled(row.text[column]) && pattern.test(row.text[column]);

function ofColumn(column, { formats, code_lists: lists, patterns, limits, marks }) {
  const { name, kind } = column;
  const isUnread = (row) => row.isUnread[name];
  const made = column.required
    ? [rule("required and missing", name, (row) => row.text[name] === null, { means: column.means })] : [];
  if (kind === "timestamp" || kind === "date") {
    const what = kind === "date" ? "a date" : "a date and time";
    return [...made, rule("not a date", name, isUnread, { what, example: formats[name][0].example })];
  }
  if (kind === "integer" || kind === "decimal") return [...made, rule("not a number", name, isUnread)];
  if (kind === "figure") return [...made, rule("not a figure", name, isUnread, { marks })];
  if (column.codes !== null) {
    return [...made, rule("code not in the codelist", name, isUnread, { codes: lists[column.codes].some })];
  }
  return column.identifies && !column.free_text ? [...made, ...ofIdentifier(name, patterns, limits)] : made;
}

function ofIdentifier(name, patterns, limits) {
  const made = [tooLong(name, limits), rule("invisible character", name, matches(name, patterns.invisible))];
  if (!name.endsWith("_ref")) return made;
  return [
    ...made,
    rule("look-alike letters", name, matches(name, patterns.look_alike)),
    rule(SPREADSHEET_RULE, name, matches(name, patterns.spreadsheet_number)),
  ];
}

const tooLong = (name, { longest_text: most }) =>
  rule("too long", name, (row) => isFilled(row.text[name]) && isLongerThan(row.text[name], most), { most });

function ofEvent(facts, columns, received, covers) {
  const { contract, supplier } = facts;
  const { starts, ends } = contract.event_times[0];
  const timed = contract.event_times.map((when) => when.starts).filter((name) => columns.has(name));
  const isRequired = contract.columns.some((column) => column.name === starts && column.required);
  const hasNothing = ({ event, isUnread, text }) =>
    event.from === null && !timed.some((name) => isUnread[name]) && !(isRequired && text[starts] === null);
  const made = [
    rule("no time at all", starts, hasNothing),
    rule("time that does not exist", starts, ({ event }) => event.from !== null && event.utc === null,
      { zone: supplier.zone }),
    rule("in the future", starts, ({ event }) => event.from !== null && event.from > received),
    rule("ends before it starts", columns.has(ends) ? ends : starts,
      ({ event }) => isFilled(event.ends) && event.from !== null && event.ends < event.from),
  ];
  const recorded = recordedApart(facts, columns);
  if (recorded !== null) {
    const isEarly = (row) => isRecordedEarly(row, recorded) && !row.event.isShared;
    made.push(rule("recorded before it happened", recorded, isEarly));
  }
  if (covers && supplier.delivers === "whole") {
    const isOutside = (row) => isFilled(countedOf(row, contract)) && isBeyond(countedOf(row, contract), covers);
    made.push(rule("outside the period", starts, isOutside, daysOf(covers)));
  }
  return made;
}

// The column that says when a row was recorded, where that can contradict when it happened.
export function recordedApart({ contract }, columns) {
  const { recorded_column: recorded, event_times: [first] } = contract;
  return first && columns.has(recorded) && recorded !== first.starts ? recorded : null;
}

export function isRecordedEarly({ at, event }, recorded) {
  if (!isFilled(at[recorded]) || event.from === null) return false;
  const isTimed = event.fine === "minute" || event.fine === "hour";
  return isTimed ? at[recorded] < event.from : dayOf(at[recorded]) < dayOf(event.from);
}

// The moment whose date `covers` is about.
export const countedOf = (row, { counted_by: name }) => (name === "event.from" ? row.event.from : row.at[name]);
const isBeyond = (moment, { start, end }) => moment < start || moment >= end;
const daysOf = ({ start, end }) => ({ first: isoDay(start), last: isoDay(end - DAY) });

// What figures need besides being numbers: a period that has begun, and an area of an agreed kind.
function ofStatistics({ supplier, period_words: words, patterns, limits }, columns, received, covers) {
  const made = [
    rule("not a period", "period", (row) => row.isUnread.period, words),
    rule("in the future", "period", ({ event }) => event.from !== null && event.from > received, {},
      "figure in the future"),
  ];
  if (covers && supplier.delivers === "whole") {
    const isOutside = ({ event }) => event.from !== null && isBeyond(event.from, covers);
    made.push(rule("outside the period", "period", isOutside, daysOf(covers), "figure outside the period"));
  }
  if (columns.has("indicator")) {
    made.push(rule("required and missing", "indicator", (row) => row.text.indicator === null, {}, "no indicator"));
  }
  const named = ["area_code", "area_name"].filter((name) => columns.has(name));
  if (supplier.areas.level) {
    const kinds = Object.keys(supplier.areas.levels);
    made.push(rule("area of no agreed kind", named[0], (row) => !kinds.includes(row.text["area.level"]),
      { kinds: kinds.join(", ") }));
  }
  made.push(rule("no area at all", named[0], (row) => named.every((name) => row.text[name] === null)));
  if (columns.has("area_code")) {
    const isOdd = ({ text }) => text.area_code !== null && !patterns.area_code.test(text.area_code);
    made.push(rule("not an area code", "area_code", isOdd));
  }
  if (columns.has("area_name")) made.push(tooLong("area_name", limits));
  return made;
}

function ofPerson({ limits, test_names: names, placeholder_births: births }, columns) {
  const made = [];
  if (columns.has("dob")) {
    const placeholders = new Set(births);
    made.push(rule("placeholder date of birth", "dob", ({ at }) => isFilled(at.dob) && placeholders.has(isoDay(at.dob))));
    made.push(rule("born after it happened", "dob", isBornAfter));
  }
  if (columns.has("age")) {
    const isStrange = ({ number: { age } }) =>
      isFilled(age) && (age < 0 || age > limits.oldest_age || age !== Math.floor(age));
    made.push(rule("impossible age", "age", isStrange, { most: limits.oldest_age }));
  }
  if (columns.has("surname")) {
    const isTest = ({ text: { surname } }) =>
      surname !== null && (names.any_case.includes(surname.toUpperCase()) || surname === names.in_capitals);
    made.push(rule("test record", "surname", isTest));
  }
  return made;
}

const isBornAfter = ({ at, event }) =>
  isFilled(at.dob) && event.from !== null && dayOf(at.dob) > dayOf(event.from)
  && event.fine !== "month" && event.fine !== "unknown";

function ofNhsNumber(facts, columns) {
  const { nhs_fillers: fillers } = facts;
  const column = refsOf(facts, columns).nhsNumber;
  if (!column) return [];
  const isSent = (row) => row.text[column] !== null;
  return [
    rule("placeholder NHS number", column, (row) => isSent(row) && isPlaceholder(row.text[column], fillers)),
    rule("not an NHS number", column, (row) => isSent(row) && !isIssued(row.text[column], fillers)),
  ];
}

function ofPoint({ limits }, columns) {
  const made = [];
  for (const [across, up] of [["easting", "northing"], ["longitude", "latitude"]]) {
    if (!columns.has(across) || !columns.has(up)) continue;
    const isHalf = ({ text }) => (text[across] === null) !== (text[up] === null);
    made.push(rule("location is half a point", across, isHalf, { across, up }));
    made.push(rule("location is nowhere", across, isNowhere(across, up, limits)));
  }
  if (columns.has("longitude") && columns.has("latitude")) {
    const isOff = ({ number }) => Math.abs(number.longitude ?? 0) > 180 || Math.abs(number.latitude ?? 0) > 90;
    made.push(rule("location off the globe", "longitude", isOff));
  }
  return made;
}

const isNowhere = (across, up, limits) => ({ number }) => {
  const [x, y] = [number[across], number[up]];
  if (across === "longitude") return x === 0 && y === 0;
  return [x, y].some((metres) => isFilled(metres) && (metres <= 0 || metres > limits.furthest_m));
};
