import { pathToFileURL } from 'node:url';

/*
 * Loads a function, invokes it with one event as Lambda's first invocation does, and prints the time of both:
 * `node invoke-once.ts <bundle> <event as JSON>`.
 */
const [bundle = '', event = '{}'] = process.argv.slice(2);
const startedAt = performance.now();
const { handler } = await import(pathToFileURL(bundle).href);
const response = await handler(JSON.parse(event), { awsRequestId: 'bench', functionName: 'bench' });
const milliseconds = performance.now() - startedAt;
process.stdout.write(`${JSON.stringify({ milliseconds, status: response.statusCode })}\n`);
process.exit(0);
