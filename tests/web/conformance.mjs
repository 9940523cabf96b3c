// Asks the npm package every case of tests/golden/conformance.json, and prints [case, answer] as JSON.
//   node conformance.mjs PACKAGE_DIR CASES MODEL_DIR, which has NAME.pbert for each model
import { readFileSync } from 'node:fs';

const [folder, file, models] = process.argv.slice(2);
const { openModel } = await import(`${folder}/pocketbert.js`);

// A string as JavaScript can have it: with lone surrogates where the case says so.
const stringOf = (text, units) => (units === undefined ? text : String.fromCharCode(...units));

const ask = {
  classify: (session, each, text, pair) => session.classify(text, { pair }),
  tag: (session, each, text) => session.tag(text, { aggregation: each.aggregation ?? 'none' }),
  answer: (session, each, text, pair) =>
    session.answer(text, pair, {
      topK: each.top_k,
      allowNone: each.allow_none,
      maxAnswerTokens: each.max_answer_tokens,
      windowTokens: each.max_tokens,
      stride: each.doc_stride,
      partWords: each.part_words,
    }),
  fill_mask: (session, each, text) => session.fillMask(text, { topK: each.top_k, targets: each.targets }),
  embed: (session, each, text, pair) => {
    const { rows, truncated } = session.embed(text, { pair, pooling: each.pooling, normalize: each.normalize });
    return { rows: rows.map((row) => [...row]), truncated };
  },
  zero_shot: (session, each, text) =>
    session.zeroShot(text, each.labels, { template: each.hypothesis_template, multiLabel: each.multi_label }),
};

const opened = {};
const seen = [];
for (const [index, each] of JSON.parse(readFileSync(file, 'utf8')).cases.entries()) {
  opened[each.model] ??= await openModel(readFileSync(`${models}/${each.model}.pbert`));
  // The window of an answer is an option of its own; else a limit of the input's is one of the session's.
  const session = opened[each.model].session({ maxTokens: each.task === 'answer' ? 0 : each.max_tokens });
  seen.push([index, ask[each.task](session, each, stringOf(each.text, each.utf16), stringOf(each.pair, each.pair_utf16))]);
  session.close();
}
for (const model of Object.values(opened)) model.close();
console.log(JSON.stringify(seen));
