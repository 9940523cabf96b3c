// pocketbert in JavaScript: open a model, make a session, ask. See pocketbert.d.ts for the types and README.md for ten lines to copy.
//
// One WebAssembly module holds all models. Its memory grows and then moves, so views of it are made where they are used and never kept.
import createPocketbert from './pocketbert-wasm.mjs';

const BACKENDS = { auto: 0, xnnpack: 1, native: 2, reference: 3 };
const PROBLEM_TYPES = ['single_label', 'multi_label', 'regression'];
const SOURCES = ['special', 'text', 'pair'];
const TOKEN_NUMBERS = 7; // as binding.c writes them

export class PocketbertError extends Error {
  constructor(message) {
    super(message);
    this.name = 'PocketbertError';
  }
}

let loading;

/** Loads the module once. Without `source`, from beside this file; otherwise its bytes, a Response, or where they are. */
export function load(source) {
  loading ??= bytesOf(source ?? new URL('./pocketbert-wasm.wasm', import.meta.url)).then((wasmBinary) =>
    createPocketbert({ wasmBinary, print() {}, printErr() {} }),
  );
  loading.catch(() => (loading = undefined)); // the next call tries again
  return loading;
}

// The bytes of what is in memory already; undefined for what has to be read.
function bytesIn(source) {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

const isFile = (source) => source instanceof URL && source.protocol === 'file:' && typeof process === 'object';

async function responseOf(source) {
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) throw new PocketbertError(`${response.url}: HTTP status ${response.status}`);
  return response;
}

async function bytesOf(source) {
  const bytes = bytesIn(source);
  if (bytes !== undefined) return bytes;
  if (isFile(source)) return (await import('node:fs/promises')).readFile(source);
  return new Uint8Array(await (await responseOf(source)).arrayBuffer());
}

// Parts of a source; each is to be used before the next one is asked for.
async function* partsOfFile(file) {
  const part = new Uint8Array(1 << 20);
  for (let count; (count = (await file.read(part)).bytesRead) > 0; ) yield part.subarray(0, count);
}
async function* partsOfResponse(response) {
  const reader = response.body.getReader(); // Safari cannot iterate over a stream
  for (let next; !(next = await reader.read()).done; ) yield next.value;
}

const isHere = (source) => bytesIn(source) !== undefined || isFile(source);

// Copies bytes, a file or a Response into the module's memory part by part, so that there is never a whole copy outside of it. [address, size]
async function intoMemory(wasm, source) {
  const bytes = bytesIn(source);
  if (bytes !== undefined) return placed(wasm, bytes.length, [bytes]);
  if (isFile(source)) {
    const file = await (await import('node:fs/promises')).open(source);
    try {
      return await placed(wasm, (await file.stat()).size, partsOfFile(file));
    } finally {
      await file.close();
    }
  }
  const expected = source.headers.has('content-encoding') ? 0 : Number(source.headers.get('content-length')) || 0;
  return placed(wasm, expected, source.body === null ? [] : partsOfResponse(source));
}

// What comes beyond `expected` bytes waits until all is there: a header may be missing, or count compressed bytes.
async function placed(wasm, expected, parts) {
  const allocate = (bytes) => {
    const address = bytes < 2 ** 31 ? wasm._malloc(bytes) : 0;
    if (address === 0) throw new PocketbertError(`no memory for a model of ${bytes} bytes`);
    return address;
  };
  let data = allocate(Math.max(expected, 1));
  try {
    const beyond = [];
    let [size, inside] = [0, 0];
    for await (const part of parts) {
      if (beyond.length === 0 && inside + part.length <= expected) {
        wasm.HEAPU8.set(part, data + inside);
        inside += part.length;
      } else {
        beyond.push(part.slice());
      }
      size += part.length;
    }
    if (beyond.length > 0) {
      const all = allocate(size);
      wasm.HEAPU8.copyWithin(all, data, data + inside);
      wasm._free(data);
      data = all;
      for (; beyond.length > 0; inside += beyond.shift().length) wasm.HEAPU8.set(beyond[0], data + inside);
    }
    return [data, size];
  } catch (error) {
    wasm._free(data);
    throw error;
  }
}

/** Opens a model from its bytes, a Response, or the place to fetch it from. */
export async function openModel(source, options = {}) {
  // Both are on their way at once.
  const [wasm, reached] = await Promise.all([load(options.wasm), isHere(source) ? source : responseOf(source)]);
  const [data, size] = await intoMemory(wasm, reached);
  const handle = wasm._web_open(data, size, options.verify ? 1 : 0);
  if (handle === 0) {
    const reason = textAt(wasm, wasm._web_error());
    wasm._free(data);
    throw new PocketbertError(reason);
  }
  return new Model(wasm, handle, data);
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function textAt(wasm, address, size = wasm.HEAPU8.indexOf(0, address) - address) {
  return address === 0 ? '' : decoder.decode(wasm.HEAPU8.subarray(address, address + size));
}

// Puts text and pair into the module's memory for the time of one call: call(text, size, pair, size). No pair is the null address;
// an empty one is not.
function withTexts(wasm, text, pair, call) {
  const hasPair = pair !== undefined && pair !== null;
  const first = encoder.encode(String(text));
  const second = hasPair ? encoder.encode(String(pair)) : new Uint8Array();
  const place = wasm._malloc(first.length + second.length + 1);
  if (place === 0) throw new PocketbertError('no memory for the text');
  try {
    wasm.HEAPU8.set(first, place);
    wasm.HEAPU8.set(second, place + first.length);
    return call(place, first.length, hasPair ? place + first.length : 0, second.length);
  } finally {
    wasm._free(place);
  }
}

export class Model {
  #wasm;
  #handle;
  #data;
  #sessions = new Set();

  constructor(wasm, handle, data) {
    this.#wasm = wasm;
    this.#handle = handle;
    this.#data = data;
    const number = (what) => wasm._web_info(handle, what);
    this.problemType = PROBLEM_TYPES[number(1)];
    this.labels = Array.from({ length: number(2) }, (_, i) => textAt(wasm, wasm._web_label(handle, i)));
    this.maxTokens = number(3);
    const threshold = wasm._web_reject_threshold(handle);
    this.rejectThreshold = threshold < 0 ? null : threshold;
  }

  #check() {
    if (this.#handle === 0) throw new PocketbertError('the model is closed');
  }

  session({ maxTokens = 0, backend = 'auto' } = {}) {
    this.#check();
    if (!(backend in BACKENDS)) throw new PocketbertError(`backend ${backend}: is none of ${Object.keys(BACKENDS).join(', ')}`);
    const handle = this.#wasm._web_session(this.#handle, maxTokens, BACKENDS[backend]);
    if (handle === 0) throw new PocketbertError(textAt(this.#wasm, this.#wasm._web_error()));
    const session = new Session(this.#wasm, handle, this.labels, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    return session;
  }

  tokenize(text, pair) {
    this.#check();
    const wasm = this.#wasm;
    const count = withTexts(wasm, text, pair, (...place) => wasm._web_tokenize(this.#handle, ...place));
    if (count < 0) throw new PocketbertError(textAt(wasm, wasm._web_error()));
    const numbers = new Uint32Array(wasm.HEAPU8.buffer, wasm._web_tokens(), count * TOKEN_NUMBERS);
    return Array.from({ length: count }, (_, i) => {
      const [id, typeId, source, piece, pieceSize, begin, end] = numbers.subarray(i * TOKEN_NUMBERS);
      return { id, typeId, source: SOURCES[source], piece: textAt(wasm, piece, pieceSize), begin, end };
    });
  }

  /** Closes the sessions as well, and gives the memory back. May be called again. */
  close() {
    if (this.#handle === 0) return;
    for (const session of [...this.#sessions]) session.close();
    this.#wasm._web_close(this.#handle);
    this.#wasm._free(this.#data);
    this.#handle = 0;
  }
}

export class Session {
  #wasm;
  #handle;
  #labels;
  #closed;

  constructor(wasm, handle, labels, closed) {
    this.#wasm = wasm;
    this.#handle = handle;
    this.#labels = labels;
    this.#closed = closed;
  }

  classify(text, { pair, topK = Infinity } = {}) {
    if (this.#handle === 0) throw new PocketbertError('the session is closed');
    const wasm = this.#wasm;
    if (!withTexts(wasm, text, pair, (...place) => wasm._web_classify(this.#handle, ...place))) {
      throw new PocketbertError(textAt(wasm, wasm._web_error()));
    }
    const address = wasm._web_scores();
    const count = wasm._web_result(0);
    const indices = new Uint32Array(wasm.HEAPU8.buffer, address, 2 * count);
    const scores = new Float32Array(wasm.HEAPU8.buffer, address, 2 * count);
    return {
      labels: Array.from({ length: Math.min(count, topK) }, (_, i) => ({
        label: this.#labels[indices[2 * i]],
        score: scores[2 * i + 1],
      })),
      rejected: wasm._web_result(1) !== 0,
      truncated: wasm._web_result(2) !== 0,
      tokenCount: wasm._web_result(3),
    };
  }

  close() {
    if (this.#handle === 0) return;
    this.#wasm._web_session_free(this.#handle);
    this.#handle = 0;
    this.#closed();
  }
}
