// A file as blocks of whole records, in bounded memory. What follows the last whole record waits for the next block.

import { countLines, splitRecords } from "./lines.js";
import { stop } from "./sentences.js";
import { lookAt } from "./sources.js";

export class BlockReader {
  constructor(source, decoder, { limits, kindsRefused, quote }) {
    this.source = source;
    this.decoder = decoder;
    this.limits = limits;
    this.kindsRefused = kindsRefused;
    this.quote = quote.charCodeAt(0);
    this.delimiter = 44;
    this.waiting = new Uint8Array(0);
  }

  // Chunks in UTF-8, each with whether it is the last.
  async *texts() {
    const size = this.limits.block_bytes;
    let ahead = await this.source.next(size);
    lookAt(ahead, this.kindsRefused);
    for (;;) {
      const chunk = ahead;
      ahead = await this.source.next(size);
      const isLast = ahead.length === 0;
      yield { text: this.decoder.feed(chunk, isLast), isLast };
      if (isLast) return;
    }
  }

  // Blocks from `first`, what is left of the first chunk, and the `texts` that follow. line: where `first` starts.
  async *blocks(first, texts, { isLast, line }) {
    let chunk = first;
    for (;;) {
      const content = joined(this.waiting, chunk);
      refuseNul(chunk, content, line);
      const records = splitRecords(content, { delimiter: this.delimiter, quote: this.quote, isLast });
      this.refuseEndless(content, records, line, isLast);
      if (records.count) yield { content, records, firstLine: line };
      line += records.physical;
      this.waiting = content.subarray(records.consumed);
      if (isLast) return;
      ({ text: chunk, isLast } = (await texts.next()).value);
    }
  }

  refuseEndless(content, records, line, isLast) {
    const isTooLong = content.length - records.consumed > this.limits.longest_record;
    if (records.openQuote >= 0 && (isLast || isTooLong)) {
      throw stop("open_quote", { at: line + countLines(content.subarray(0, records.openQuote)) });
    }
    if (!isLast && isTooLong) {
      throw stop("endless_record", { megabytes: this.limits.longest_record >> 20, at: line + records.physical });
    }
  }
}

export function refuseNul(chunk, content, line) {
  if (!chunk.includes(0)) return;
  throw stop("nul", { at: line + countLines(content.subarray(0, content.indexOf(0))) });
}

function joined(waiting, chunk) {
  if (!waiting.length) return chunk;
  const content = new Uint8Array(waiting.length + chunk.length);
  content.set(waiting);
  content.set(chunk, waiting.length);
  return content;
}
