// What a session can be asked: one method for each task of pocketbert.h.
import { atMost, check, checkCount, floatOf, floatsAt, indexOf, listOf, PocketbertError, strideOf, textAt, whole, withMemory, wordsAt } from './memory.js';

const AGGREGATIONS = ['none', 'simple', 'first', 'average', 'max'];
const POOLINGS = ['tokens', 'cls', 'mean', 'max', 'model'];
const CLASSIFIERS = ['text-classification', 'next-sentence-prediction']; // the first that there is answers, as pocketbert.h says
const MAX_ANSWERS = 64;
const ENTITY_WORDS = 6; // as binding.c writes them
const SPAN_WORDS = 7; // pbert_answer_span

function required(what, list) {
  const all = listOf(what, list);
  if (all.length === 0) throw new PocketbertError(`${what}: there are none`);
  return all;
}

// Its rows are copies, each by itself.
function embedding(count, columns, truncated, values) {
  const rows = Array.from({ length: count }, (_, i) => values.slice(columns * i, columns * (i + 1)));
  return { vector: rows[0], rows, truncated: truncated !== 0 };
}

export class Session {
  #wasm;
  #model;
  #handle;
  #heads;
  #vocabularySize;
  #closed;
  #asking = 0;

  // `heads`: those of the model's that this session asks.
  constructor(wasm, model, handle, { heads, vocabularySize, closed }) {
    this.#wasm = wasm;
    this.#model = model;
    this.#handle = handle;
    this.#heads = heads;
    this.#vocabularySize = vocabularySize;
    this.#closed = closed;
  }

  // call(memory, wasm, session), whose memory is given back. A text's own toString() runs meanwhile, and might close the session.
  #ask(call) {
    if (this.#handle === 0) throw new PocketbertError('the session is closed');
    ++this.#asking;
    try {
      return withMemory(this.#wasm, (memory) => call(memory, this.#wasm, this.#handle));
    } finally {
      --this.#asking;
    }
  }

  // The names of the labels of the first of these tasks that there is a head for.
  #labels(...tasks) {
    const labels = tasks.map((name) => this.#heads.find(({ task }) => task === name)).find((head) => head !== undefined)?.labels ?? [];
    return (index) => labels[index] || `LABEL_${index}`;
  }

  /** The tokens that the network saw last, and whether the text was cut for that. */
  lastTokens() {
    return this.#ask((memory, wasm, session) => {
      const places = memory.take(12);
      check(wasm, wasm._pbert_last_tokens(session, places, places + 4, places + 8));
      const [ids, count, truncated] = wordsAt(wasm, places, 3);
      return { ids: [...wordsAt(wasm, ids, count)], truncated: truncated !== 0 };
    });
  }

  classify(text, { topK = Infinity, ...input } = {}) {
    return this.#ask((memory, wasm, session) => {
      const result = memory.struct(0, 0, 0, 0, 0, 0, 0, 0, 0);
      check(wasm, wasm._pbert_classify(session, memory.input(text, input), result));
      const [, count, rejected, truncated, tokenCount, labels] = wordsAt(wasm, result, 10);
      return this.#classification(topK, [rejected, truncated, tokenCount], wordsAt(wasm, labels, 2 * count));
    });
  }

  classifyAll(texts, { topK = Infinity, ...input } = {}) {
    return this.#askAll(this.#wasm._web_classify_batch, texts, input, [], (words) => this.#classification(topK, words, words.subarray(3)));
  }

  #classification(topK, [rejected, truncated, tokenCount], pairs) {
    const label = this.#labels(...CLASSIFIERS);
    return {
      labels: Array.from({ length: atMost('topK', topK, pairs.length / 2) }, (_, i) => ({
        label: label(pairs[2 * i]),
        score: floatOf(pairs[2 * i + 1]),
      })),
      rejected: rejected !== 0,
      truncated: truncated !== 0,
      tokenCount,
    };
  }

  // What `result` makes of the words that binding.c has for each of `texts`.
  #askAll(ask, texts, input, flags, result) {
    const all = listOf('texts', texts);
    return this.#ask((memory, wasm, session) => {
      const place = memory.words(0);
      const count = ask(session, memory.inputs(all, input), all.length, ...flags, place);
      const answers = memory.keep(wordsAt(wasm, place, 1)[0]);
      checkCount(wasm, count);
      const words = wordsAt(wasm, answers, count);
      let begin = 0;
      return all.map(() => {
        const size = words[begin++];
        return result(words.subarray(begin, (begin += size)));
      });
    });
  }

  tag(text, { aggregation = 'simple', ignoreLabels = ['O'], ...input } = {}) {
    const strategy = indexOf('aggregation', aggregation, AGGREGATIONS);
    const ignored = listOf('ignoreLabels', ignoreLabels);
    const all = String(text); // once: it may be the work of a toString()
    return this.#ask((memory, wasm, session) => {
      const options = memory.struct(strategy, ignored.length, memory.strings(ignored));
      const count = wasm._web_tag(session, memory.input(all, input), options);
      checkCount(wasm, count);
      const words = wordsAt(wasm, wasm._web_entities(), count * ENTITY_WORDS);
      const labelOf = this.#labels('token-classification');
      const entities = Array.from({ length: count }, (_, i) => {
        const [label, score, begin, end, word, size] = words.subarray(i * ENTITY_WORDS);
        const name = labelOf(label);
        return {
          label: strategy === 0 ? name : name.slice(name.indexOf('-') + 1), // as the reference names groups
          score: floatOf(score),
          text: all.slice(begin, end),
          word: textAt(wasm, wasm._web_entity_words() + word, size),
          begin,
          end,
        };
      });
      return { entities, truncated: this.lastTokens().truncated };
    });
  }

  answer(question, context, options = {}) {
    const { topK = 1, stride, maxAnswerTokens = 0, windowTokens = 0, allowNone = false, partWords = false } = options;
    const all = String(context);
    return this.#ask((memory, wasm, session) => {
      const input = memory.input(question, { pair: all, maxTokens: whole('windowTokens', windowTokens) });
      const limits = [whole('topK', topK, 1), strideOf(stride), whole('maxAnswerTokens', maxAnswerTokens)];
      const asked = memory.struct(...limits, allowNone ? 1 : 0, partWords ? 1 : 0);
      const spans = memory.take(MAX_ANSWERS * SPAN_WORDS * 4);
      const count = memory.take(4);
      check(wasm, wasm._pbert_answer(session, input, asked, spans, MAX_ANSWERS, count));
      const found = wordsAt(wasm, count, 1)[0];
      const words = wordsAt(wasm, spans, found * SPAN_WORDS);
      return Array.from({ length: found }, (_, i) => {
        const [score, , , , , begin, end] = words.subarray(i * SPAN_WORDS);
        return { text: all.slice(begin, end), score: floatOf(score), begin, end };
      });
    });
  }

  fillMask(text, { topK = 5, targets, ...input } = {}) {
    return this.#ask((memory, wasm, session) => {
      const ids = targets === undefined || targets === null ? [] : required('targets', targets).map((piece) => {
        const id = wasm._pbert_piece_id(this.#model, ...memory.text(piece));
        if (id < 0) throw new PocketbertError(`targets: the vocabulary has no piece ${String(piece)}`);
        return id;
      });
      const asked = memory.input(text, input);
      const targetPlace = ids.length === 0 ? 0 : memory.copy(Uint32Array.from(ids));
      const most = atMost('topK', topK, this.#vocabularySize, 1);
      const count = memory.take(4);
      let [place, found, capacity] = [0, 8 * most, 0]; // room for eight masks; where there are more, asked once more
      while (found > capacity) {
        capacity = found;
        place = memory.take(12 * capacity);
        check(wasm, wasm._pbert_fill_mask(session, asked, most, targetPlace, ids.length, place, capacity, count));
        found = wordsAt(wasm, count, 1)[0];
      }
      const masks = new Map();
      const words = wordsAt(wasm, place, 3 * found);
      const size = memory.take(4);
      for (let i = 0; i < found; ++i) {
        const [token, id, score] = words.subarray(3 * i);
        if (!masks.has(token)) masks.set(token, []);
        const piece = wasm._pbert_piece(this.#model, id, size);
        masks.get(token).push({ piece: textAt(wasm, piece, wordsAt(wasm, size, 1)[0]), id, score: floatOf(score) });
      }
      return [...masks.values()];
    });
  }

  embed(text, { pooling = 'model', normalize = false, ...input } = {}) {
    const chosen = indexOf('pooling', pooling, POOLINGS);
    return this.#ask((memory, wasm, session) => {
      const result = memory.struct(0, 0, 0, 0);
      check(wasm, wasm._pbert_embed(session, memory.input(text, input), chosen, normalize ? 1 : 0, result));
      const [, count, columns, truncated, values] = wordsAt(wasm, result, 5);
      return embedding(count, columns, truncated, floatsAt(wasm, values, count * columns));
    });
  }

  embedAll(texts, { pooling = 'model', normalize = false, ...input } = {}) {
    const flags = [indexOf('pooling', pooling, POOLINGS), normalize ? 1 : 0];
    return this.#askAll(this.#wasm._web_embed_batch, texts, input, flags, (words) => {
      const [count, columns, truncated] = words;
      return embedding(count, columns, truncated, new Float32Array(words.buffer, words.byteOffset + 12, count * columns));
    });
  }

  // One network run for each of `texts`: what `result` makes of index and score, best first, and whether a text was cut.
  #rank(ask, text, texts, input, flags, result) {
    return this.#ask((memory, wasm, session) => {
      const scores = memory.take(8 * texts.length);
      const truncated = memory.take(4);
      check(wasm, ask(session, memory.input(text, input), memory.texts(texts), texts.length, ...flags, scores, truncated));
      const words = wordsAt(wasm, scores, 2 * texts.length);
      const ranked = texts.map((_, i) => result(words[2 * i], floatOf(words[2 * i + 1])));
      return Object.assign(ranked, { truncated: wordsAt(wasm, truncated, 1)[0] !== 0 });
    });
  }

  zeroShot(text, labels, { template = 'This example is {}.', multiLabel = false, ...input } = {}) {
    const pattern = String(template);
    if (!pattern.includes('{}')) throw new PocketbertError(`template ${pattern}: it has no {} for the label`);
    const names = required('labels', labels);
    const hypotheses = names.map((label) => pattern.replace('{}', () => String(label))); // a function, as "$&" in a label is text
    const result = (index, score) => ({ label: names[index], score });
    return this.#rank(this.#wasm._pbert_zero_shot, text, hypotheses, input, [multiLabel ? 1 : 0], result);
  }

  rerank(query, candidates, input = {}) {
    const texts = required('candidates', candidates);
    return this.#rank(this.#wasm._pbert_rerank, query, texts, input, [], (index, score) => ({ index, text: texts[index], score }));
  }

  close() {
    if (this.#handle === 0) return;
    if (this.#asking > 0) throw new PocketbertError('the session is being asked: close it after the answer');
    this.#wasm._pbert_session_destroy(this.#handle);
    this.#handle = 0;
    this.#closed();
  }
}
