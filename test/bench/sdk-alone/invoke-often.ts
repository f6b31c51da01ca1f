import { pathToFileURL } from 'node:url';

/*
 * Loads a function, invokes it with one event, warms up, and prints times as JSON:
 * `node invoke-often.ts <bundle> <event as JSON> <warm-up invocations> <measured invocations>`.
 */
const [bundle = '', json = '{}', warmUps = '0', measured = '0'] = process.argv.slice(2);
const event: unknown = JSON.parse(json);
const context = { awsRequestId: 'bench', functionName: 'bench' };

const cpuMs = (since?: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

const startedAt = performance.now();
const startedCpu = process.cpuUsage();
const { handler } = await import(pathToFileURL(bundle).href);
const { statusCode: status } = await handler(event, context);
const firstMs = performance.now() - startedAt;
const firstCpuMs = cpuMs(startedCpu);

for (let index = 0; index < Number(warmUps); index += 1) await handler(event, context);
const before = process.cpuUsage();
for (let index = 0; index < Number(measured); index += 1) await handler(event, context);
const requestCpuMs = Number(measured) === 0 ? 0 : cpuMs(before) / Number(measured);
process.stdout.write(`${JSON.stringify({ status, firstMs, firstCpuMs, requestCpuMs })}\n`);
process.exit(0);
