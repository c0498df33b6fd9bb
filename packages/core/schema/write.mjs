// Writes the JSON Schema of a configuration file beside this script, from what was built. A test says when it is out of date.
// Then: biome format --write packages/core/schema
import { writeFileSync } from 'node:fs';
import { configSchema } from '../dist/config/json-schema.js';

writeFileSync(new URL('omnibus.schema.json', import.meta.url), `${JSON.stringify(configSchema([]), null, 2)}\n`);
