import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeHeapSnapshot } from 'node:v8';
import * as z from 'zod/mini';
import { FUNCTIONS } from '../../infra/bundle/entries.ts';

/*
 * Invokes functions as Lambda does, and writes a heap snapshot after each group of them, whose responses are still responses:
 * `node heap-snapshots.ts <groups as JSON>`.
 */

const groups = z.array(
  z.object({
    snapshot: z.string(),
    invocations: z.array(z.object({ entry: z.string(), event: z.unknown() })),
  }),
);

const response = z.object({ statusCode: z.number(), body: z.string() });
const responses: z.output<typeof response>[] = [];

for (const { snapshot, invocations } of groups.parse(JSON.parse(process.argv[2] ?? ''))) {
  for (const { entry, event } of invocations) {
    const { handler } = await import(pathToFileURL(join(FUNCTIONS, `${entry}.ts`)).href);
    responses.push(response.parse(await handler(event, { awsRequestId: 'test', functionName: 'test' })));
  }
  writeHeapSnapshot(snapshot);
}
process.stdout.write(JSON.stringify(responses.map(({ statusCode }) => statusCode)));
process.exit(0);
