// Which texts have been seen in this file: 64 bits of each in open-addressed tables, as seen.py keeps them.

export class Seen {
  constructor() {
    this.makeTables(1 << 16);
    this.count = 0;
  }

  // Whether a text was there before; it is there afterwards.
  add(text) {
    if ((this.count + 1) * 2 > this.low.length) this.grow();
    const [low, high] = hashed(text);
    const isKnown = this.insert(low, high);
    this.count += !isKnown;
    return isKnown;
  }

  insert(low, high) {
    const mask = this.low.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      if (this.low[slot] === low && this.high[slot] === high) return true;
      if (this.low[slot] === 0 && this.high[slot] === 0) {
        this.low[slot] = low;
        this.high[slot] = high;
        return false;
      }
    }
  }

  grow() {
    const { low, high } = this;
    this.makeTables(low.length * 2);
    for (let slot = 0; slot < low.length; slot += 1) {
      if (low[slot] !== 0 || high[slot] !== 0) this.insert(low[slot], high[slot]);
    }
  }

  makeTables(size) {
    this.low = new Uint32Array(size);
    this.high = new Uint32Array(size);
  }
}

// Two 32-bit hashes of a text, mixed with one another; never both nought, which marks a free slot.
// Source: the finaliser is MurmurHash3's (A. Appleby, public domain).
function hashed(text) {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x9e3779b1);
    two = Math.imul(two ^ unit, 0x5f356495);
  }
  const first = mixed(one ^ (two >>> 16));
  const second = mixed(two ^ (one >>> 13));
  return [first === 0 && second === 0 ? 1 : first, second];
}

function mixed(hash) {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
