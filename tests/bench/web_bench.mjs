// XNNPACK's products against our own in one WebAssembly module: answers in alternation, the best time of each.
//
//   platforms/web/build.sh package
//   node tests/bench/web_bench.mjs MODEL [SECONDS_PER_LENGTH]
//
// One thread. Texts are of common words, so that a word is a token of any BERT vocabulary. Prints a line of JSON per length.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const package_folder = fileURLToPath(new URL('../../build/web/package/', import.meta.url));
const { openModel } = await import(`${package_folder}pocketbert.js`);
const [file, seconds = '10'] = process.argv.slice(2);
const words = ['hello', 'weather', 'music', 'play', 'time', 'book'];

const model = await openModel(readFileSync(file));
const backends = ['xnnpack', 'native'];
const sessions = {};
for (const backend of backends) {
  const start = performance.now();
  sessions[backend] = model.session({ maxTokens: 128, backend });
  console.log(JSON.stringify({ backend, session_ms: +(performance.now() - start).toFixed(1) }));
}
for (const tokens of [8, 32, 128]) {
  const text = Array.from({ length: tokens - 2 }, (_, i) => words[i % words.length]).join(' ');
  if (model.tokenize(text).length !== tokens) throw new Error(`${file}: its vocabulary cuts the words of this benchmark up`);
  const best = { xnnpack: Infinity, native: Infinity };
  const scores = {};
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; ) {
    for (const backend of backends) {
      const start = performance.now();
      scores[backend] = sessions[backend].classify(text).labels[0].score;
      best[backend] = Math.min(best[backend], performance.now() - start);
    }
  }
  console.log(
    JSON.stringify({
      tokens,
      xnnpack_ms: +best.xnnpack.toFixed(2),
      native_ms: +best.native.toFixed(2),
      ratio: +(best.xnnpack / best.native).toFixed(3),
      score_difference: Math.abs(scores.xnnpack - scores.native),
    }),
  );
}
model.close();
