// XNNPACK's products against our own in one WebAssembly module: answers in alternation, the median of each round's best time.
//
//   platforms/web/build.sh package
//   node tests/bench/web_bench.mjs MODEL [SECONDS_PER_ROUND [ROUNDS]]
//
// One thread, and its processor time: another process that takes the core in between does not count. Texts are of common words, so
// that a word is a token of any BERT vocabulary. Prints a line of JSON per length.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const package_folder = fileURLToPath(new URL('../../build/web/package/', import.meta.url));
const { openModel } = await import(`${package_folder}pocketbert.js`);
const [file, seconds = '2', rounds = '5'] = process.argv.slice(2);
const words = ['hello', 'weather', 'music', 'play', 'time', 'book'];

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const processor_ms = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const model = await openModel(readFileSync(file));
const backends = ['xnnpack', 'native'];
const sessions = {};
for (const backend of backends) {
  const start = processor_ms();
  sessions[backend] = model.session({ maxTokens: 128, backend });
  console.log(JSON.stringify({ backend, session_ms: +(processor_ms() - start).toFixed(1) }));
}
for (const tokens of [8, 32, 128]) {
  const text = Array.from({ length: tokens - 2 }, (_, i) => words[i % words.length]).join(' ');
  if (model.tokenize(text).length !== tokens) throw new Error(`${file}: its vocabulary cuts the words of this benchmark up`);
  const times = { xnnpack: [], native: [] };
  const scores = {};
  for (let round = 0; round < rounds; ++round) {
    const best = { xnnpack: Infinity, native: Infinity };
    for (const end = performance.now() + 1000 * seconds; performance.now() < end; ) {
      for (const backend of backends) {
        const start = processor_ms();
        scores[backend] = sessions[backend].classify(text).labels[0].score;
        best[backend] = Math.min(best[backend], processor_ms() - start);
      }
    }
    for (const backend of backends) times[backend].push(best[backend]);
  }
  const ratios = times.xnnpack.map((time, i) => time / times.native[i]);
  console.log(
    JSON.stringify({
      tokens,
      xnnpack_ms: +median(times.xnnpack).toFixed(2),
      native_ms: +median(times.native).toFixed(2),
      ratio: +median(ratios).toFixed(3),
      score_difference: Math.abs(scores.xnnpack - scores.native),
    }),
  );
}
model.close();
