// What a sender reads: plain sentences with counts, lines and rules, never a value from the file. As words.py.

import { SHOWN } from "./markers.js";
import { say, withCommas } from "./sentences.js";
import { mostCommon } from "./tally.js";

// `7, 11 and 13`, or `7, 11, 13 and 40 more`.
export function listed(items, more = 0) {
  const said = items.map((item) => (typeof item === "number" ? withCommas(item) : item));
  if (more) said.push(`${withCommas(more)} more`);
  return said.length === 1 ? said[0] : `${said.slice(0, -1).join(", ")} and ${said.at(-1)}`;
}

const loaded = (lines, isHeld) =>
  say(isHeld ? "read" : "loaded", { accepted: lines.accepted, rows: lines.records - lines.set_aside });

// How a message begins: why a person must look, if so, and how many rows were loaded or, until then, read.
export const opening = (lines, holds) =>
  (holds.length ? [say("held"), ...holds, loaded(lines, true)] : [loaded(lines, false)]).join(" ");

// Which rows are held back, by rule, with the first lines and what would be right.
export function keptBack(tally) {
  const shown = mostCommon(tally.quarantined).slice(0, tally.limits.rules_named);
  const parts = shown.map(([rule, count]) => {
    const lines = tally.firstLines.get(rule);
    const where = (count === 1 ? "line " : "lines ") + listed(lines, count - lines.length);
    const named = rule[0].toUpperCase() + rule.slice(1);
    return say("kept_back", { rule: named, lines: where, expected: tally.firstExpected.get(rule) });
  });
  const others = tally.quarantined.size - parts.length;
  if (others > 0) parts.push(say("other_rules", { count: others }));
  return [...parts, say("resend")].join(" ");
}

// How many figures came of the rows, and how many cells held something else than a number.
export function figures(tally) {
  const marked = mostCommon(tally.markers).filter(([name]) => name !== SHOWN)
    .map(([name, count]) => `${withCommas(count)} ${name.replaceAll("_", " ")}`);
  if (!marked.length) return say("figures_shown", { count: tally.figures });
  return say("figures_marked", { count: tally.figures, marked: listed(marked) });
}

export const setAside = (tally) =>
  [...tally.setAside].map(([reason, count]) => say("set_aside", { count, reason })).join(" ");
