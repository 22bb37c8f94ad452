// From a block of bytes to rows of text; records that are no rows are kept back. As cells.py does it.

import { expected } from "./sentences.js";
import { asText, isUtf8 } from "./sources.js";
import { trimmed, trimmedHeading } from "./text.js";

const RECORDS_A_BREATH = 5000;

// One block sorted. Every record is in exactly one place: a row, kept back, blank or footer.
export async function cellsOf(block, header, { quote, footer, total }, breathe) {
  const records = await sortedRecords(block, header.fields.length, footer, breathe);
  const { rows, second, totals } = await rowsOf(records.good, { header, quote, total }, breathe);
  return {
    rows,
    keptBack: [
      ...keptBack(records.broken, "not valid UTF-8"),
      ...keptBack(records.stray, "stray quote"),
      ...keptBack(records.ragged, "wrong number of columns", header.fields.length),
      ...keptBack(second, "second header"),
      ...keptBack(totals, "total or footer line"),
    ],
    blank: records.blank,
    footer: records.footer,
    records: records.count,
    continuation: records.continuation,
  };
}

async function sortedRecords(block, wanted, footer, breathe) {
  const { content, records, firstLine } = block;
  const isSound = isUtf8(content.subarray(0, records.consumed));
  const sorted = { broken: [], stray: [], ragged: [], good: [], blank: 0, footer: 0, count: 0, continuation: 0 };
  for (let index = 0; index < records.count; index += 1) {
    if (index % RECORDS_A_BREATH === 0) await breathe();
    const bytes = content.subarray(records.starts[index], records.ends[index]);
    const record = { line: records.lines[index] + firstLine, fields: records.fields[index], text: asText(bytes) };
    if (isBlank(record, bytes.length, wanted)) {
      sorted.blank += records.spans[index];
      continue;
    }
    sorted.continuation += records.spans[index] - 1;
    if (footer && footer.test(record.text)) {
      sorted.footer += 1;
      continue;
    }
    sorted.count += 1;
    if (!isSound && !isUtf8(content.subarray(records.starts[index], records.after[index]))) sorted.broken.push(record);
    else if (records.isStray[index]) sorted.stray.push(record);
    else if (record.fields !== wanted) sorted.ragged.push(record);
    else sorted.good.push(record);
  }
  return sorted;
}

// Lines without a character, of blanks only, or of nothing but delimiters.
function isBlank({ fields, text }, length, wanted) {
  if (length === fields - 1) return fields === wanted || length === 0;
  return fields === 1 && length > 0 && wanted > 1 && trimmed(text) === "";
}

const keptBack = (records, rule, wanted = 0) =>
  records.map(({ line, fields }) => ({
    line, column: "", rule, expected: expected(rule, { wanted, found: fields }), value: null,
  }));

async function rowsOf(good, { header, quote, total }, breathe) {
  const wanted = header.fields.flatMap((heading, index) => (heading === null ? [] : [{ heading, index }]));
  const sent = wanted.map(({ index }) => trimmedHeading(header.asSent[index]));
  const found = { rows: [], second: [], totals: [] };
  for (const [index, record] of good.entries()) {
    if (index % RECORDS_A_BREATH === 0) await breathe();
    const cells = cellsOfRecord(record.text, header.delimiter, quote);
    if (wanted.every(({ index }, at) => trimmedHeading(cells[index]) === sent[at])) found.second.push(record);
    else if (total.test(cells[wanted[0].index])) found.totals.push(record);
    else found.rows.push({ ...record, cells: new Map(wanted.map(({ heading, index }) => [heading, cells[index]])) });
  }
  return found;
}

// The cells of a well-formed record.
function cellsOfRecord(text, delimiter, quote) {
  if (!text.includes(quote)) return text.split(delimiter);
  const cells = [];
  let at = 0;
  while (at <= text.length) {
    const { cell, end } = text[at] === quote ? quotedCell(text, at, quote) : plainCell(text, at, delimiter);
    cells.push(cell);
    at = end + 1;
  }
  return cells;
}

function plainCell(text, at, delimiter) {
  const found = text.indexOf(delimiter, at);
  const end = found < 0 ? text.length : found;
  return { cell: text.slice(at, end), end };
}

function quotedCell(text, at, quote) {
  let end = text.indexOf(quote, at + 1);
  while (text[end + 1] === quote) end = text.indexOf(quote, end + 2);
  return { cell: text.slice(at + 1, end).replaceAll(quote + quote, quote), end: end + 1 };
}
