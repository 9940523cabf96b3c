// Asks the npm package the cases of tests/golden/conformance.json that it has a call for, and prints [case, answer] as JSON.
//   node conformance.mjs PACKAGE_DIR CASES MODEL_DIR, which has NAME.pbert for each model
import { readFileSync } from 'node:fs';

const [folder, file, models] = process.argv.slice(2);
const { openModel } = await import(`${folder}/pocketbert.js`);

// A string as JavaScript can have it: with lone surrogates where the case says so.
const stringOf = (text, units) => (units === undefined ? text : String.fromCharCode(...units));

const opened = {};
const seen = [];
for (const [index, each] of JSON.parse(readFileSync(file, 'utf8')).cases.entries()) {
  if (each.task !== 'classify') continue;
  opened[each.model] ??= await openModel(readFileSync(`${models}/${each.model}.pbert`));
  const session = opened[each.model].session({ maxTokens: each.max_tokens });
  const pair = stringOf(each.pair, each.pair_utf16);
  seen.push([index, session.classify(stringOf(each.text, each.utf16), { pair })]);
  session.close();
}
for (const model of Object.values(opened)) model.close();
console.log(JSON.stringify(seen));
