import { pathToFileURL } from 'node:url';

/*
 * Loads a function and has it answer one event, as the first invocation on Lambda does, and tells how long both
 * took together: `node invoke-once.ts <bundle> <event as JSON>`.
 */
const [bundle = '', event = '{}'] = process.argv.slice(2);
const startedAt = performance.now();
const { handler } = await import(pathToFileURL(bundle).href);
const answer = await handler(JSON.parse(event), { awsRequestId: 'bench', functionName: 'bench' });
const milliseconds = performance.now() - startedAt;
process.stdout.write(`${JSON.stringify({ milliseconds, status: answer.statusCode })}\n`);
process.exit(0);
