import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { noticeCollector } from '../../../shared/adapters/aws/table/notices.ts';
import type { Notice } from '../../../shared/domain/notices/compose.ts';
import { testTable } from '../../harness/table.ts';

const openTable = testTable();

const OPENED = '2026-03-03T14:05:00.000Z';
const MOVED = '2026-03-03T14:10:00.000Z';

/** Opens the window of a new project and adds notices to it. */
async function collect(count: number) {
  const collector = noticeCollector(openTable());
  const projectId = randomUUID();
  await collector.openWindow({ projectId, endsAt: OPENED });
  const add = (eventId: string) => collector.add(noticeOf(projectId, eventId));
  for (let index = 0; index < count; index += 1) await add(`event-${index}`);
  const windows = async () => {
    const all = await Array.fromAsync(collector.endedWindows(new Date(MOVED)));
    return all.filter((window) => window.projectId === projectId);
  };
  return { collector, projectId, add, windows };
}

function noticeOf(projectId: string, eventId: string): Notice {
  return { eventId, projectId, provider: 'trello', type: 'status_changed', subject: 'S', text: 'T' };
}

test('a window that is opened again under the same time keeps its notices and their count', async () => {
  const { collector, projectId } = await collect(1);
  expect(await collector.openWindow({ projectId, endsAt: OPENED })).toBe(false);
  await collector.closeWindow({ projectId, endsAt: OPENED });
  expect(await collector.collected(projectId)).toHaveLength(1);
  expect(await collector.add(noticeOf(projectId, 'next'))).toBe(true);
});

test('a window closes after two runs removed the same notices', async () => {
  const { collector, projectId, windows } = await collect(3);
  const notices = await collector.collected(projectId);
  await collector.removeSent(notices, { projectId, endsAt: MOVED });
  await collector.removeSent(notices, { projectId, endsAt: MOVED });
  expect(await collector.collected(projectId)).toEqual([]);
  expect(await windows()).toEqual([{ projectId, endsAt: MOVED }]);
  await collector.closeWindow({ projectId, endsAt: MOVED });
  expect(await windows()).toEqual([]);
});

test('a window stays open for a notice that was added between two runs', async () => {
  const { collector, projectId, add } = await collect(1);
  const first = await collector.collected(projectId);
  await add('between');
  const both = await collector.collected(projectId);
  await collector.removeSent(first, { projectId, endsAt: MOVED });
  await collector.removeSent(both, { projectId, endsAt: MOVED });
  await collector.closeWindow({ projectId, endsAt: MOVED });
  expect((await collector.collected(projectId)).map(({ eventId }) => eventId)).toEqual(['between']);
  expect(await add('later')).toBe(true);
});

test('a notice that is added again counts once', async () => {
  const { collector, projectId, add, windows } = await collect(1);
  expect(await add('event-0')).toBe(true);
  await collector.removeSent(await collector.collected(projectId), { projectId, endsAt: MOVED });
  await collector.closeWindow({ projectId, endsAt: MOVED });
  expect(await windows()).toEqual([]);
});

test('a notice that comes after the window closed is not added', async () => {
  const { collector, projectId, add } = await collect(0);
  await collector.closeWindow({ projectId, endsAt: OPENED });
  expect(await add('late')).toBe(false);
  expect(await collector.collected(projectId)).toEqual([]);
});
