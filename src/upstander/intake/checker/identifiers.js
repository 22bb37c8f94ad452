// NHS numbers: ten digits, the last a check digit. As values/identifiers.py does it.

import { RUST_EACH } from "./text.js";

const TEN_DIGITS = /^[0-9]{10}$/;

const tight = (text) => text.replace(RUST_EACH, "").replace(/[-–.]/g, "");

export const isPlaceholder = (text, fillers) => fillers.includes(tight(text));

export function isIssued(text, fillers) {
  const digits = tight(text.normalize("NFKC"));
  return TEN_DIGITS.test(digits) && hasCheckDigit(digits) && !fillers.includes(digits);
}

// Weights 10 to 2, the sum modulo 11 taken from 11; 11 counts as 0, and 10 is never given out.
function hasCheckDigit(digits) {
  const sum = Array.from(digits.slice(0, 9), (digit, index) => Number(digit) * (10 - index))
    .reduce((total, product) => total + product, 0);
  return (11 - (sum % 11)) % 11 === Number(digits[9]);
}
