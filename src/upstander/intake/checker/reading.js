// Reading one file from first byte to last: every line accounted for, every row to one fate. As reading.py does it.

import { BlockReader, refuseNul } from "./blocks.js";
import { cellsOf } from "./cells.js";
import { findHeader } from "./header.js";
import { parsedPeriod } from "./periods.js";
import { FileStopped, learnSentences, say } from "./sentences.js";
import { Sorter } from "./sorting.js";
import { Decoder, isWorkbook, Source } from "./sources.js";
import { addsUp, mostCommon, Tally } from "./tally.js";
import { learnFolds } from "./text.js";
import { refuseUntrustworthy, verdictOn } from "./verdict.js";
import { concernsOf } from "./wholefile.js";
import { Zone } from "./zones.js";

const DAY = 86400;

// A file that this page cannot judge, and why, in a sentence.
export class NotForThisPage extends Error {}

// facts: what the page carries; received: UTC seconds; onProgress: told the bytes read; breathe: awaited now and then.
export async function read(file, stated, { received, onProgress, breathe }) {
  const facts = compiled(stated);
  learnSentences(facts.sentences);
  learnFolds(facts.folds);
  const run = new Run(file, facts, received);
  try {
    await run.through(onProgress, breathe);
  } catch (why) {
    if (why instanceof FileStopped) return run.stopped(why);
    throw why;
  }
  return run.finished();
}

class Run {
  constructor(file, facts, received) {
    this.file = file;
    this.facts = facts;
    this.received = received;
    this.source = new Source(file);
    this.decoder = new Decoder(facts.supplier.file.encoding);
    this.tally = new Tally(facts.limits);
    this.covers = coversByName(file.name, facts.supplier.covers_from_file_name);
    this.header = null;
    this.sorter = null;
  }

  async through(onProgress, breathe) {
    await this.lookForWorkbook();
    for await (const block of this.blocks()) {
      const asked = { ...this.facts.supplier.file, total: this.facts.patterns.total };
      const cells = await cellsOf(block, this.header, asked, breathe);
      for (const name of ["blank", "footer", "continuation", "records"]) this.tally[name] += cells[name];
      this.tally.countEndings(block.records.endings);
      await this.sorter.sort(cells, breathe);
      onProgress(this.source.at);
    }
    refuseUntrustworthy(this.tally, this.sorter.reader);
  }

  async lookForWorkbook() {
    const start = new Uint8Array(await this.file.slice(0, 8).arrayBuffer());
    if (isWorkbook(start)) throw new NotForThisPage("workbook");
    if (this.facts.workbook_names.some((name) => this.file.name.toLowerCase().endsWith(name))) {
      this.decoder.notes.push(say("named_workbook"));
    }
  }

  async *blocks() {
    const { supplier, limits, kinds_refused: kindsRefused } = this.facts;
    const reader = new BlockReader(this.source, this.decoder, { limits, kindsRefused, quote: supplier.file.quote });
    const texts = reader.texts();
    const { text: start, isLast } = (await texts.next()).value;
    this.begin(start, isLast);
    const { header } = this;
    reader.delimiter = header.delimiter.charCodeAt(0);
    const line = header.preamble + header.blank + header.lines + 1;
    yield* reader.blocks(start.subarray(header.length), texts, { isLast, line });
  }

  begin(start, isWhole) {
    refuseNul(start, start, 1);
    this.header = findHeader(start, this.facts, isWhole);
    for (const name of ["preamble", "blank"]) this.tally[name] = this.header[name];
    this.tally.header = this.header.lines;
    const present = new Set(this.header.fields.filter((heading) => heading !== null));
    const zone = new Zone(this.facts.supplier.zone);
    const { received, covers, tally } = this;
    this.sorter = new Sorter(this.facts, present, { received, covers, tally, zone });
  }

  // The answer for a file of which nothing loads.
  async stopped({ outcome, message, rule }) {
    const lines = await this.unread(outcome);
    return { outcome, message, lines, mistakes: [], holds: [], notes: [], quarantined: [[rule, lines.quarantined]] };
  }

  // All lines after the header kept back as they are; of a refused file, which is not parsed, none.
  async unread(outcome) {
    const none = { footer: 0, continuation: 0, accepted: 0, repeated: 0, set_aside: 0 };
    if (outcome === "REFUSE") {
      return { ...none, physical: 0, header: 0, preamble: 0, blank: 0, records: 0, quarantined: 0 };
    }
    const { lines: header, preamble, blank } = this.header ?? { lines: 0, preamble: 0, blank: 0 };
    const head = header + preamble + blank;
    const kept = Math.max((await this.source.drain(this.facts.limits.block_bytes)) - head, 0);
    return { ...none, physical: kept + head, header, preamble, blank, records: kept, quarantined: kept };
  }

  async finished() {
    const lines = this.tally.account(await this.physical());
    if (!addsUp(lines)) throw new Error(`The lines do not add up: ${JSON.stringify(lines)}.`);
    const { reader, profiler } = this.sorter;
    const concerns = concernsOf(profiler, this.facts);
    const verdict = verdictOn(lines, this.tally, { reader, header: this.header, decoder: this.decoder, concerns });
    return {
      outcome: verdict.outcome,
      message: verdict.message,
      lines,
      holds: verdict.holds,
      notes: [...verdict.repairs, ...verdict.notes],
      mistakes: this.tally.mistakes.sort((one, other) => one.line - other.line),
      quarantined: mostCommon(this.tally.quarantined),
      set_aside: mostCommon(this.tally.setAside),
      covers: this.coversFound(),
    };
  }

  // Physical lines by a count of their own; of UTF-16 the sum of the places they went to.
  async physical() {
    const { header, preamble, blank, footer, continuation, records } = this.tally;
    if (this.decoder.wide) return header + preamble + blank + footer + continuation + records;
    return this.source.drain(this.facts.limits.block_bytes);
  }

  coversFound() {
    if (this.covers) return { ...this.covers, inferred: false };
    if (this.tally.counted === null) return null;
    const [first, last] = this.tally.counted.map((moment) => Math.floor(moment / DAY) * DAY);
    return { start: first, end: last + DAY, inferred: true };
  }
}

function coversByName(name, pattern) {
  const found = pattern?.exec(name);
  if (!found) return null;
  const covers = parsedPeriod(found[1]);
  if (covers === null) throw new NotForThisPage("name");
  return covers;
}

// The facts as they are used: patterns as regular expressions, tables as maps.
function compiled(facts) {
  const { supplier } = facts;
  const { file, filter } = supplier;
  return {
    ...facts,
    patterns: Object.fromEntries(Object.entries(facts.patterns).map(([name, one]) => [name, pattern(one)])),
    excluded: facts.excluded.map(([column, reasons]) => [column, new Map(reasons)]),
    sexual_offences: facts.sexual_offences && {
      ...facts.sexual_offences,
      by: facts.sexual_offences.by.map(([column, kinds]) => [column, new Map(Object.entries(kinds))]),
    },
    supplier: {
      ...supplier,
      file: { ...file, footer: pattern(file.footer) },
      filter: filter && { ...filter, pattern: pattern(filter.pattern) },
      covers_from_file_name: pattern(supplier.covers_from_file_name),
    },
  };
}

const pattern = (stated) => (stated ? new RegExp(stated.source, stated.flags) : null);
