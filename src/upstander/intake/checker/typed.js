// Text columns read as what they are. Every reading keeps its text beside it. As typed.py does it.

import { CodeReader } from "./codes.js";
import { figureReader } from "./markers.js";
import { PeriodReader } from "./periods.js";
import { PostcodeReader } from "./postcodes.js";
import { coarser, TimeReader } from "./times.js";

const NUMBER = /^[+-]?[0-9]+(\.[0-9]+)?$/;

export class Reader {
  constructor(facts, zone) {
    this.facts = facts;
    this.zone = zone;
    this.times = new Map();
    this.codes = new Map();
    this.postcodes = new PostcodeReader();
    this.readFigure = figureReader(facts.markers);
    this.periods = new PeriodReader(facts.supplier.period, facts.month_formats);
  }

  // A row with, of each column, its moment, precision, number, code or marker, and the event's times.
  typed(line, text) {
    const row = { line, text, at: {}, fine: {}, number: {}, code: {}, marker: {}, isUnread: {}, event: null, postcode: null };
    for (const column of this.facts.contract.columns) {
      if (column.name in text) this.readInto(row, column, text[column.name]);
    }
    row.event = this.facts.contract.are_figures ? this.periodOf(row) : this.eventOf(row);
    return row;
  }

  readInto(row, column, text) {
    const { name, kind } = column;
    if (kind === "timestamp" || kind === "date") {
      const { at, fine, isUnread } = this.timesOf(name).read(text);
      row.at[name] = at;
      row.fine[name] = fine;
      row.isUnread[name] = isUnread;
    } else if (kind === "integer" || kind === "decimal") {
      row.number[name] = text !== null && NUMBER.test(text) ? Number(text) : null;
      row.isUnread[name] = text !== null && row.number[name] === null;
    } else if (column.codes !== null) {
      const { code, isStrange } = this.codesOf(column).read(text);
      row.code[name] = code;
      row.isUnread[name] = isStrange;
    } else if (kind === "figure") {
      const { marker, isUnread } = this.readFigure(text);
      row.marker[name] = marker;
      row.isUnread[name] = isUnread;
    } else if (name === "postcode") {
      row.postcode = this.postcodes.read(text);
    }
  }

  timesOf(name) {
    if (!this.times.has(name)) this.times.set(name, new TimeReader(this.facts.formats[name], this.zone));
    return this.times.get(name);
  }

  codesOf({ name, codes }) {
    if (!this.codes.has(name)) {
      const { supplier, code_lists: lists } = this.facts;
      this.codes.set(name, new CodeReader(lists[codes], supplier.codes[name] ?? [], supplier.nulls_folded));
    }
    return this.codes.get(name);
  }

  periodOf(row) {
    const text = row.text.period ?? null;
    const found = this.periods.read(text, row.text["period.identifier"] ?? null);
    row.isUnread.period = text !== null && found === null;
    const [from, to] = found ? [found.start, found.end] : [null, null];
    return { from, to, ends: to, fine: "unknown", utc: from === null ? null : [from, from] };
  }

  eventOf(row) {
    const when = this.facts.contract.event_times.find(({ starts }) => (row.at[starts] ?? null) !== null);
    if (!when) return { from: null, to: null, ends: null, fine: null, utc: null };
    const from = row.at[when.starts];
    const fine = coarser(row.fine[when.starts], this.facts.supplier.event_precision);
    return { from, ends: this.endOf(when, row), fine, utc: this.zone.readings(from) };
  }

  // The end as sent. A spell that has none goes on; anything else ends where it started.
  endOf({ starts, ends }, row) {
    if (ends in row.at) return row.at[ends];
    return this.facts.contract.are_spells ? null : row.at[starts];
  }

  get repairs() {
    const total = { "24:00": 0, offset: 0, serial: 0 };
    for (const { repairs } of this.times.values()) for (const name in total) total[name] += repairs[name];
    return total;
  }

  get swapped() { return sumOf(this.times, (reader) => reader.swapped); }
  get twoDigit() { return sumOf(this.times, (reader) => reader.twoDigit); }
  get codeNothings() { return sumOf(this.codes, (reader) => reader.nothings); }

  // Columns whose dates came in more than one format.
  get mixedFormats() {
    return [...this.times].filter(([, reader]) => reader.used.size > 1).map(([name]) => name).sort();
  }
}

const sumOf = (readers, count) => [...readers.values()].reduce((total, reader) => total + count(reader), 0);
