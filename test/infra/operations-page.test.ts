import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { lambdaContext } from '../../local/lambda.ts';
import { catalog } from '../../shared/catalog/index.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { synthesizeStage } from './synthesized.ts';

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

describe('docs/operations.md', () => {
  test('names deployed resources only', () => {
    const { data, messages, api, operations, console: site } = synthesizeStage();
    if (!site) throw new Error('The stage of the tests has a console.');
    const stacks = [data, messages, api, operations, site];
    const deployed = JSON.stringify(stacks.map((stack) => [stack.stackName, Template.fromStack(stack)]));
    const names = new Set(deployed.match(/connections-test-[a-z0-9-]+/g));
    const mentioned = page.replaceAll('<stage>', 'test').match(/connections-test-[a-z0-9-]*/g) ?? [];
    expect(mentioned.length).toBeGreaterThan(20);
    const isDeployed = (name: string) =>
      // A name that ends with a hyphen stands for all names that begin with it.
      name.endsWith('-') ? [...names].some((one) => one.startsWith(name)) : names.has(name);
    const unknown = new Set(mentioned.filter((name) => !isDeployed(name)));
    // The operator chooses this name for a restored table, which is in no template.
    expect(unknown).toEqual(new Set(['connections-test-restored']));
  });

  test('invokes a schedule with a payload that its handler accepts', async () => {
    const [, documented = ''] = /--payload "(\{.*\})" \/dev\/stdout/.exec(page) ?? [];
    const payload: unknown = JSON.parse(
      documented.replaceAll('\\"', '"').replace(/\$\(date [^)]+\)/, '2026-11-23T09:00:00Z'),
    );
    const handler = onSchedule(
      { entry: 'schedules/any', everyMinutes: 1, summary: 'Any schedule', capabilities: [] },
      async ({ clock, correlationId }) => {
        expect([clock.now().toISOString(), correlationId]).toEqual(['2026-11-23T09:00:00.000Z', 'by-hand']);
        return { done: 1, failures: [] };
      },
      { catalog },
    );
    const iam = { accessKeyId: 'a', secretAccessKey: 'b', region: 'eu-west-1', userArn: 'arn' };
    const report = await handler(payload, lambdaContext('any', iam, 60_000));
    expect(report).toEqual({ done: 1, failures: [] });
  });
});
