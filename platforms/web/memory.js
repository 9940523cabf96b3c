// Texts, numbers and structs of the C interface in the WebAssembly module's memory, for the time of one call.
//
// Addresses have 32 bits there and every field of pocketbert.h's structs has four bytes (binding.c checks it), so that a struct is a list
// of words. The memory grows and then moves, so views of it are made where they are used and never kept.

export class PocketbertError extends Error {
  constructor(message) {
    super(message);
    this.name = 'PocketbertError';
  }
}

const INPUT_BYTES = 32; // of a pbert_input

const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // "ignored" is left in: U+FEFF is a character of the text
const encoder = new TextEncoder();

export function textAt(wasm, address, size = wasm.HEAPU8.indexOf(0, address) - address) {
  return address === 0 ? '' : decoder.decode(wasm.HEAPU8.subarray(address, address + size));
}

export const wordsAt = (wasm, address, count) => new Uint32Array(wasm.HEAPU8.buffer, address, count).slice();
export const floatsAt = (wasm, address, count) => new Float32Array(wasm.HEAPU8.buffer, address, count).slice();

/** The number that a word of a struct stands for where that field is a float. */
export const floatOf = (word) => new Float32Array(Uint32Array.of(word).buffer)[0];

/** The index of a name, or an error that lists the others. */
export function indexOf(what, name, names) {
  const index = names.indexOf(name);
  if (index < 0) throw new PocketbertError(`${what} ${String(name)}: is none of ${names.join(', ')}`);
  return index;
}

// Words wrap around and have no NaN: what is not checked here would silently stand for another number.
const LARGEST = 2 ** 32 - 2; // the last word is PBERT_NO_STRIDE

/** A number that a word can hold; null, as undefined, is `least`. */
export function whole(what, value, least = 0) {
  const number = value ?? least;
  if (Number.isInteger(number) && number >= least && number <= LARGEST) return number;
  throw new PocketbertError(`${what} ${String(value)}: is no whole number from ${least} to ${LARGEST}`);
}

/** The same, where there are no more than `limit` of something; Infinity asks for all. */
export const atMost = (what, value, limit, least = 0) => (value === Infinity ? limit : Math.min(whole(what, value, least), limit));

/** What a list holds, as an array. A string would be a list of its letters. */
export function listOf(what, list) {
  if (typeof list !== 'string' && typeof list?.[Symbol.iterator] === 'function') return [...list];
  throw new PocketbertError(`${what} ${String(list)}: is no list: give an array`);
}

/** Throws the library's reason unless a function of it did what it should. */
export function check(wasm, status) {
  if (status !== 0) throw new PocketbertError(textAt(wasm, wasm._pbert_error()));
}

/** The same for the functions of binding.c that count what they collected. */
export function checkCount(wasm, count) {
  if (count === -2) throw new PocketbertError('no memory for the result');
  if (count < 0) check(wasm, count);
}

/** Calls call(memory), and gives back what it took, whatever happens. */
export function withMemory(wasm, call) {
  const memory = new Memory(wasm);
  try {
    return call(memory);
  } finally {
    memory.free();
  }
}

class Memory {
  #wasm;
  #places = [];

  constructor(wasm) {
    this.#wasm = wasm;
  }

  free() {
    for (const place of this.#places) this.#wasm._free(place);
  }

  /** The address of so many bytes. */
  take(bytes) {
    const place = bytes < 2 ** 31 ? this.#wasm._malloc(Math.max(bytes, 4)) : 0;
    if (place === 0) throw new PocketbertError(`no memory for ${bytes} bytes`);
    return this.keep(place);
  }

  /** Gives back what the module took, too, if it did. */
  keep(place) {
    this.#places.push(place);
    return place;
  }

  /** The address of a copy of an array of numbers. */
  copy(array) {
    const place = this.take(array.byteLength);
    this.#wasm.HEAPU8.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), place);
    return place;
  }

  words(...values) {
    return this.copy(Uint32Array.from(values));
  }

  /** A struct that knows its size. */
  struct(...fields) {
    return this.words(4 * (fields.length + 1), ...fields);
  }

  /** Address and size in bytes of a text as UTF-8. A lone surrogate becomes U+FFFD, as TextEncoder has it. */
  text(text) {
    const bytes = encoder.encode(String(text));
    return [this.copy(bytes), bytes.length];
  }

  /** The address of an array of pbert_text. */
  texts(texts) {
    return this.copy(Uint32Array.from(texts.flatMap((text) => this.text(text)))); // no arguments: those are on the stack
  }

  /** The address of an array of strings that end in a zero byte. */
  strings(texts) {
    return this.words(...texts.map((text) => this.text(`${String(text)}\0`)[0]), 0);
  }

  /** A pbert_input. */
  input(text, options) {
    return this.inputs([text], options);
  }

  /** The address of an array of them. No pair is the null address; an empty one is not. `stride` 0 shares nothing, undefined cuts. */
  inputs(texts, { pair, maxTokens = 0, stride } = {}) {
    const [most, shared] = [whole('maxTokens', maxTokens), strideOf(stride)];
    const second = pair === undefined || pair === null ? [0, 0] : this.text(pair);
    return this.copy(Uint32Array.from(texts.flatMap((text) => [INPUT_BYTES, most, ...this.text(text), ...second, 0, shared])));
  }
}

/** As the C interface says it: 0 is its default, and none at all a number of its own. */
export function strideOf(stride) {
  if (stride === undefined || stride === null) return 0;
  return whole('stride', stride) === 0 ? 0xffffffff : stride;
}
