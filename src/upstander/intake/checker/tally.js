// What has been counted so far: lines, fates, mistakes. Every line and every record ends in one place. As tally.py.

export class Tally {
  constructor(limits) {
    this.limits = limits;
    Object.assign(this, { header: 0, preamble: 0, blank: 0, footer: 0, continuation: 0, records: 0, accepted: 0 });
    Object.assign(this, { ambiguous: 0, timed: 0, defaultTimes: 0, longPast: 0, formulaLike: 0, nullSpellings: 0 });
    Object.assign(this, { earlyTogether: 0, toldDetails: 0, namedVictims: 0, figures: 0 });
    this.markers = new Map();
    this.endings = { lf: 0, crlf: 0, cr: 0 };
    this.quarantined = new Map();
    this.setAside = new Map();
    this.failures = new Map();
    this.firstLines = new Map();
    this.firstExpected = new Map();
    this.mistakes = [];
    this.counted = null;
  }

  // Records kept back, each under the one rule it is kept back for.
  keepBack(kept) {
    for (const { rule, line, expected } of kept) {
      increase(this.quarantined, rule);
      if (!this.firstLines.has(rule)) this.firstLines.set(rule, []);
      if (!this.firstExpected.has(rule)) this.firstExpected.set(rule, expected);
      const lines = this.firstLines.get(rule);
      if (lines.length < this.limits.lines_named) lines.push(line);
    }
  }

  noteMistakes(found) {
    found.forEach(({ rule }) => increase(this.failures, rule));
    this.mistakes.push(...found.slice(0, this.limits.mistakes_kept - this.mistakes.length));
  }

  countEndings({ lf, crlf, cr }) {
    this.endings.lf += lf;
    this.endings.crlf += crlf;
    this.endings.cr += cr;
  }

  // Stretch the days that the accepted rows speak for.
  widen(first, last) {
    if (first === null || first === undefined) return;
    const [low, high] = this.counted ?? [first, last];
    this.counted = [Math.min(low, first), Math.max(high, last)];
  }

  account(physical) {
    const { header, preamble, blank, footer, continuation, records, accepted } = this;
    const quarantined = totalOf(this.quarantined);
    const setAside = totalOf(this.setAside);
    return {
      physical, header, preamble, blank, footer, continuation, records, accepted, quarantined, repeated: 0,
      set_aside: setAside,
    };
  }
}

export function increase(counts, name, by = 1) {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

export const totalOf = (counts) => [...counts.values()].reduce((total, count) => total + count, 0);

// The commonest first; of equal ones the one that came first.
export const mostCommon = (counts) => [...counts].sort(([, one], [, other]) => other - one);

export function addsUp(lines) {
  const ofLines = lines.header + lines.preamble + lines.blank + lines.footer + lines.continuation + lines.records;
  const ofRecords = lines.accepted + lines.quarantined + lines.repeated + lines.set_aside;
  return ofLines === lines.physical && ofRecords === lines.records;
}
