import { writeFile } from 'node:fs/promises';
import { openapiText } from '../shared/contract/openapi/document.ts';

await writeFile(new URL('../openapi.json', import.meta.url), openapiText());
