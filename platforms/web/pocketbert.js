// pocketbert in JavaScript: open a model, make a session, ask. See pocketbert.d.ts for the types and README.md for ten lines to copy.
//
// One WebAssembly module holds all models.
import { atMost, check, checkCount, floatOf, indexOf, listOf, PocketbertError, textAt, whole, withMemory, wordsAt } from './memory.js';
import createPocketbert from './pocketbert-wasm.mjs';
import { Session } from './session.js';

export { PocketbertError, Session };

const BACKENDS = ['auto', 'xnnpack', 'native', 'reference'];
const PROBLEM_TYPES = ['single_label', 'multi_label', 'regression'];
const TASKS = [
  'text-classification',
  'token-classification',
  'question-answering',
  'fill-mask',
  'feature-extraction',
  'next-sentence-prediction',
];
const SOURCES = ['special', 'text', 'pair'];
const TOKEN_NUMBERS = 7; // as binding.c writes them
const INFO_WORDS = 15; // pbert_model_info
const BLOCK_BYTES = 1 << 20; // of the vectors that nearest() looks at, at a time

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
  let handle = 0;
  try {
    handle = withMemory(wasm, (memory) => {
      const model = memory.words(0);
      check(wasm, wasm._pbert_open_memory(data, size, memory.struct(options.verify ? 1 : 0), model));
      return wordsAt(wasm, model, 1)[0];
    });
    return new Model(wasm, handle, data);
  } catch (error) {
    wasm._pbert_close(handle);
    wasm._free(data);
    throw error;
  }
}

export class Model {
  #wasm;
  #handle;
  #data;
  #sessions = new Set();
  #asking = 0;

  constructor(wasm, handle, data) {
    this.#wasm = wasm;
    this.#handle = handle;
    this.#data = data;
    this.heads = this.#readHeads();
    this.tasks = this.heads.map(({ task }) => task);
    const { task, problemType, labels, maxTokens, rejectThreshold } = this.heads[0];
    Object.assign(this, { task, problemType, labels, maxTokens, rejectThreshold });
  }

  #readHeads() {
    return this.#use((memory, wasm) => {
      const place = memory.struct(...Array(INFO_WORDS - 1).fill(0));
      const info = (head) => {
        check(wasm, wasm._pbert_get_head_info(this.#handle, head, place));
        return wordsAt(wasm, place, INFO_WORDS);
      };
      const common = info(0);
      this.vocabularySize = common[5];
      this.hiddenSize = common[6];
      return Array.from({ length: common[13] }, (_, head) => {
        const [, task, problemType, labelCount, maxTokens, , , , threshold] = info(head);
        const label = (_, i) => textAt(wasm, wasm._pbert_head_label(this.#handle, head, i));
        return {
          task: TASKS[task],
          problemType: PROBLEM_TYPES[problemType],
          labels: Array.from({ length: labelCount }, label),
          maxTokens,
          rejectThreshold: floatOf(threshold) < 0 ? null : floatOf(threshold),
        };
      });
    });
  }

  // call(memory, wasm), as in a session.
  #use(call) {
    if (this.#handle === 0) throw new PocketbertError('the model is closed');
    ++this.#asking;
    try {
      return withMemory(this.#wasm, (memory) => call(memory, this.#wasm));
    } finally {
      --this.#asking;
    }
  }

  session({ maxTokens = 0, backend = 'auto', tasks = this.tasks } = {}) {
    const asked = listOf('tasks', tasks);
    const bits = asked.reduce((all, task) => all | (1 << indexOf('tasks', task, TASKS)), 0);
    const handle = this.#use((memory, wasm) => {
      const place = memory.words(0);
      const options = memory.struct(whole('maxTokens', maxTokens), 0, indexOf('backend', backend, BACKENDS), 0, 0, bits, 0);
      check(wasm, wasm._pbert_session_create(this.#handle, options, place));
      return wordsAt(wasm, place, 1)[0];
    });
    const heads = this.heads.filter(({ task }) => bits === 0 || asked.includes(task));
    const closed = () => this.#sessions.delete(session);
    const session = new Session(this.#wasm, this.#handle, handle, { heads, vocabularySize: this.vocabularySize, closed });
    this.#sessions.add(session);
    return session;
  }

  tokenize(text, pair) {
    return this.#use((memory, wasm) => {
      const count = wasm._web_tokenize(this.#handle, memory.input(text, { pair }));
      checkCount(wasm, count);
      const numbers = wordsAt(wasm, wasm._web_tokens(), count * TOKEN_NUMBERS);
      return Array.from({ length: count }, (_, i) => {
        const [id, typeId, source, piece, pieceSize, begin, end] = numbers.subarray(i * TOKEN_NUMBERS);
        return { id, typeId, source: SOURCES[source], piece: textAt(wasm, piece, pieceSize), begin, end };
      });
    });
  }

  /** The text of token ids. */
  decode(ids, { skipSpecial = true } = {}) {
    return this.#use((memory, wasm) => {
      const numbers = Int32Array.from(listOf('ids', ids));
      const place = memory.copy(numbers);
      const size = memory.take(4);
      const decode = (text, capacity) => {
        check(wasm, wasm._pbert_decode(this.#handle, place, numbers.length, skipSpecial ? 1 : 0, text, capacity, size));
        return wordsAt(wasm, size, 1)[0];
      };
      const capacity = decode(0, 0);
      const text = memory.take(capacity);
      return textAt(wasm, text, decode(text, capacity));
    });
  }

  /** The cosine of two embeddings. */
  similarity(a, b) {
    if (a.length !== b.length) throw new PocketbertError(`similarity: vectors of ${a.length} and ${b.length} values`);
    return this.#use((memory, wasm) =>
      wasm._pbert_similarity(memory.copy(Float32Array.from(a)), memory.copy(Float32Array.from(b)), a.length),
    );
  }

  /** An embedding in as many bytes, to be searched by nearest(). */
  quantize(vector) {
    return this.#use((memory, wasm) => {
      const place = memory.take(vector.length);
      check(wasm, wasm._pbert_quantize_vector(memory.copy(Float32Array.from(vector)), vector.length, place));
      return new Int8Array(wasm.HEAPU8.buffer, place, vector.length).slice();
    });
  }

  /** The rows of an Int8Array that are nearest to an embedding by cosine, nearest first. */
  nearest(query, vectors, topK = 5) {
    if (!(vectors instanceof Int8Array)) throw new PocketbertError('nearest: vectors are no Int8Array: make its rows with quantize()');
    const columns = query.length;
    if (vectors.length % columns !== 0) throw new PocketbertError(`nearest: ${vectors.length} values are no rows of ${columns}`);
    const rows = vectors.length / columns;
    const most = atMost('topK', topK, rows);
    // In blocks, as the module's memory would grow to hold all vectors, and never shrinks.
    const height = Math.min(Math.ceil(BLOCK_BYTES / columns), rows);
    return this.#use((memory, wasm) => {
      const asked = memory.copy(Float32Array.from(query));
      const block = memory.take(height * columns);
      const best = memory.take(8 * Math.min(most, height));
      const count = memory.take(4);
      const found = [];
      for (let first = 0; first < rows; first += height) {
        const part = vectors.subarray(first * columns, (first + height) * columns);
        new Int8Array(wasm.HEAPU8.buffer, block, part.length).set(part);
        check(wasm, wasm._pbert_nearest(asked, columns, block, part.length / columns, best, Math.min(most, height), count));
        const words = wordsAt(wasm, best, 2 * wordsAt(wasm, count, 1)[0]);
        for (let i = 0; i < words.length; i += 2) found.push({ index: first + words[i], score: floatOf(words[i + 1]) });
      }
      return found.sort((a, b) => b.score - a.score).slice(0, most); // stable, so that ties stay in order
    });
  }

  /** Closes the sessions as well, and gives the memory back. May be called again. */
  close() {
    if (this.#handle === 0) return;
    if (this.#asking > 0) throw new PocketbertError('the model is being asked: close it after the answer');
    for (const session of [...this.#sessions]) session.close();
    this.#wasm._pbert_close(this.#handle);
    this.#wasm._free(this.#data);
    this.#handle = 0;
  }
}
