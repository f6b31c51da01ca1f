import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { connectionKey } from '../../../shared/adapters/aws/table/keys.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { readAllPages } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/** More than a search reads of the list before it reads the names instead. */
const SIZE = 500;

/** Names to find, with their folded forms. UTF-8 and UTF-16 sort them differently. */
const NEEDLES = [
  ['\u{1f600} Needle', '\u{1f600} needle'],
  ['\uff46 needle', '\uff46 needle'],
  ['N\u00e9edle', 'needle'],
  ['needle \u{10000}', 'needle \u{10000}'],
] as const;

interface Seeded {
  readonly id: string;
  readonly folded: string;
  readonly provider: string;
  readonly status: string;
}

const item = z.looseObject({
  sk: z.string(),
  nameKey: z.string(),
  summary: z.string(),
});
const TEMPLATE = 'template';

/** Writes connections to the table, as copies of four that the API created. One in thirteen has a name to find. */
async function fill(project: Project): Promise<readonly Seeded[]> {
  const { dynamodbUrl, tableName } = backend.session;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: dynamodbUrl }));
  const templates: { provider: string; status: string; id: string; item: unknown }[] = [];
  for (const [provider, status] of [
    ['trello', 'active'],
    ['slack', 'active'],
    ['trello', 'inactive'],
    ['slack', 'inactive'],
  ] as const) {
    const made = await project.connect({ provider, name: TEMPLATE });
    if (status === 'inactive') await project.revokeAndCheck(made);
    const Key = connectionKey(project.id, made.id);
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key }));
    templates.push({ provider, status, id: made.id, item: Item });
  }
  const seeded: Seeded[] = [];
  const requests = Array.from({ length: SIZE }, (_, index) => {
    const template = templates[index % templates.length];
    if (!template) throw new Error('No template.');
    const needle = NEEDLES[index % NEEDLES.length] ?? ['', ''];
    const [name, folded] = index % 13 === 0 ? needle : [`Haystack ${index}`, `haystack ${index}`];
    const id = `con_00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;
    seeded.push({ id, folded, provider: template.provider, status: template.status });
    const copy = item.parse(JSON.parse(JSON.stringify(template.item).replaceAll(template.id, id)));
    const Item = {
      ...copy,
      nameKey: copy.nameKey.replace(TEMPLATE, folded),
      foldedName: folded,
      summary: JSON.stringify({ ...JSON.parse(copy.summary), name }),
    };
    return { PutRequest: { Item } };
  });
  for (let from = 0; from < SIZE; from += 25) {
    await client.send(
      new BatchWriteCommand({ RequestItems: { [tableName]: requests.slice(from, from + 25) } }),
    );
  }
  client.destroy();
  return seeded;
}

const bytes = ({ folded, id }: Seeded) => Buffer.from(`${folded}\u0001${id}`, 'utf8');

describe('a search among many names', () => {
  test('returns each match once, in the order of the list', async () => {
    const project = await backend.createProject();
    const needles = (await fill(project)).filter((_, index) => index % 13 === 0);
    for (const filter of [{}, { provider: 'trello', status: 'inactive' }]) {
      const matches = needles.filter(
        ({ status, provider }) =>
          (filter.status ?? status) === status && (filter.provider ?? provider) === provider,
      );
      const sorted = matches.toSorted((a, b) => Buffer.compare(bytes(a), bytes(b)));
      const query = { ...filter, q: 'NEEDLE' };
      const byName = await readAllPages((part) => project.list({ ...query, sort: 'name', ...part }), [30, 7]);
      expect(byName.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
      const byAge = await readAllPages((part) => project.list({ ...query, ...part }), [15]);
      expect(byAge.map(({ id }) => id)).toEqual(matches.map(({ id }) => id).toReversed());
    }
  });
});
