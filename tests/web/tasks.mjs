// What conformance.json has no cases of: windows, reranking, decoding, vectors, errors, and memory that does not grow.
//   node tasks.mjs PACKAGE_DIR CLASSIFIER TAGGER EMBEDDER CROSS_ENCODER BYTES ANSWERER FILLER ENTAILMENT
import { readFileSync } from 'node:fs';

const [folder, ...files] = process.argv.slice(2);
const { load, openModel, PocketbertError } = await import(`${folder}/pocketbert.js`);
const wasm = await load();
const models = await Promise.all(files.map((file) => openModel(readFileSync(file))));
const [classifier, tagger, embedder, scorer, byter, answerer, filler, entailer] = models.map((model) => model.session());

const text = 'hello world, what is the weather in berlin and who is sarah? '.repeat(8).trim();
const candidates = ['the weather', 'a', 'hello there \u{1F600}', 'play music'];
const windows = { maxTokens: 16, stride: 4 };

const vectors = ['hello', 'good bye', 'the weather in berlin', text].map((line) => embedder.embed(line, { pooling: 'mean' }).vector);
const rows = vectors.map((vector) => models[2].quantize(vector));
const all = Int8Array.from(rows.flatMap((row) => [...row]));
const cosine = (a, b) => {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; ++i) [product, squaresA, squaresB] = [product + a[i] * b[i], squaresA + a[i] ** 2, squaresB + b[i] ** 2];
  return product / Math.sqrt(squaresA * squaresB);
};
const order = rows.map((row, index) => [cosine(vectors[1], row), index]).sort((a, b) => b[0] - a[0]).map(([, index]) => index);

// Long enough for two of the blocks in which they are looked at, and every row four times: the first of equals comes first.
const many = new Int8Array(4 * 20000 * 16).map((_, i) => (((i % 320000) * 2654435761) >>> 13) % 255 - 127);
const wanted = Array.from({ length: 80000 }, (_, i) => [cosine(rows[1], many.subarray(16 * i, 16 * i + 16)), i])
  .sort((x, y) => y[0] - x[0] || x[1] - y[1]).slice(0, 10).map(([, index]) => index);

const hello = models[0].tokenize('hello world').map(({ id }) => id);
// U+FEFF is a character of a text, wherever it stands.
const marks = models[4].tokenize('\ufeffa\ufeff');
const closing = models[0].session();
const closesItself = { toString: () => (closing.close(), 'x') };
const closed = models[2].session();
closed.close();
const gone = await openModel(readFileSync(files[2]));
gone.close();
const symbols = { toString() { throw new PocketbertError('the text has its own'); } };

const failing = {
  'this model': [
    () => classifier.tag('x'),
    () => classifier.rerank('x', ['y']),
    () => scorer.embed('x'),
    () => scorer.embedAll(['x']),
    () => tagger.classify('x'),
    () => tagger.classifyAll(['x']),
  ],
  'max_tokens': [() => classifier.classify('x'.repeat(500), { maxTokens: 100000 })],
  'stride': [
    () => classifier.classify(text, { maxTokens: 16, stride: 100 }),
    () => classifier.classify(text, { pair: 'x', stride: 1 }),
    () => classifier.classify(text, { maxTokens: 16, stride: -1 }),
    () => answerer.answer('who', text, { stride: 0.5 }),
  ],
  'pooled': [() => embedder.embed('x', { pooling: 'tokens', stride: 1 })],
  'maxTokens': [NaN, 1.5, -1, '8 or so', 2 ** 32].flatMap((maxTokens) => [
    () => classifier.classify('x', { maxTokens }),
    () => models[0].session({ maxTokens }),
  ]),
  'topK': [NaN, -1, 0.5].flatMap((topK) => [
    () => filler.fillMask('a <mask>', { topK }),
    () => classifier.classify('x', { topK }),
    () => answerer.answer('who', text, { topK }),
    () => models[2].nearest(vectors[1], all, topK),
  ]),
  'is none of': [
    () => tagger.tag('x', { aggregation: 'other' }),
    () => embedder.embed('x', { pooling: 'other' }),
    () => embedder.embedAll(['x'], { pooling: 'other' }),
    () => models[0].session({ backend: 'toString' }),
    () => models[0].session({ tasks: ['translation'] }),
  ],
  'tasks': [() => models[0].session({ tasks: ['fill-mask'] })],
  'inputs[2]: ': [
    () => classifier.classifyAll(['a', 'b', text, 'c'], { maxTokens: 16, stride: 100 }),
    () => embedder.embedAll(['a', 'b', text], { maxTokens: 16, pooling: 'mean', stride: 100 }),
  ],
  'there are none': [() => scorer.rerank('x', []), () => entailer.zeroShot('x', [])],
  'is no list': [
    () => classifier.classifyAll('x'),
    () => embedder.embedAll(5),
    () => entailer.zeroShot('x', 'sports'),
    () => tagger.tag('x', { ignoreLabels: 'PER' }),
    () => models[0].decode(5),
  ],
  'no {}': [() => entailer.zeroShot('x', ['y'], { template: 'none' })],
  'no piece': [() => filler.fillMask('a <mask>', { targets: ['no such piece'] })],
  'no <mask>': [() => filler.fillMask('a')],
  'vectors of': [() => models[2].similarity([1], [1, 2])],
  'columns': [() => models[2].quantize([])],
  'no Int8Array': [() => models[2].nearest([1, 2], Float32Array.of(1, 2))],
  'no rows': [() => models[2].nearest([1, 2], Int8Array.of(1, 2, 3)), () => models[2].nearest([], new Int8Array())],
  'being asked': [() => closing.classify(closesItself)],
  'its own': [() => classifier.classify('x', { pair: symbols }), () => scorer.rerank('x', ['a', symbols]), () => models[0].tokenize('a', symbols)],
  'the session is closed': [() => closed.embed('x'), () => closed.lastTokens()],
  'the model is closed': [
    () => gone.session(),
    () => gone.tokenize('x'),
    () => gone.decode([1]),
    () => gone.similarity([1], [1]),
    () => gone.quantize([1]),
    () => gone.nearest([1], Int8Array.of(1)),
  ],
};
function errorOf(call) {
  try {
    call();
    return 'no error';
  } catch (error) {
    return error instanceof PocketbertError ? error.message : `not ours: ${error.stack}`;
  }
}
const errors = Object.entries(failing).flatMap(([part, calls]) => calls.map((call) => [part, errorOf(call), String(call)]));

const working = [
  () => classifier.classify('hello', windows),
  () => tagger.tag(text.slice(0, 60), windows),
  () => answerer.answer('who', 'sarah and wolfgang'),
  () => filler.fillMask('a <mask>', { topK: 2, targets: ['a'] }),
  () => embedder.embed('hello', { pooling: 'tokens' }),
  () => classifier.classifyAll(['hello', text]),
  () => embedder.embedAll(['hello', text], { pooling: 'tokens' }),
  () => scorer.rerank('a', ['b', 'c']),
  () => entailer.zeroShot('a', ['b']),
  () => models[0].decode(models[0].tokenize('hello').map(({ id }) => id)),
  () => models[2].nearest(vectors[1], models[2].quantize(vectors[0])),
  () => models[0].session({ maxTokens: 8 }).close(),
];
// What JavaScript took and has not given back; and where the next free place is, which tells of what the C side keeps.
const { _malloc, _free } = wasm;
const taken = new Set();
wasm._malloc = (bytes) => (taken.add(_malloc(bytes)), [...taken].at(-1));
wasm._free = (place) => (taken.delete(place), _free(place));
const state = () => {
  const places = [16, 1000, 100000].map((bytes) => _malloc(bytes));
  places.forEach((place) => _free(place));
  return JSON.stringify([...places, taken.size, wasm.HEAPU8.length]);
};
const calls = [...working, ...Object.values(failing).flat().filter((call) => !String(call).includes('closing'))];
let asked = 0;
const use = (times) => {
  for (let i = 0; i < times; ++i, asked += calls.length) for (const call of calls) errorOf(call);
};
use(5);
const before = state();
use(Math.ceil(10000 / calls.length));
const after = state();
closing.close();

const head = (model) => ({ tasks: model.tasks, labels: model.heads.map(({ labels }) => labels.length), hiddenSize: model.hiddenSize });
const cut = scorer.classify(text, { pair: candidates[0], maxTokens: 12 });
const last = scorer.lastTokens();

// Of several texts at once the answers of one by one, to the bit, in order: short and cut ones, in windows, empty and odd ones.
const lines = ['hello', text, '', 'the weather in berlin', '\ud800 \u{1F600}', ...Array.from({ length: 40 }, (_, i) => `${text.slice(0, 3 * i)} ${i}`)];
const same = (all, each) => all.length === lines.length && all.every((answer, i) => JSON.stringify(answer) === JSON.stringify(each(lines[i])));
const cutAndNormalized = { pooling: 'cls', normalize: true, maxTokens: 8 };
const batches = [
  same(classifier.classifyAll(lines), (line) => classifier.classify(line)),
  same(classifier.classifyAll(new Set(lines), { topK: 2, ...windows }), (line) => classifier.classify(line, { topK: 2, ...windows })),
  ...['model', 'mean', 'tokens'].map((pooling) => same(embedder.embedAll(lines, { pooling }), (line) => embedder.embed(line, { pooling }))),
  same(embedder.embedAll(lines, cutAndNormalized), (line) => embedder.embed(line, cutAndNormalized)),
  classifier.classifyAll([]).length === 0 && embedder.embedAll([]).length === 0,
];

console.log(
  JSON.stringify({
    batches,
    text,
    candidates,
    labels: classifier.classify(text, windows).labels,
    entities: tagger.tag(text, windows).entities,
    vector: [...embedder.embed(text, { pooling: 'mean', ...windows }).vector],
    ranked: scorer.rerank(text, candidates),
    one_by_one: candidates
      .map((pair, index) => ({ index, text: pair, score: scorer.classify(text, { pair }).labels[0].score }))
      .sort((x, y) => y.score - x.score),
    cut: [cut.truncated, last.truncated, last.ids.length, scorer.rerank(text, candidates, { maxTokens: 12 }).truncated, scorer.rerank('a', ['b']).truncated],
    marked: [models[4].decode(marks.map(({ id }) => id)), marks.filter(({ source }) => source === 'text').map(({ begin, end }) => [begin, end])],
    long: [models[0].decode(Array(200000).fill(hello[1])).length, scorer.rerank('a', Array(70).fill('b')).map(({ index }) => index).join()],
    all_fills: filler.fillMask('<mask> a <mask>', { topK: Infinity }).map((mask) => mask.length),
    vocabulary: models[6].vocabularySize,
    hello: classifier.classify('hello').labels[0].label,
    heads: head(models[0]),
    of_two: [models[0].session().embed('hello').vector.length, models[0].session({ tasks: ['text-classification'] }).classify('hello').labels[0].label],
    decoded: models[0].decode(hello),
    nearest: models[2].nearest(vectors[1], all, 4).map(({ index }) => index),
    nearest_of_many: models[2].nearest(rows[1], many, 10).map(({ index }) => index),
    by_hand_of_many: wanted,
    by_hand: order,
    similarity: models[2].similarity(vectors[0], vectors[1]),
    cosine: cosine(vectors[0], vectors[1]),
    errors,
    asked,
    before,
    after,
  }),
);
