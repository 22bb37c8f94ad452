// Cells of published figures: a number, or the mark that stands in its place. As markers.py does it.

const NUMBER = /^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
export const SHOWN = "shown";
const MISSING = "missing";

export function figureReader(markers) {
  const known = new Map(Object.entries(markers));
  return (text) => {
    if (text === null) return { number: null, marker: MISSING, isUnread: false };
    if (NUMBER.test(text)) return { number: Number(text.replaceAll(",", "")), marker: SHOWN, isUnread: false };
    const marker = known.get(text.toLowerCase()) ?? null;
    return { number: null, marker, isUnread: marker === null };
  };
}
