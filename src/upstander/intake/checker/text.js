// Text as the Python and Rust parts of the program see it, where JavaScript's own functions differ.

// JavaScript's trim() takes a byte order mark for a blank and does not know U+0085.
const RUST_BLANKS = "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const PYTHON_BLANKS = RUST_BLANKS + "\\u001c-\\u001f";
const CELL_BLANKS = " \\t\\u00a0\\r\\n";

const ends = (blanks) => new RegExp(`^[${blanks}]+|[${blanks}]+$`, "gu");
const RUST_ENDS = ends(RUST_BLANKS);
const PYTHON_ENDS = ends(PYTHON_BLANKS);
const CELL_ENDS = ends(CELL_BLANKS);
const HEADING_ENDS = ends(" \\ufeff\\u00a0");
const PYTHON_RUN = new RegExp(`[${PYTHON_BLANKS}]+`, "gu");
const RUST_TAIL = new RegExp(`[${RUST_BLANKS}]+$`, "u");
export const RUST_HEAD = new RegExp(`^[${RUST_BLANKS}]+`, "u");
export const RUST_EACH = new RegExp(`[${RUST_BLANKS}]`, "gu");

export const trimmed = (text) => text.replace(RUST_ENDS, "");
export const trimmedEnd = (text) => text.replace(RUST_TAIL, "");
export const trimmedAsPython = (text) => text.replace(PYTHON_ENDS, "");
export const trimmedCell = (text) => (hasBlankEnds(text) ? text.replace(CELL_ENDS, "") : text);
export const trimmedHeading = (text) => text.replace(HEADING_ENDS, "");
export const words = (text) => text.split(PYTHON_RUN).filter((word) => word !== "");
export const withoutBlanks = (text) => text.replace(PYTHON_RUN, "");
export const plain = (text) => words(text).join(" ");

function hasBlankEnds(text) {
  const last = text.charCodeAt(text.length - 1);
  return text.charCodeAt(0) <= 32 || last <= 32 || text.charCodeAt(0) === 160 || last === 160;
}

// Characters whose folded form is not their small letter, such as ß.
let folds = {};

export function learnFolds(stated) {
  folds = stated;
}

export function foldCase(text) {
  return Array.from(text, (letter) => folds[letter] ?? letter.toLowerCase()).join("");
}

// Lengths and cuts count characters, not UTF-16 units.
export const isLongerThan = (text, most) => text.length > most && Array.from(text).length > most;
export const firstCharacters = (text, count) => (text.length <= count ? text : Array.from(text).slice(0, count).join(""));

export const byCodePoint = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
