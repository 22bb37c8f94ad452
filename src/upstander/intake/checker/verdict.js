// What a whole file adds up to: its outcome, and the sentences its sender reads. As verdict.py does it.

import { SPREADSHEET_RULE } from "./rules.js";
import { say, stop } from "./sentences.js";
import * as words from "./words.js";

const TIME_REPAIRS = [["24:00", "midnight_24"], ["offset", "offset"], ["serial", "serial"]];
const POSTCODE_REPAIRS = [
  ["repaired", "postcode_repaired"], ["partial", "postcode_partial"], ["not one", "postcode_none"],
];

// Stops for what only the whole file shows: that none of its dates or references can be trusted.
export function refuseUntrustworthy(tally, reader) {
  if (isMoreThanSlips(reader.swapped, tally)) throw stop("day_month_mixed", { count: reader.swapped });
  const lost = tally.failures.get(SPREADSHEET_RULE) ?? 0;
  if (isMoreThanSlips(lost, tally)) throw stop("digits_lost", { count: lost });
}

export function verdictOn(lines, tally, { reader, header, decoder, concerns }) {
  const repairs = [...decoder.notes, ...header.notes, ...repairsOf(tally, reader)];
  const notes = notesOf(tally);
  const holds = [...header.holds, ...decoder.holds, ...holdsOf(lines, tally, reader), ...concerns];
  const said = [
    words.opening(lines, holds),
    ...(tally.setAside.size ? [words.setAside(tally)] : []),
    ...(lines.quarantined ? [words.keptBack(tally)] : []),
    ...repairs,
    ...notes,
  ];
  return { outcome: outcomeOf(lines, repairs, holds), message: said.join(" "), repairs, notes, holds };
}

function outcomeOf(lines, repairs, holds) {
  if (holds.length) return "HOLD";
  if (lines.quarantined) return "ROWQ";
  return repairs.length ? "NORMALISE" : "ACCEPT";
}

// What was mended, each in a sentence.
function repairsOf(tally, reader) {
  const { endings, limits } = tally;
  const said = [];
  const add = (name, count) => { if (count) said.push(say(name, { count })); };
  if ([endings.lf, endings.crlf, endings.cr].filter(Boolean).length > 1) said.push(say("line_endings"));
  if (tally.blank > limits.many_blank) said.push(say("blank_lines", { count: tally.blank }));
  add("nothings", tally.nullSpellings + reader.codeNothings);
  TIME_REPAIRS.forEach(([repair, name]) => add(name, reader.repairs[repair]));
  reader.mixedFormats.forEach((column) => said.push(say("formats", { column })));
  POSTCODE_REPAIRS.forEach(([repair, name]) => add(name, reader.postcodes.counts[repair]));
  add("ambiguous", tally.ambiguous);
  return said;
}

// What a reader of the numbers should know, though nothing was mended.
function notesOf(tally) {
  const said = tally.figures ? [words.figures(tally)] : [];
  if (tally.defaultTimes) said.push(say("default_times", { count: tally.defaultTimes, timed: tally.timed }));
  if (tally.formulaLike) said.push(say("formulas", { count: tally.formulaLike }));
  if (tally.earlyTogether) said.push(say("early_together", { count: tally.earlyTogether }));
  return said;
}

// Why a person must look first.
function holdsOf(lines, tally, reader) {
  const { enough, nearly_all: nearlyAll } = tally.limits;
  const said = [];
  if (lines.records === 0) said.push(say("no_rows"));
  if (isMoreThanSlips(reader.twoDigit, tally)) said.push(say("two_digit_years", { count: reader.twoDigit }));
  if (tally.timed >= enough && tally.defaultTimes >= nearlyAll * tally.timed) {
    said.push(say("all_midnight", { count: tally.defaultTimes, timed: tally.timed }));
  }
  said.push(...aboutPeople(tally, reader.facts.supplier.agreed));
  if (tally.records >= enough && tally.longPast * 2 > tally.records) {
    said.push(say("long_past", { count: tally.longPast, rows: lines.records }));
  }
  return said;
}

// What is told of people that nobody agreed to.
function aboutPeople({ toldDetails, namedVictims, limits, records }, agreed) {
  const said = [];
  if (toldDetails && toldDetails >= limits.slips * records && !agreed.details_in_text) {
    said.push(say("details_in_text", { count: toldDetails }));
  }
  if (namedVictims && !agreed.names_with_sexual_offences) said.push(say("named_victims", { count: namedVictims }));
  return said;
}

const isMoreThanSlips = (count, { limits, records }) => count >= Math.max(limits.a_few, limits.slips * records);
