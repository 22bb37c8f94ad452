// Postcodes as people type them: whole, in part, mended where only one reading is possible. As postcodes.py does it.

import { trimmedAsPython, withoutBlanks, plain } from "./text.js";

const UNIT = /^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])([ABD-HJLNP-UW-Z]{2})$/;
const SECTOR = /^([A-Z]{1,2}[0-9][A-Z0-9]?) ([0-9])$/;
const DISTRICT = /^[A-Z]{1,2}[0-9][A-Z0-9]?$/;
const PSEUDO = /^(?:ZZ99|XX11XX|AA11AA)/;
const NEVER_LAST = "ILOQZ";
const AS_DIGIT = { O: "0", I: "1", L: "1", S: "5", Z: "2", B: "8" };
const AS_LETTER = { 0: "O", 1: "I", 5: "S", 8: "B" };

export class PostcodeReader {
  constructor() {
    this.counts = { "as sent": 0, repaired: 0, partial: 0, "not one": 0 };
    this.known = new Map();
  }

  read(text) {
    if (text === null) return null;
    if (!this.known.has(text)) this.known.set(text, tidied(text));
    const { postcode, how } = this.known.get(text);
    this.counts[how] += 1;
    return postcode;
  }
}

function tidied(text) {
  const upper = text.toUpperCase();
  const tight = upper.replace(/[^A-Z0-9]/g, "");
  if (PSEUDO.test(tight)) return { postcode: null, how: "not one" };
  const whole = canonical(tight);
  if (whole && !NEVER_LAST.includes(whole.split(" ")[0].at(-1))) {
    return { postcode: whole, how: whole === upper || tight === upper ? "as sent" : "repaired" };
  }
  const part = whole ? null : (sectorOf(text) ?? districtOf(text));
  if (part) return { postcode: part, how: "partial" };
  const mended = mendedOf(tight);
  return { postcode: mended, how: mended ? "repaired" : "not one" };
}

function canonical(text) {
  const found = UNIT.exec(withoutBlanks(text.toUpperCase()));
  return found ? `${found[1]} ${found[2]}${found[3]}` : null;
}

function sectorOf(text) {
  const whole = canonical(text);
  if (whole) return whole.slice(0, -2);
  const tidy = plain(text.toUpperCase());
  return SECTOR.test(tidy) ? tidy : null;
}

function districtOf(text) {
  const tidy = trimmedAsPython(text).toUpperCase();
  return DISTRICT.test(tidy) ? tidy : null;
}

// Letters and digits confused, such as LE1O 1AA: put right if exactly one reading is a postcode.
function mendedOf(tight) {
  if (tight.length < 5 || tight.length > 7) return null;
  const [outward, inward] = [tight.slice(0, -3), tight.slice(-3)];
  const end = turned(inward[0], AS_DIGIT) + turned(inward.slice(1), AS_LETTER);
  const readings = [1, 2].map((cut) => canonical(
    turned(outward.slice(0, cut), AS_LETTER) + turned(outward.slice(cut), AS_DIGIT) + end,
  ));
  const distinct = new Set(readings.filter((reading) => reading !== null));
  return distinct.size === 1 ? [...distinct][0] : null;
}

const turned = (text, table) => Array.from(text, (sign) => table[sign] ?? sign).join("");
