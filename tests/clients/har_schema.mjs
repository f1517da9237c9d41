// Checks a HAR file against har-schema: `node har_schema.mjs FILE`. Says what is wrong and exits with 1, or says nothing.

import Ajv from 'ajv';
import { readFileSync, readdirSync } from 'node:fs';

const folder = new URL('../fixtures/har/schema/', import.meta.url);
const ajv = new Ajv({ allErrors: true, unknownFormats: 'ignore', logger: false });
ajv.addMetaSchema(JSON.parse(readFileSync(new URL('node_modules/ajv/lib/refs/json-schema-draft-06.json', import.meta.url))));
for (const name of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  ajv.addSchema(JSON.parse(readFileSync(new URL(name, folder))));
}
const har = JSON.parse(readFileSync(process.argv[2], 'utf8'));
if (!ajv.validate('har.json#', har)) {
  console.log(ajv.errors.map((e) => `${e.dataPath} ${e.message}`).join('\n'));
  process.exit(1);
}
