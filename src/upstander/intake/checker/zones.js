// Wall clocks and UTC, by the time zone data that the browser has. Moments are seconds from 1970, wall clock or UTC.

import { civil, moment } from "./calendar.js";

const HOUR = 3600;
const DAY = 86400;

export class Zone {
  constructor(name) {
    this.format = new Intl.DateTimeFormat("en-GB", {
      timeZone: name, calendar: "gregory", numberingSystem: "latn", hourCycle: "h23", era: "short",
      year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
    this.years = new Map();
  }

  // Earliest and latest UTC moment of a wall-clock time; null for a time that never was.
  readings(local) {
    const offsets = this.offsetsNear(local);
    if (offsets.length === 1) return [local - offsets[0], local - offsets[0]];
    const found = offsets.map((offset) => local - offset).filter((utc) => this.offsetAt(utc) === local - utc);
    return found.length ? [Math.min(...found), Math.max(...found)] : null;
  }

  localOf(utc) {
    return utc + this.offsetAt(utc);
  }

  // The offsets in force within two days of a wall-clock time: one, except about a change.
  offsetsNear(local) {
    const year = this.changesOf(civil(local).year);
    const near = year.changes.filter(({ at }) => Math.abs(at - local) < 2 * DAY);
    if (near.length) return [...new Set(near.flatMap(({ before, after }) => [before, after]))];
    const last = year.changes.filter(({ at }) => at <= local).at(-1);
    return [last ? last.after : year.first];
  }

  // The changes of offset in a year and the days about it, found once a year.
  changesOf(year) {
    if (!this.years.has(year)) this.years.set(year, this.foundChanges(year));
    return this.years.get(year);
  }

  foundChanges(year) {
    const changes = [];
    const start = moment(year, 1, 1) - 3 * DAY;
    const end = moment(year + 1, 1, 1) + 3 * DAY;
    const first = this.offsetAt(start);
    let before = first;
    for (let at = start + DAY; at <= end; at += DAY) {
      const after = this.offsetAt(at);
      if (after !== before) changes.push({ at: this.changeBetween(at - DAY, at, before), before, after });
      before = after;
    }
    return { first, changes };
  }

  changeBetween(low, high, before) {
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  offsetAt(utc) {
    const parts = {};
    for (const { type, value } of this.format.formatToParts(utc * 1000)) parts[type] = value;
    const year = parts.era.startsWith("B") ? 1 - Number(parts.year) : Number(parts.year);
    const day = moment(year, Number(parts.month), Number(parts.day));
    return day + Number(parts.hour) * HOUR + Number(parts.minute) * 60 + Number(parts.second) - Math.floor(utc);
  }
}
