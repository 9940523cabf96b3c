// What a session can be asked: one method for each task of pocketbert.h.
import { check, checkCount, floatOf, floatsAt, PocketbertError, strideOf, textAt, withMemory, wordsAt } from './memory.js';

const AGGREGATIONS = ['none', 'simple', 'first', 'average', 'max'];
const POOLINGS = ['tokens', 'cls', 'mean', 'max', 'model'];
const HEADS = { classify: 0, tag: 1, next: 5 }; // pbert_task
const MAX_ANSWERS = 64;
const ENTITY_WORDS = 6; // as binding.c writes them
const SPAN_WORDS = 7; // pbert_answer_span

/** The index of a name, or an error that lists the others. */
function indexOf(what, name, names) {
  const index = names.indexOf(name);
  if (index < 0) throw new PocketbertError(`${what} ${name}: is none of ${names.join(', ')}`);
  return index;
}

const required = (what, list) => {
  if (!Array.isArray(list) || list.length === 0) throw new PocketbertError(`${what}: there are none`);
  return list;
};

export class Session {
  #wasm;
  #model;
  #handle;
  #closed;

  constructor(wasm, model, handle, closed) {
    this.#wasm = wasm;
    this.#model = model;
    this.#handle = handle;
    this.#closed = closed;
  }

  // call(memory, wasm, session), whose memory is given back.
  #ask(call) {
    if (this.#handle === 0) throw new PocketbertError('the session is closed');
    return withMemory(this.#wasm, (memory) => call(memory, this.#wasm, this.#handle));
  }

  // The name of a label of the head for a task.
  #label(task, index) {
    const wasm = this.#wasm;
    return textAt(wasm, wasm._pbert_head_label(this.#model, wasm._pbert_task_head(this.#model, task), index)) || `LABEL_${index}`;
  }

  #classifier() {
    const wasm = this.#wasm;
    const has = (task) => wasm._pbert_head_label(this.#model, wasm._pbert_task_head(this.#model, task), 0) !== 0;
    return has(HEADS.classify) ? HEADS.classify : HEADS.next;
  }

  #truncated(memory) {
    const place = memory.take(4);
    check(this.#wasm, this.#wasm._pbert_last_tokens(this.#handle, 0, 0, place));
    return wordsAt(this.#wasm, place, 1)[0] !== 0;
  }

  classify(text, { topK = Infinity, ...input } = {}) {
    return this.#ask((memory, wasm, session) => {
      const result = memory.struct(0, 0, 0, 0, 0, 0, 0);
      check(wasm, wasm._pbert_classify(session, memory.input(text, input), result));
      const [, count, rejected, truncated, tokenCount, labels] = wordsAt(wasm, result, 8);
      const pairs = wordsAt(wasm, labels, 2 * count);
      const task = this.#classifier();
      return {
        labels: Array.from({ length: Math.min(count, topK) }, (_, i) => ({
          label: this.#label(task, pairs[2 * i]),
          score: floatOf(pairs[2 * i + 1]),
        })),
        rejected: rejected !== 0,
        truncated: truncated !== 0,
        tokenCount,
      };
    });
  }

  tag(text, { aggregation = 'simple', ignoreLabels = ['O'], ...input } = {}) {
    const strategy = indexOf('aggregation', aggregation, AGGREGATIONS);
    return this.#ask((memory, wasm, session) => {
      const options = memory.struct(strategy, ignoreLabels.length, memory.strings(ignoreLabels));
      const count = wasm._web_tag(session, memory.input(text, input), options);
      checkCount(wasm, count);
      const words = wordsAt(wasm, wasm._web_entities(), count * ENTITY_WORDS);
      const entities = Array.from({ length: count }, (_, i) => {
        const [label, score, begin, end, word, size] = words.subarray(i * ENTITY_WORDS);
        const name = this.#label(HEADS.tag, label);
        return {
          label: strategy === 0 ? name : name.slice(name.indexOf('-') + 1), // as the reference names groups
          score: floatOf(score),
          text: String(text).slice(begin, end),
          word: textAt(wasm, wasm._web_entity_words() + word, size),
          begin,
          end,
        };
      });
      return { entities, truncated: this.#truncated(memory) };
    });
  }

  answer(question, context, options = {}) {
    const { topK = 1, stride, maxAnswerTokens = 0, windowTokens = 0, allowNone = false, partWords = false } = options;
    return this.#ask((memory, wasm, session) => {
      const input = memory.input(question, { pair: context, maxTokens: windowTokens });
      const asked = memory.struct(topK, strideOf(stride), maxAnswerTokens, allowNone ? 1 : 0, partWords ? 1 : 0);
      const spans = memory.take(MAX_ANSWERS * SPAN_WORDS * 4);
      const count = memory.take(4);
      check(wasm, wasm._pbert_answer(session, input, asked, spans, MAX_ANSWERS, count));
      const found = wordsAt(wasm, count, 1)[0];
      const words = wordsAt(wasm, spans, found * SPAN_WORDS);
      return Array.from({ length: found }, (_, i) => {
        const [score, , , , , begin, end] = words.subarray(i * SPAN_WORDS);
        return { text: String(context).slice(begin, end), score: floatOf(score), begin, end };
      });
    });
  }

  fillMask(text, { topK = 5, targets, ...input } = {}) {
    return this.#ask((memory, wasm, session) => {
      const ids = targets === undefined ? [] : required('targets', targets).map((piece) => {
        const id = wasm._pbert_piece_id(this.#model, ...memory.text(piece));
        if (id < 0) throw new PocketbertError(`targets: the vocabulary has no piece ${piece}`);
        return id;
      });
      const asked = memory.input(text, input);
      const targetPlace = ids.length === 0 ? 0 : memory.words(...ids);
      const count = memory.take(4);
      let [place, found, capacity] = [0, 8 * topK, 0]; // room for eight masks; where there are more, asked once more
      while (found > capacity) {
        capacity = found;
        place = memory.take(12 * capacity);
        check(wasm, wasm._pbert_fill_mask(session, asked, topK, targetPlace, ids.length, place, capacity, count));
        found = wordsAt(wasm, count, 1)[0];
      }
      const masks = new Map();
      const words = wordsAt(wasm, place, 3 * found);
      for (let i = 0; i < found; ++i) {
        const [token, id, score] = words.subarray(3 * i);
        if (!masks.has(token)) masks.set(token, []);
        const size = memory.take(4);
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
      const rows = Array.from({ length: count }, (_, i) => floatsAt(wasm, values + 4 * columns * i, columns));
      return { vector: rows[0], rows, truncated: truncated !== 0 };
    });
  }

  // One network run for each of `texts`: [index, score] pairs, best first.
  #rank(ask, text, texts, input, flags = []) {
    return this.#ask((memory, wasm, session) => {
      const scores = memory.take(8 * texts.length);
      const truncated = memory.take(4);
      check(wasm, ask(session, memory.input(text, input), memory.texts(texts), texts.length, ...flags, scores, truncated));
      const words = wordsAt(wasm, scores, 2 * texts.length);
      return texts.map((_, i) => [words[2 * i], floatOf(words[2 * i + 1])]);
    });
  }

  zeroShot(text, labels, { template = 'This example is {}.', multiLabel = false, ...input } = {}) {
    if (!template.includes('{}')) throw new PocketbertError('template: it has no {} for the label');
    const hypotheses = required('labels', labels).map((label) => template.split('{}', 1)[0] + label + template.slice(template.indexOf('{}') + 2));
    const ranked = this.#rank(this.#wasm._pbert_zero_shot, text, hypotheses, input, [multiLabel ? 1 : 0]);
    return ranked.map(([index, score]) => ({ label: labels[index], score }));
  }

  rerank(query, candidates, input = {}) {
    const ranked = this.#rank(this.#wasm._pbert_rerank, query, required('candidates', candidates), input);
    return ranked.map(([index, score]) => ({ index, text: candidates[index], score }));
  }

  close() {
    if (this.#handle === 0) return;
    this.#wasm._pbert_session_destroy(this.#handle);
    this.#handle = 0;
    this.#closed();
  }
}
