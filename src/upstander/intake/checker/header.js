// The first line, compared by name with what the supplier map states. Position is never trusted. As header.py does it.

import { countLines } from "./lines.js";
import { say, stop } from "./sentences.js";
import { asText } from "./sources.js";
import { foldCase, plain } from "./text.js";

const [LF, CR] = [10, 13];
const BLANK_BYTES = new Set([32, 9, 10, 11, 12, 13]);
const POSITIONS_NAMED = 10;

export function findHeader(start, facts, isWhole) {
  const { supplier, limits } = facts;
  if (isWhole && start.every((byte) => byte === 32 || byte === 9 || byte === LF || byte === CR)) throw stop("empty");
  if (!isWhole && !start.includes(LF) && !start.includes(CR)) {
    throw stop("endless_start", { megabytes: start.length >> 20 });
  }
  const { preamble, blank, at } = skipToHeader(start, supplier.file.preamble_lines);
  const { delimiter, cells, length } = bestReading(start.subarray(at, at + limits.longest_record), facts);
  if (cells.length > limits.most_columns) {
    throw stop("too_many_columns", { count: cells.length, most: limits.most_columns });
  }
  const { fields, notes, holds } = matched(cells, supplier);
  if (delimiter !== supplier.file.delimiter) {
    notes.unshift(say("delimiter", { found: named(delimiter), stated: named(supplier.file.delimiter) }));
  }
  const head = start.subarray(at, at + length);
  if (countOf(head, supplier.file.quote.charCodeAt(0), 0, length) % 2) {
    throw stop("open_quote", { at: preamble + blank + 1 });
  }
  const isOpen = head.length > 0 && head.at(-1) !== LF && head.at(-1) !== CR;
  const lines = Math.max(1, countLines(head) + isOpen);
  return { length: at + length, preamble, blank, lines, delimiter, asSent: cells, fields, notes, holds };
}

function skipToHeader(start, preambleLines) {
  let [at, preamble, blank] = [0, 0, 0];
  while (at < start.length) {
    const end = lineEnd(start, at);
    if (preamble < preambleLines) preamble += 1;
    else if (start.subarray(at, end).every((byte) => BLANK_BYTES.has(byte))) blank += 1;
    else break;
    at = end;
  }
  return { preamble, blank, at };
}

// The byte after the line that starts at `at`, its line ending included.
function lineEnd(content, at) {
  const feed = content.indexOf(LF, at);
  const back = content.indexOf(CR, at);
  if (feed < 0 && back < 0) return content.length;
  if (back < 0 || (feed >= 0 && feed < back)) return feed + 1;
  return feed === back + 1 ? back + 2 : back + 1;
}

// The stated delimiter, unless another finds more headings.
function bestReading(content, { supplier, delimiters }) {
  const wanted = new Set(supplier.headings.map(normal));
  let best = { score: -1 };
  for (const delimiter of new Set([supplier.file.delimiter, ...delimiters])) {
    const { cells, length } = firstRecord(content, delimiter, supplier.file.quote);
    const score = new Set(cells.map(normal).filter((cell) => wanted.has(cell))).size;
    if (score > best.score) best = { score, delimiter, cells, length };
  }
  return best;
}

function firstRecord(content, delimiter, quote) {
  const mark = quote.charCodeAt(0);
  let end = lineEnd(content, 0);
  let quotes = countOf(content, mark, 0, end);
  while (quotes % 2 && end < content.length) {
    const next = lineEnd(content, end);
    quotes += countOf(content, mark, end, next);
    end = next;
  }
  const text = asText(content.subarray(0, end)).replace(/[\r\n]+$/, "");
  return { cells: text === "" ? [] : cellsOfLine(text, delimiter, quote), length: end };
}

function countOf(content, byte, from, to) {
  let count = 0;
  for (let at = from; at < to; at += 1) count += content[at] === byte;
  return count;
}

// One row the lenient way: a quote inside an unquoted cell is a character, text after a closing quote is kept.
function cellsOfLine(text, delimiter, quote) {
  const cells = [];
  let cell = "";
  let isQuoted = false;
  let isFresh = true;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isQuoted) {
      if (sign !== quote) cell += sign;
      else if (text[at + 1] === quote) { cell += quote; at += 1; }
      else isQuoted = false;
    } else if (sign === quote && isFresh) {
      isQuoted = true;
      isFresh = false;
    } else if (sign === delimiter) {
      cells.push(cell);
      [cell, isFresh] = ["", true];
    } else if (sign === "\n" || sign === "\r") {
      break;
    } else {
      cell += sign;
      isFresh = false;
    }
  }
  return [...cells, cell];
}

const normal = (heading) => foldCase(plain(heading.replaceAll("\ufeff", "").replaceAll("\u00a0", " ")));

function matched(cells, supplier) {
  const byNormal = new Map(supplier.headings.map((heading) => [normal(heading), heading]));
  const found = cells.map((cell) => byNormal.get(normal(cell)) ?? null);
  refuseStrangers(found, supplier.headings_needed, supplier);
  const repaired = found.filter((heading, index) => heading !== null && heading !== cells[index]).length;
  const extra = found.flatMap((heading, index) => (heading === null ? [index + 1] : []));
  const isRead = new Set(supplier.headings_read);
  return {
    fields: found.map((heading) => (isRead.has(heading) ? heading : null)),
    notes: repaired ? [say("headings_differ", { count: repaired })] : [],
    holds: extra.length ? [notAgreed(extra)] : [],
  };
}

function refuseStrangers(found, required, supplier) {
  const present = found.filter((heading) => heading !== null);
  const distinct = new Set(present);
  if (!present.length || distinct.size * 2 < required.length) {
    throw stop("no_header", {
      supplier: supplier.name, found: distinct.size, needed: required.length, expected: required.join(", "),
    });
  }
  const twice = [...distinct].filter((heading) => present.indexOf(heading) !== present.lastIndexOf(heading)).sort();
  if (twice.length) throw stop("heading_twice", { headings: twice.join(", ") });
  const missing = required.filter((heading) => !distinct.has(heading));
  if (missing.length) throw stop("missing_column", { headings: missing.join(", ") });
}

function notAgreed(positions) {
  const listed = positions.slice(0, POSITIONS_NAMED).join(", ") + (positions.length > POSITIONS_NAMED ? ", …" : "");
  return say(positions.length === 1 ? "column_not_agreed" : "columns_not_agreed", { columns: listed });
}

const named = (delimiter) => (delimiter === "\t" ? "tab" : delimiter);
