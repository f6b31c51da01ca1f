import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { IndexDefinition } from '../../../shared/adapters/aws/table/definition.ts';
import { indexesInFile, indexesOfRoles, indexesOfTable } from '../../../tools/indexes/deployed.ts';
import { type PlanInput, planIndexes } from '../../../tools/indexes/plan.ts';

const index = (name: string, projection: IndexDefinition['projection'] = ['summary']): IndexDefinition => ({
  name,
  partitionKey: `${name}Key`,
  sortKey: 'sk',
  projection,
});

const deployed = (names: readonly string[], status = 'ACTIVE') =>
  names.map((name) => ({ ...index(name), status }));

/** Plans for a table with the index `old`, which functions query. */
function plan(
  unqueried: readonly string[],
  present: readonly string[],
  changes: Partial<PlanInput> = {},
  queriedNow = ['old'],
) {
  const { problems, steps, afterwards } = planIndexes({
    stage: 'prod',
    tableName: 'connections-prod-table',
    isRestored: false,
    definition: {
      partitionKey: 'pk',
      sortKey: 'sk',
      ttl: 'ttl',
      indexes: queriedNow.map((name) => index(name)),
      unqueriedIndexes: unqueried.map((name) => index(name)),
    },
    without: [],
    deployed: deployed(present),
    templates: { inStack: new Set(present), queried: new Set(['old']) },
    ...changes,
  });
  return {
    problems,
    steps: steps.map(({ text }) => text),
    afterwards: afterwards.map(({ command }) => command),
    all: steps,
  };
}

/** Indexes of the stack, all of which functions query. */
const both = (...names: readonly string[]) => ({ inStack: new Set(names), queried: new Set(names) });

const DATA = "npx cdk deploy -c stage=prod --exclusively '*/connections-prod-data'";
const API = "npx cdk deploy -c stage=prod --exclusively '*/connections-prod-api'";

describe('a plan of index changes', () => {
  test('has nothing to do for a table as it is defined', () => {
    expect(plan([], ['old'])).toMatchObject({ problems: [], steps: [], afterwards: [] });
  });

  test('adds one index per deployment, then fills, and lets functions query last', () => {
    const { steps, afterwards, all } = plan(['a', 'b'], ['old']);
    expect(steps).toEqual([`Add a: set withoutIndexes: ['b']`, 'Add b: set withoutIndexes: []']);
    expect(all.map(({ command }) => command)).toEqual([DATA, DATA]);
    expect(afterwards).toEqual([
      'npx cdk deploy -c stage=prod --all',
      'npm run indexes:fill -- --stage prod',
      'shared/adapters/aws/table/definition.ts',
    ]);
  });

  test('continues where the deployments have come to, whatever the setting says', () => {
    expect(plan(['a', 'b'], ['old', 'a'], { without: ['b'] }).steps).toEqual([]);
    expect(plan(['a', 'b'], ['old', 'a']).steps).toEqual(['Add b: set withoutIndexes: []']);
    expect(plan(['a', 'b'], ['old', 'a', 'b']).steps).toEqual([]);
  });

  test('removes one index per deployment, as the setting leaves them out', () => {
    expect(plan(['a', 'b'], ['old', 'a', 'b'], { without: ['a', 'b'] }).steps).toEqual([
      `Remove a: set withoutIndexes: ['a']`,
      `Remove b: set withoutIndexes: ['a', 'b']`,
    ]);
  });

  test('removes an index that is in no definition before others are added', () => {
    expect(plan(['a'], ['old', 'gone']).steps).toEqual([
      `Remove gone: set withoutIndexes: ['a']`,
      'Add a: set withoutIndexes: []',
    ]);
  });

  test('deploys functions first that do not query an index any more', () => {
    const { steps, all } = plan([], ['old', 'gone'], { templates: both('old', 'gone') });
    expect(all[0]?.command).toBe(API);
    expect(steps).toEqual([
      'Deploy the functions of this commit, because the deployed ones query gone',
      'Remove gone: set withoutIndexes: []',
    ]);
  });

  test('assumes that functions query what it cannot know', () => {
    expect(plan([], ['old', 'gone'], { templates: undefined }).all[0]?.command).toBe(API);
  });

  test('refuses two removals in one deployment', () => {
    expect(plan([], ['old', 'gone', 'lost']).problems).toEqual([
      expect.stringMatching(/^gone, lost are in no definition, and one deployment deletes only one/),
    ]);
  });

  test('refuses functions that query an index before the table has it', () => {
    expect(plan([], ['old'], {}, ['old', 'new']).problems).toEqual([
      expect.stringMatching(
        /^Functions of this commit query new, which the table lacks. Move it to unqueriedIndexes/,
      ),
    ]);
  });

  test('creates and deletes by itself what somebody deleted or created by hand', () => {
    const { problems, all } = plan([], ['by-hand'], { templates: both('old') });
    expect(problems).toEqual([]);
    expect(all).toEqual([
      { text: 'Remove by-hand', command: expect.stringMatching(/^aws dynamodb update-table .*"Delete":/) },
      {
        text: 'Add old',
        command: expect.stringMatching(/^aws dynamodb update-table .*"Create":{"IndexName":"old"/),
      },
    ]);
  });

  test('refuses to change an index', () => {
    const changed = [{ ...index('old', 'KEYS_ONLY'), status: 'ACTIVE' }];
    expect(plan([], [], { deployed: changed }).problems).toEqual([
      expect.stringMatching(/^The index old is deployed with other keys/),
    ]);
  });

  test('waits for an index that DynamoDB is creating', () => {
    const creating = [...deployed(['old']), ...deployed(['a'], 'CREATING')];
    expect(plan(['a', 'b'], [], { deployed: creating }).steps).toEqual([
      'Wait until a is ACTIVE or gone; it is CREATING',
    ]);
  });

  test('changes a restored table by itself, as CloudFormation does not', () => {
    const restored = { tableName: 'connections-prod-restored', isRestored: true };
    expect(plan(['a'], ['old', 'a'], restored).afterwards).toContain(
      'npm run indexes:fill -- --stage prod --table connections-prod-restored',
    );
    const { all, problems } = plan([], ['old', 'gone'], restored, ['old', 'new']);
    expect(problems).toEqual([]);
    expect(all.map(({ command }) => command)).toEqual([
      `aws dynamodb update-table --table-name connections-prod-restored --global-secondary-index-updates '[{"Delete":{"IndexName":"gone"}}]'`,
      expect.stringMatching(
        /^aws dynamodb update-table --table-name connections-prod-restored --attribute-definitions AttributeName=newKey,AttributeType=S AttributeName=sk,AttributeType=S --global-secondary-index-updates '\[{"Create":{"IndexName":"new",/,
      ),
    ]);
  });
});

test('the deployed indexes are those of a description in a file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'indexes-')), 'table.json');
  const KeySchema = [
    { AttributeName: 'oldKey', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ];
  const Projection = { ProjectionType: 'INCLUDE', NonKeyAttributes: ['summary'] };
  const description = { Table: { GlobalSecondaryIndexes: [{ IndexName: 'old', KeySchema, Projection }] } };
  writeFileSync(file, JSON.stringify(description));
  expect(indexesInFile(file)).toEqual(deployed(['old']));
  writeFileSync(file, '{}');
  expect(() => indexesInFile(file)).toThrow('is not the output of aws dynamodb describe-table');
});

test('the indexes that functions query are those of their statements', () => {
  const arn = (name: string) => ({ 'Fn::Join': ['', [{ Ref: 'Table' }, `/index/${name}`]] });
  const queried = (Resource: readonly unknown[]) => [
    ...indexesOfRoles(JSON.stringify({ Resource }), 'connections-prod-table'),
  ];
  expect(queried([arn('checks'), arn('status-by-age'), arn('checks')])).toEqual(['checks', 'status-by-age']);
  const exported = (name: string) => ({ 'Fn::ImportValue': `connections-prod-table-index-${name}` });
  expect(queried([exported('checks'), exported('reminders')])).toEqual(['checks', 'reminders']);
});

test('the indexes of a stack are those that its template creates', () => {
  const template = JSON.stringify({ GlobalSecondaryIndexes: [{ IndexName: 'checks' }] }, null, 1);
  expect([...indexesOfTable(template)]).toEqual(['checks']);
});
