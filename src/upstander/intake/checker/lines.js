// Where lines and records begin and end, in bytes. The decisions are those of lines.py.

const LF = 10;
const CR = 13;
const [OUTSIDE, INSIDE, ESCAPED] = [0, 1, 2];

// The whole records of a block that starts where a record starts: parallel lists, one entry a record.
export function splitRecords(block, { delimiter, quote, isLast }) {
  const found = emptyRecords();
  const quotes = quotesOf(block, delimiter, quote);
  let state = OUTSIDE;
  let start = 0;
  let firstLine = 0;
  let line = 0;
  let fields = 1;
  let isStray = false;
  let opened = -1;
  let nextQuote = 0;

  const finish = (end, after) => {
    found.starts.push(start);
    found.ends.push(end);
    found.after.push(after);
    found.lines.push(firstLine);
    found.spans.push(line - firstLine + 1);
    found.fields.push(fields);
    found.isStray.push(isStray);
    found.physical += line - firstLine + 1;
    start = after;
    fields = 1;
    isStray = false;
  };

  for (let at = 0; at < block.length; at += 1) {
    const byte = block[at];
    if (byte === quote) {
      const next = turned(state, quotes, nextQuote);
      isStray = isStray || next.isStray;
      if (next.state !== state && next.state !== ESCAPED && state !== ESCAPED) opened = next.state === INSIDE ? at : -1;
      state = next.state;
      nextQuote += 1;
    } else if (byte === delimiter) {
      if (state === OUTSIDE) fields += 1;
    } else if (byte === LF || (byte === CR && isAlone(block, at, isLast))) {
      if (state === OUTSIDE) {
        const isPair = byte === LF && at > 0 && block[at - 1] === CR;
        countEnding(found.endings, byte, isPair);
        finish(isPair ? at - 1 : at, at + 1);
        firstLine = line + 1;
      }
      line += 1;
    }
  }
  if (isLast && start < block.length) {
    finish(block.length, block.length);
  }
  found.openQuote = quotes.isRegular ? (quotes.count % 2 ? quotes.last : -1) : opened;
  return found;
}

export function countLines(bytes, { endsWithCr = false } = {}) {
  let count = 0;
  let before = endsWithCr ? CR : 0;
  for (const byte of bytes) {
    if (byte === CR || (byte === LF && before !== CR)) count += 1;
    before = byte;
  }
  return count;
}

function emptyRecords() {
  return {
    starts: [], ends: [], after: [], lines: [], spans: [], fields: [], isStray: [], physical: 0,
    endings: { lf: 0, crlf: 0, cr: 0 }, openQuote: -1,
    get count() { return this.starts.length; },
    get consumed() { return this.after.length ? this.after[this.after.length - 1] : 0; },
  };
}

// A CR at the end of a block may be half of CRLF, so it waits.
function isAlone(block, at, isLast) {
  return at === block.length - 1 ? isLast : block[at + 1] !== LF;
}

function countEnding(endings, byte, isPair) {
  if (isPair) endings.crlf += 1;
  else if (byte === CR) endings.cr += 1;
  else endings.lf += 1;
}

// Of each quote whether it may open a field, may close one, touches the next. In a regular block every quote that is
// not doubled opens or closes a field, in turn; which quote is called open at its end differs in the other kind.
function quotesOf(block, delimiter, quote) {
  const opens = [];
  const closes = [];
  const touches = [];
  let isRegular = true;
  let last = -1;
  for (let at = block.indexOf(quote); at >= 0; at = block.indexOf(quote, at + 1)) {
    const isBoundary = (byte) => byte === delimiter || byte === LF || byte === CR;
    const touchesLast = last >= 0 && at === last + 1;
    const touchesNext = at + 1 < block.length && block[at + 1] === quote;
    opens.push(at === 0 || isBoundary(block[at - 1]));
    closes.push(at === block.length - 1 || isBoundary(block[at + 1]));
    touches.push(touchesNext);
    const index = opens.length - 1;
    isRegular = isRegular && (index % 2 ? closes[index] || touchesNext : opens[index] || touchesLast);
    last = at;
  }
  return { opens, closes, touches, isRegular, last, count: opens.length };
}

function turned(state, quotes, index) {
  if (quotes.isRegular) return { state: state === OUTSIDE ? INSIDE : OUTSIDE, isStray: false };
  if (state === OUTSIDE) return { state: quotes.opens[index] ? INSIDE : OUTSIDE, isStray: false };
  if (state === ESCAPED) return { state: INSIDE, isStray: false };
  if (quotes.touches[index]) return { state: ESCAPED, isStray: false };
  return quotes.closes[index] ? { state: OUTSIDE, isStray: false } : { state: INSIDE, isStray: true };
}
