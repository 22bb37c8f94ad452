// What the rows of a file are like as a whole, counted row by row: as much of profiling.py as a verdict asks for.

import { refsOf } from "./persons.js";
import { increase } from "./tally.js";

const DIGITS = /^[0-9]+$/;
const WHOLE_POSTCODE = /[0-9][A-Z]{2}$/;
const NAMED_PERSON = ["surname", "forename", "dob"];
const POINTS = [["easting", "northing"], ["longitude", "latitude"]];
const BLANK = "(blank)";

// How often each value occurs. Past so many distinct ones the rarer half is forgotten, again and again: no common value is
// ever among it. As profiling.py does it.
class Values {
  constructor() {
    this.counts = new Map();
    this.isFull = false;
    this.most = 0;
  }

  add(value) { increase(this.counts, value); }

  keep(most) {
    this.most = this.distinct;
    if (this.counts.size <= most) return;
    this.isFull = true;
    const commonestFirst = [...this.counts].sort(([, one], [, other]) => other - one);
    this.counts = new Map(commonestFirst.slice(0, Math.floor(most / 2)));
  }

  get distinct() { return Math.max(this.most, this.counts.size); }
  get commonest() { return [...this.counts.values()].reduce((most, rows) => Math.max(most, rows), 0); }
}

export class Profiler {
  constructor(facts, columns) {
    this.facts = facts;
    const { incident, person, nhsNumber } = refsOf(facts, columns);
    this.references = [incident, person, nhsNumber].filter((name) => name !== undefined);
    this.isNamed = person === undefined && nhsNumber === undefined && NAMED_PERSON.every((name) => columns.has(name));
    this.pairs = POINTS.filter((pair) => pair.every((name) => columns.has(name)));
    this.sent = 0;
    this.values = new Map();
    this.cells = new Map();
    this.short = new Map();
    this.codes = new Map();
  }

  // A row as it was sent, good or not: how long its references are.
  countSent(text) {
    this.sent += 1;
    for (const name of this.references.filter((one) => text[one] !== null)) {
      increase(this.cells, name);
      const isShort = DIGITS.test(text[name]) && text[name].length < this.facts.whole_file.shortest_reference;
      increase(this.short, name, Number(isShort));
    }
  }

  // A row that passed every rule.
  countGood(row) {
    if (this.facts.contract.are_figures) return;
    for (const [name, code] of Object.entries(row.code)) this.countCode(name, code ?? BLANK);
    this.references.forEach((name) => this.learn(name, row.text[name]));
    if (this.isNamed) this.learn(this.facts.whole_file.name_and_birth, namedPerson(row));
    if ("postcode" in row.text) this.learn("postcode", WHOLE_POSTCODE.test(row.postcode ?? "") ? row.postcode : null);
    this.pairs.forEach((pair) => this.learnPoint(pair, row.number));
  }

  // Whether a column has too many values is asked once a block.
  endBlock() {
    for (const told of this.values.values()) told.keep(this.facts.whole_file.most_values);
  }

  countCode(name, code) {
    if (!this.codes.has(name)) this.codes.set(name, new Map());
    increase(this.codes.get(name), code);
  }

  learnPoint([across, up], number) {
    const isKnown = number[across] !== null && number[up] !== null;
    this.learn("point", isKnown ? `${number[across]}|${number[up]}` : null);
    this.learn(across, isKnown ? number[across] : null);
    this.learn(up, isKnown ? number[up] : null);
  }

  learn(name, value) {
    if (!this.values.has(name)) this.values.set(name, new Values());
    if (value !== null) this.values.get(name).add(value);
  }
}

function namedPerson({ text, at }) {
  const isKnown = NAMED_PERSON.every((name) => text[name] !== null);
  return isKnown ? JSON.stringify([text.surname, text.forename, at.dob]) : null;
}
