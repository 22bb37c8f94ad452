// The sentences of sentences.toml, filled in as sentences.py fills them in.

const FACT = /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g;
let catalogue = { says: {}, expected: {}, stops: {} };

export function learnSentences(stated) {
  catalogue = stated;
}

export class FileStopped extends Error {
  constructor(outcome, message, rule) {
    super(message);
    this.outcome = outcome;
    this.rule = rule;
  }
}

export const say = (name, facts = {}) => filled(catalogue.says[name], facts);
export const expected = (rule, facts = {}) => filled(catalogue.expected[rule], facts);

export function stop(name, facts = {}, outcome = undefined) {
  const stated = catalogue.stops[name];
  return new FileStopped(outcome ?? stated.outcome, filled(stated.says, facts), stated.rule);
}

export const withCommas = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
export const counted = (count, one, many) => `${withCommas(count)} ${count === 1 ? one : many}`;

function filled(template, facts) {
  return template.replace(FACT, (_, name, one, many) => {
    const fact = facts[name];
    if (typeof fact !== "number") return String(fact);
    return one === undefined ? withCommas(fact) : counted(fact, one, many);
  });
}
