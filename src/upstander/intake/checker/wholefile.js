// What only a whole file shows: one person, one place or one code in most rows, references too short. As wholefile.py.
// Whether points lie outside the area nobody can tell here.

import { say } from "./sentences.js";
import { byCodePoint } from "./text.js";

// The sentences why a person must look first, by what the whole file is like.
export function concernsOf(profiler, facts) {
  if (facts.contract.are_figures) return [];
  return [
    ...onePerson(profiler, facts),
    ...onePlace(profiler, facts),
    ...oneLine(profiler, facts),
    ...oneCode(profiler, facts),
    ...tooShort(profiler, facts),
  ];
}

// The last step that so many rows reach; undefined below the first.
const stepOf = (steps, rows) => steps.filter((step) => rows >= step.rows).at(-1);

function isOver(steps, part, rows) {
  const step = stepOf(steps, rows);
  return step !== undefined && part * step.of > step.over * rows;
}

const limitOf = (steps, rows) => say("lets_pass", stepOf(steps, rows));

// Whole per cent, halves up; never 100% for less than all.
function percent(part, rows) {
  const whole = Math.floor((200 * part + rows) / (2 * rows));
  return `${part < rows ? Math.min(whole, 99) : whole}%`;
}

function onePerson({ values, sent: rows }, { whole_file: { person, persons, name_and_birth: named } }) {
  const names = [...values.keys()].filter((name) => persons.includes(name) || name === named).sort(byCodePoint);
  return names.map((column) => ({ column, count: values.get(column).commonest }))
    .filter(({ count }) => isOver(person, count, rows))
    .map(({ column, count }) => say("one_person", { count, rows, column, limit: limitOf(person, rows) }));
}

function onePlace({ values, sent: rows }, { whole_file: { place, spread } }) {
  const [postcode, point] = [values.get("postcode"), values.get("point")];
  const isMost = (told) => told !== undefined && isOver(place, told.commonest, rows);
  const said = (name, { commonest: count }) =>
    say(name, { count, rows, share: percent(count, rows), limit: limitOf(place, rows) });
  return [
    ...(isMost(postcode) && !standForThemselves(point, rows, spread) ? [said("one_postcode", postcode)] : []),
    ...(isMost(point) ? [said("one_point", point)] : []),
  ];
}

// Whether the rows have points of their own, of which nothing else is known here.
const standForThemselves = (point, rows, spread) =>
  point !== undefined && (point.isFull || point.distinct * spread.of >= spread.over * rows) && rows >= spread.rows;

// One easting under many northings, or the other way: a column that was overwritten.
function oneLine({ values, sent: rows }, { whole_file: { line } }) {
  const ways = [["easting", "northing"], ["longitude", "latitude"]].flatMap(([one, two]) => [[one, two], [two, one]]);
  return ways.filter(([column, other]) => values.has(column) && values.has(other))
    .map(([column, other]) => ({ column, other, count: values.get(column).commonest }))
    .filter(({ count }) => isOver(line, count, rows))
    .filter(({ count, other }) => values.get(other).commonest * 2 <= count)
    .map(({ column, other, count }) => say("one_line", { count, rows, column, other }));
}

function oneCode({ codes, sent: rows }, { contract, supplier, whole_file: limits }) {
  const step = stepOf(limits.code, rows);
  if (step === undefined) return [];
  const chosenBy = supplier.columns.filter(([heading]) => heading === supplier.filter?.column).map(([, name]) => name);
  const leftOut = [...limits.may_be_one, ...supplier.constants.map(([name]) => name), ...chosenBy];
  return contract.columns.filter(({ name }) => codes.has(name) && !leftOut.includes(name)).flatMap((column) => {
    const [code, count] = commonest(codes.get(column.name));
    const telling = limits.telling[column.codes];
    if (limits.may_be_most.includes(code) || telling < limits.codes) return [];
    if (!isOver(limits.code, count, rows)) return [];
    const which = column.quotable ? `'${code}'` : "one code";
    return [say("one_code", { column: column.name, which, count, rows, share: percent(count, rows), codes: telling })];
  });
}

// The code with the most rows; of equals the first in order.
const commonest = (counts) =>
  [...counts].sort(([one, few], [other, many]) => many - few || byCodePoint(one, other))[0];

function tooShort({ values, cells, short }, { whole_file: { short: steps, shortest_reference: least } }) {
  return [...values.keys()].sort(byCodePoint).filter((name) => isOver(steps, short.get(name) ?? 0, cells.get(name) ?? 0))
    .map((column) => say("too_short", { count: short.get(column), cells: cells.get(column), column, least }));
}
