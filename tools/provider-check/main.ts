import { BUILT_IN_PROVIDERS } from '../../shared/catalog/compile.ts';
import { readSource } from './read-source.ts';
import { describeRules } from './rules.ts';
import { tryProvider } from './try.ts';

const USAGE = `npm run provider:check <id> [-- --folder <folder>]

Validates one provider's files and says which example each of its rules decides. With credentials in the environment it
sends the entry's requests to the service, and says what each rule makes of the response. It prints no credentials.`;

const [id, option, folder = BUILT_IN_PROVIDERS, ...others] = process.argv.slice(2);
if (
  id === undefined ||
  id.startsWith('-') ||
  (option !== undefined && option !== '--folder') ||
  others.length > 0
) {
  console.error(USAGE);
  process.exit(2);
}
const source = readSource(id, folder);
if (source.issues !== undefined) {
  for (const issue of source.issues) console.error(issue);
  process.exit(1);
}
const { entry } = source;
console.log(`${entry.name} (${entry.id}) is valid, with ${entry.examples.length} examples.`);
for (const line of describeRules(entry)) console.log(line);
const isOk = await tryProvider(entry, process.env, (line) => console.log(line), {
  endpointUrl: process.env.PROVIDERS_ENDPOINT_URL,
});
if (!isOk) process.exitCode = 1;
