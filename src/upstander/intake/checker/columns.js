// Headings become the contract's columns: joined, trimmed, constants added, spellings of nothing made empty.

import { trimmed, trimmedCell } from "./text.js";

// What makes a row of text of a row of cells, and counts the cells that say in words that nothing is there.
export function columnMaker({ contract, supplier }, present) {
  const makers = [
    ...supplier.columns.filter(([heading]) => present.has(heading)).map(([heading, name]) => [name, cellOf(heading)]),
    ...supplier.split.filter(([, parts]) => parts.some((part) => present.has(part)))
      .map(([name, parts]) => [name, joinedOf(parts.filter((part) => present.has(part)))]),
    ...supplier.constants.map(([name, text]) => [name, () => trimmedCell(text)]),
    ...supplier.figure_headings.filter((heading) => present.has(heading)).map((heading) => [heading, cellOf(heading)]),
    ...wordsOfFigures(supplier),
  ];
  const spelt = new Set(supplier.nulls);
  const mayBeNull = new Set(contract.columns.filter((column) => column.spells_nothing).map((column) => column.name));
  return (cells) => {
    const text = {};
    let nothings = 0;
    for (const [name, make] of makers) {
      const made = make(cells);
      const isNothing = made !== null && mayBeNull.has(name) && spelt.has(made);
      nothings += isNothing;
      text[name] = made === "" || isNothing ? null : made;
    }
    return { text, nothings };
  };
}

const cellOf = (heading) => (cells) => trimmedCell(cells.get(heading));

const joinedOf = (parts) => (cells) =>
  parts.map((part) => trimmed(cells.get(part))).filter((text) => text !== "").join(" ");

// The area by the level of the row, and what kind of period it is for.
function wordsOfFigures({ areas, period }) {
  const made = period.identifier ? [["period.identifier", cellOf(period.identifier)]] : [];
  if (!areas.level) return made;
  const parts = [["area_code", "code"], ["area_name", "name"]].filter(([name]) => areas.fills.includes(name));
  return [...made, ["area.level", cellOf(areas.level)], ...parts.map(([name, part]) => [name, byLevel(areas, part)])];
}

const byLevel = (areas, part) => (cells) => {
  const stated = areas.levels[trimmedCell(cells.get(areas.level))];
  return stated?.[part] ? trimmedCell(cells.get(stated[part])) : null;
};
