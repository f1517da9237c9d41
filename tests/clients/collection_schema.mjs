// Checks collections against Postman's schemas: `node collection_schema.mjs FILE…`. Says what is wrong and exits with 1, or
// says nothing.

import Ajv from 'ajv';
import { readFileSync } from 'node:fs';

const folder = new URL('../fixtures/postman/schema/', import.meta.url);
const checks = {};
for (const version of ['2.0.0', '2.1.0']) {
  const ajv = new Ajv({ allErrors: true, unknownFormats: 'ignore', logger: false });
  const schema = JSON.parse(readFileSync(new URL(`collection-v${version}-draft-07.schema.json`, folder)));
  checks[`https://schema.getpostman.com/json/collection/v${version}/collection.json`] = ajv.compile(schema);
}
let wrong = 0;
for (const file of process.argv.slice(2)) {
  const collection = JSON.parse(readFileSync(file, 'utf8'));
  const check = checks[collection.info.schema];
  if (!check) {
    console.log(`${file}: the schema ${collection.info.schema} is not known`);
    wrong += 1;
  } else if (!check(collection)) {
    console.log(check.errors.map((e) => `${file}${e.dataPath} ${e.message}`).join('\n'));
    wrong += 1;
  }
}
process.exit(wrong > 0 ? 1 : 0);
