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

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function textAt(wasm, address, size = wasm.HEAPU8.indexOf(0, address) - address) {
  return address === 0 ? '' : decoder.decode(wasm.HEAPU8.subarray(address, address + size));
}

export const wordsAt = (wasm, address, count) => new Uint32Array(wasm.HEAPU8.buffer, address, count).slice();
export const floatsAt = (wasm, address, count) => new Float32Array(wasm.HEAPU8.buffer, address, count).slice();

/** The number that a word of a struct stands for where that field is a float. */
export const floatOf = (word) => new Float32Array(Uint32Array.of(word).buffer)[0];

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
    return this.words(...texts.flatMap((text) => this.text(text)));
  }

  /** The address of an array of strings that end in a zero byte. */
  strings(texts) {
    return this.words(...texts.map((text) => this.text(`${text}\0`)[0]), 0);
  }

  /** A pbert_input. No pair is the null address; an empty one is not. `stride` 0 shares nothing, undefined cuts. */
  input(text, { pair, maxTokens = 0, stride } = {}) {
    const second = pair === undefined || pair === null ? [0, 0] : this.text(pair);
    return this.struct(maxTokens, ...this.text(text), ...second, 0, strideOf(stride));
  }
}

/** As the C interface says it: 0 is its default, and none at all a number of its own. */
export function strideOf(stride) {
  if (stride === undefined) return 0;
  return stride === 0 ? 0xffffffff : stride;
}
