// Personal details in free text, counted and never shown. As details.py.

import { isIssued } from "./identifiers.js";

const WORTH_A_LOOK = /[0-9@]/;
const OTHERS = ["details_telephone", "details_e_mail", "details_birth", "details_home"];

export function holdsDetails(text, { patterns, nhs_fillers: fillers }) {
  if (text === null || !WORTH_A_LOOK.test(text)) return false;
  const number = patterns.details_nhs_number.exec(text)?.[1].replace(/[ -]/g, "");
  return (number !== undefined && isIssued(number, fillers)) || OTHERS.some((name) => patterns[name].test(text));
}
