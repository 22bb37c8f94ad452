// Code columns: what was sent, brought to the contract's code, one distinct value at a time. As codes.py does it.

import { SPELLINGS } from "./spellings.js";
import { foldCase, plain } from "./text.js";

const STRANGE = { code: null, isStrange: true };
const NOTHING = { code: null, isStrange: false };

export class CodeReader {
  // list: a code list; ours: the supplier map's table of sent code -> our code; nulls: folded spellings of nothing.
  constructor(list, ours, nulls) {
    this.codes = new Set(list.codes);
    this.list = list;
    this.ours = new Map(ours);
    this.byCase = new Map(ours.map(([sent, code]) => [foldCase(sent), code]));
    this.nulls = new Set(nulls);
    this.known = new Map();
    this.nothings = 0;
  }

  read(text) {
    if (text === null) return NOTHING;
    if (!this.known.has(text)) this.known.set(text, this.learned(text));
    const found = this.known.get(text);
    if (found === NOTHING) this.nothings += 1;
    return found;
  }

  learned(text) {
    const code = this.canonical(this.ours.get(text) || this.byCase.get(foldCase(text)) || text);
    if (code !== undefined) return { code, isStrange: false };
    return this.nulls.has(foldCase(text)) ? NOTHING : STRANGE;
  }

  canonical(text) {
    const tidy = plain(text);
    const short = this.list.aliases[tidy.toLowerCase()] ?? tidy;
    const spelt = this.list.spellings.map((name) => SPELLINGS[name](text));
    return [tidy, short, tidy.toLowerCase(), tidy.toUpperCase(), ...spelt].find((code) => this.codes.has(code));
  }
}
