// Each record of a block to its one fate: accepted, quarantined or set aside. As sorting.py does it.

import { columnMaker } from "./columns.js";
import { holdsDetails } from "./details.js";
import { Profiler } from "./profiling.js";
import { countedOf, isRecordedEarly, recordedApart, rulesFor } from "./rules.js";
import { Seen } from "./seen.js";
import { expected } from "./sentences.js";
import { increase } from "./tally.js";
import { firstCharacters, trimmed } from "./text.js";
import { Reader } from "./typed.js";

const DAY = 86400;
const HALF_DAY = 43200;
const ROWS_A_BREATH = 2000;
const DUPLICATE = "exact duplicate of an earlier row";
const SAME_KEY = "two different rows with the same key";

export class Sorter {
  // present: the headings of the file; received: UTC seconds; zone: the supplier's.
  constructor(facts, present, { received, covers, tally, zone }) {
    this.facts = facts;
    this.tally = tally;
    this.columns = filledFrom(facts.supplier, present);
    this.reader = new Reader(facts, zone);
    this.rules = rulesFor(facts, this.columns, { received: zone.localOf(received), covers });
    this.recorded = recordedApart(facts, this.columns);
    this.inContractColumns = columnMaker(facts, present);
    this.longAgo = received - facts.limits.long_ago_days * DAY;
    this.freeTexts = facts.contract.columns.filter((column) => column.free_text).map((column) => column.name);
    this.quotable = new Set(facts.contract.columns.filter((column) => column.quotable).map((column) => column.name));
    this.profiler = new Profiler(facts, this.columns);
    this.rowsSeen = new Seen();
    this.keysSeen = new Seen();
  }

  // Give every row of a block its fate. `breathe` is awaited now and then, so that nothing freezes.
  async sort({ rows, keptBack }, breathe) {
    this.keepBack(keptBack);
    this.keepBack(rows.filter((row) => this.needsPerson(row)).map((row) => this.handedToPerson(row)));
    const chosen = rows.filter((row) => !this.needsPerson(row) && !this.isSetAside(row));
    const typed = [];
    for (const [index, sent] of chosen.entries()) {
      if (index % ROWS_A_BREATH === 0) await breathe();
      typed.push(this.typed(sent));
    }
    this.markSharedTimes(typed);
    const sound = [];
    const faulty = [];
    for (const [index, row] of typed.entries()) {
      if (index % ROWS_A_BREATH === 0) await breathe();
      const broken = this.rules.filter(({ fails }) => fails(row));
      if (broken.length) faulty.push({ row, broken });
      else if (!this.isExcluded(row)) sound.push(row);
    }
    this.keepFaulty(faulty);
    this.withoutDuplicates(sound).forEach((row) => this.accept(row));
    this.profiler.endBlock();
  }

  keepBack(kept) {
    this.tally.keepBack(kept);
    this.tally.noteMistakes(kept);
  }

  needsPerson({ cells }) {
    const needs = this.facts.supplier.needs_person;
    return needs !== null && needs.values.includes(trimmed(cells.get(needs.column)));
  }

  handedToPerson({ line }) {
    const { column, reason } = this.facts.supplier.needs_person;
    const mapped = this.facts.supplier.columns.find(([heading]) => heading === column);
    const rule = "needs a person";
    return { line, column: mapped ? mapped[1] : column, rule, expected: expected(rule, { reason }), value: null };
  }

  isSetAside({ cells }) {
    const wants = this.facts.supplier.filter;
    if (wants === null) return false;
    const cell = trimmed(cells.get(wants.column));
    const isWanted = wants.pattern === null ? wants.keep.includes(cell) : wants.pattern.test(cell);
    if (!isWanted) increase(this.tally.setAside, wants.reason);
    return !isWanted;
  }

  typed({ line, text: record, cells }) {
    const { text, nothings } = this.inContractColumns(cells);
    this.tally.nullSpellings += nothings;
    this.profiler.countSent(text);
    this.tally.formulaLike += this.freeTexts
      .filter((name) => text[name] && this.facts.patterns.formula.test(text[name])).length;
    this.tally.toldDetails += this.freeTexts.some((name) => name in text && holdsDetails(text[name], this.facts));
    const row = { ...this.reader.typed(line, text), record };
    const isEvent = !this.facts.contract.are_figures;
    this.tally.longPast += isEvent && row.event.from !== null && row.event.from < this.longAgo;
    return row;
  }

  // A time that a tenth of the block's rows share was set by a process: it is doubtful itself, and the rows stand.
  markSharedTimes(rows) {
    if (this.recorded === null) return;
    const same = new Map();
    rows.forEach(({ event }) => increase(same, event.from));
    const least = Math.max(this.facts.limits.shared_by, rows.length / this.facts.limits.shared_by);
    for (const row of rows) {
      row.event.isShared = same.get(row.event.from) >= least;
      this.tally.earlyTogether += row.event.isShared && isRecordedEarly(row, this.recorded);
    }
  }

  // Rows kept back, each under the first rule it breaks; of the mistakes all are told.
  keepFaulty(faulty) {
    this.tally.keepBack(faulty.map(({ row, broken: [first] }) => ({ line: row.line, ...first, rule: first.name })));
    this.tally.noteMistakes(faulty.flatMap(({ row, broken }) => broken.map((rule) => this.mistake(row, rule))));
  }

  mistake({ line, text }, { name: rule, column, expected: right }) {
    const cell = this.quotable.has(column) ? (text[column] ?? null) : null;
    const value = cell === null ? null : firstCharacters(cell, this.facts.limits.value_shown);
    return { line, column, rule, expected: right, value };
  }

  isExcluded({ code }) {
    for (const [column, reasons] of this.facts.excluded) {
      const reason = this.columns.has(column) && code[column] !== null ? reasons.get(code[column]) : undefined;
      if (reason === undefined) continue;
      increase(this.tally.setAside, reason);
      return true;
    }
    return false;
  }

  withoutDuplicates(rows) {
    const { repeats_are: repeatsAre, ids, key: stated } = this.facts.supplier;
    const left = repeatsAre === "mistakes"
      ? this.keepFirst(rows, (row) => this.rowsSeen.add(row.record), DUPLICATE, {}) : rows;
    const key = rows.length ? stated.filter((name) => name in rows[0].text) : [];
    if (ids !== "stable" || !key.length) return left;
    const isAgain = ({ text }) =>
      key.every((name) => text[name] !== null) && this.keysSeen.add(JSON.stringify(key.map((name) => text[name])));
    return this.keepFirst(left, isAgain, SAME_KEY, { key: key.join(" + ") });
  }

  keepFirst(rows, isAgain, rule, facts) {
    const column = this.facts.supplier.key[0] ?? "";
    const again = [];
    const first = rows.filter((row) => !isAgain(row) || !again.push(row));
    this.keepBack(again.map(({ line }) => ({ line, column, rule, expected: expected(rule, facts), value: null })));
    return first;
  }

  accept(row) {
    const { tally, facts } = this;
    const { from, to, utc, fine } = row.event;
    this.profiler.countGood(row);
    tally.accepted += 1;
    tally.ambiguous += utc !== null && utc[0] !== utc[1];
    tally.timed += fine === "minute";
    tally.defaultTimes += fine === "minute" && from % HALF_DAY === 0 && !this.isMeant(row);
    tally.namedVictims += this.isNamed(row) && this.isSexualOffence(row);
    if (!facts.contract.are_figures) {
      tally.widen(countedOf(row, facts.contract), countedOf(row, facts.contract));
      return;
    }
    // A figure speaks for every day of its period, up to the last.
    tally.widen(from, to - DAY);
    this.countFigures(row);
  }

  // Who writes 24:00 means midnight.
  isMeant({ text }) {
    const { contract, patterns } = this.facts;
    return contract.event_times.some(({ starts }) => text[starts] && patterns.midnight.test(text[starts]));
  }

  isNamed({ text }) {
    return this.facts.names.some((name) => (text[name] ?? null) !== null);
  }

  // By the first column whose code says how it was done.
  isSexualOffence({ code }) {
    const told = this.facts.sexual_offences;
    if (told === null || told.always) return told !== null;
    const column = told.by.find(([name, kinds]) => this.columns.has(name) && kinds.has(code[name]));
    return column !== undefined && column[1].get(code[column[0]]);
  }

  countFigures(row) {
    const headings = this.facts.supplier.figures.filter((heading) => this.columns.has(heading));
    const markers = headings.length ? headings.map((heading) => row.marker[heading]) : [row.marker.value];
    this.tally.figures += markers.length;
    markers.forEach((marker) => increase(this.tally.markers, marker));
  }
}

// The contract columns that a file with these headings fills.
function filledFrom({ columns, split, constants, areas, figure_headings: figures }, sent) {
  return new Set([
    ...columns.filter(([heading]) => sent.has(heading)).map(([, name]) => name),
    ...split.filter(([, parts]) => parts.some((part) => sent.has(part))).map(([name]) => name),
    ...constants.map(([name]) => name),
    ...areas.fills,
    ...figures.filter((heading) => sent.has(heading)),
  ]);
}
