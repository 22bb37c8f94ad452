// Raw bytes on their way in: counted as they are read, looked at before use, brought to UTF-8. As sources.py does it.

import { countLines } from "./lines.js";
import { say, stop } from "./sentences.js";

const UTF8_MARK = [0xef, 0xbb, 0xbf];
const LEADING = new Set([...UTF8_MARK, 0x20, 9, 13, 10]);
const CP1252_GAPS = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
const CP1252_GAP = /[\x81\x8d\x8f\x90\x9d]/g;
const NAMES = { "utf-8": "UTF-8", "windows-1252": "Windows-1252" };
const WORKBOOK = [0x50, 0x4b, 3, 4];

// A file read once, chunk by chunk. `physicalLines` counts the lines of what has been read.
export class Source {
  constructor(file) {
    this.file = file;
    this.at = 0;
    this.lines = 0;
    this.last = 10;
  }

  async next(size) {
    const chunk = new Uint8Array(await this.file.slice(this.at, this.at + size).arrayBuffer());
    this.at += chunk.length;
    this.lines += countLines(chunk, { endsWithCr: this.last === 13 });
    if (chunk.length) this.last = chunk[chunk.length - 1];
    return chunk;
  }

  // The physical lines of the whole file: what is left is read for them.
  async drain(size) {
    while ((await this.next(size)).length);
    return this.lines + (this.last === 10 || this.last === 13 ? 0 : 1);
  }
}

export const isWorkbook = (chunk) => startsWith(chunk, WORKBOOK);

export function lookAt(start, kindsRefused) {
  const head = start.subarray(0, 512);
  let first = 0;
  while (first < head.length && LEADING.has(head[first])) first += 1;
  const text = asLatin(head.subarray(first)).toLowerCase();
  const found = kindsRefused.find((kind) => text.startsWith(kind.magic.toLowerCase()));
  if (found) throw stop("kind_of_file", { what: found.what }, found.outcome);
}

export class Decoder {
  constructor(stated) {
    this.stated = stated;
    this.encoding = null;
    this.notes = [];
    this.holds = [];
    this.isFirst = true;
    this.wide = null;
  }

  // One chunk in UTF-8. Invalid bytes of a UTF-8 file come through, to be kept back with their rows.
  feed(raw, isLast) {
    const chunk = this.isFirst ? this.begun(raw) : raw;
    if (this.wide) return new TextEncoder().encode(this.wide.decode(chunk, { stream: !isLast }));
    if (this.encoding === null && !isAscii(chunk)) this.decide(chunk);
    return this.encoding === "windows-1252" ? fromWindows(chunk) : chunk;
  }

  get name() {
    return this.encoding === null ? "ASCII" : (NAMES[this.encoding] ?? this.encoding);
  }

  begun(chunk) {
    this.isFirst = false;
    if (startsWith(chunk, [0xff, 0xfe]) || startsWith(chunk, [0xfe, 0xff])) {
      this.readWide(chunk[0] === 0xff ? "utf-16-le" : "utf-16-be");
      this.notes.push(say("wide", { encoding: this.encoding.toUpperCase() }));
      return chunk.subarray(2);
    }
    if (startsWith(chunk, UTF8_MARK)) {
      this.encoding = "utf-8";
      this.notes.push(say("byte_order_mark"));
      return chunk.subarray(3);
    }
    const guess = wideWithoutMark(chunk);
    if (guess) {
      this.readWide(guess);
      this.holds.push(say("wide_without_mark", { encoding: guess.toUpperCase() }));
    }
    return chunk;
  }

  readWide(name) {
    this.encoding = name;
    this.wide = new TextDecoder(name.replace("16-", "16"), { ignoreBOM: true });
  }

  decide(chunk) {
    const high = chunk.reduce((count, byte) => count + (byte > 127), 0) / chunk.length;
    const { valid, invalid } = multibyteCounts(chunk);
    // A UTF-8 sequence hardly ever comes about by chance in Windows-1252, so as many of them as faults is enough.
    if (invalid === 0 || valid >= invalid) {
      this.encoding = "utf-8";
    } else if (high < 0.3 && !CP1252_GAPS.some((gap) => chunk.includes(gap))) {
      this.encoding = "windows-1252";
      if (this.stated !== "windows-1252") this.notes.push(say("windows_1252"));
    } else if (high < 0.3) {
      this.encoding = "utf-8";
    } else {
      throw stop("encoding");
    }
  }
}

export const asText = (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

export function isUtf8(bytes) {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

export const isAscii = (bytes) => bytes.every((byte) => byte < 128);
const startsWith = (chunk, bytes) => bytes.every((byte, index) => chunk[index] === byte);
const asLatin = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

// The browser gives the five bytes that Windows-1252 leaves open a meaning; we do not.
function fromWindows(chunk) {
  const text = new TextDecoder("windows-1252").decode(chunk).replace(CP1252_GAP, "\ufffd");
  return new TextEncoder().encode(text);
}

// UTF-16 betrays itself by a zero in every other byte.
function wideWithoutMark(chunk) {
  const start = chunk.subarray(0, 4096);
  const zeros = [0, 0];
  start.forEach((byte, index) => { if (byte === 0) zeros[index % 2] += 1; });
  if (Math.max(...zeros) < (0.3 * start.length) / 2 || Math.min(...zeros) > 0.05 * start.length) return null;
  return zeros[0] > zeros[1] ? "utf-16-be" : "utf-16-le";
}

// How many characters beyond ASCII a UTF-8 reading finds, and how many places it cannot read.
function multibyteCounts(chunk) {
  let beyond = 0;
  let replaced = 0;
  for (const letter of asText(chunk)) {
    if (letter > "\x7f") beyond += 1;
    if (letter === "\ufffd") replaced += 1;
  }
  const invalid = replaced - countOf(chunk, [0xef, 0xbf, 0xbd]);
  return { valid: Math.max(beyond - invalid, 0), invalid: Math.max(invalid, 0) };
}

function countOf(chunk, [first, second, third]) {
  let count = 0;
  for (let at = chunk.indexOf(first); at >= 0; at = chunk.indexOf(first, at + 1)) {
    if (chunk[at + 1] === second && chunk[at + 2] === third) count += 1;
  }
  return count;
}
