// How agencies spell the same code, brought to one spelling. As contracts/spellings.py does it.

import { plain, withoutBlanks } from "./text.js";

const AMPDS = /^0*(\d{1,2})-?([A-EO])-?0*(\d{1,2})-?([A-Z]?)$/;
const ICD10 = /^([A-Z]\d{2})\.?(\d?)[X\d-]*$/;
const HOME_OFFICE = /^0*(\d{1,3})([A-Z]?)(?:[/.]0*(\d{1,2}))?$/;

const tight = (text) => withoutBlanks(text.toUpperCase());

function ampds(text) {
  const found = AMPDS.exec(tight(text));
  return found ? `${Number(found[1])}-${found[2]}-${Number(found[3])}${found[4]}` : plain(text);
}

function homeOffice(text) {
  const found = HOME_OFFICE.exec(tight(text));
  return found ? found[1] + found[2] + (found[3] ? `/${Number(found[3])}` : "") : plain(text);
}

function icd10(text) {
  const found = ICD10.exec(tight(text));
  return found ? found[1] + found[2] : plain(text);
}

function policeuk(text) {
  const said = plain(text).toLowerCase().replace(/^policeuk:/, "");
  return `policeuk:${said.replaceAll(" ", "-")}`;
}

export const SPELLINGS = { ampds, home_office: homeOffice, icd10, policeuk };
