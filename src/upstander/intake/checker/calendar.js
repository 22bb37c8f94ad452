// Days of the calendar as numbers. Dates beyond the hundred years that Date guesses at are needed, so it is not asked.

const DAY = 86400;
export const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
  "December",
];
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
export const daysIn = (year, month) => (month === 2 && isLeap(year) ? 29 : LENGTHS[month - 1]);
export const isDay = (year, month, day) => month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);

// Seconds from 1970 to the start of a day. Source: Howard Hinnant, chrono-compatible low-level date algorithms.
export function moment(year, month, day) {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear;
  return (era * 146097 + days - 719468) * DAY;
}

export function civil(seconds) {
  const days = Math.floor(seconds / DAY) + 719468;
  const era = Math.floor(days / 146097);
  const ofEra = days - era * 146097;
  const years = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36524) - Math.floor(ofEra / 146096)) / 365);
  const ofYear = ofEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const month = shifted + (shifted < 10 ? 3 : -9);
  return { year: years + era * 400 + (month <= 2 ? 1 : 0), month, day: ofYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

export const dayOf = (seconds) => Math.floor(seconds / DAY);

export function isoDay(seconds) {
  const { year, month, day } = civil(seconds);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

export function dayInWords(seconds) {
  const { year, month, day } = civil(seconds);
  return `${day} ${MONTHS[month - 1]} ${year}`;
}
