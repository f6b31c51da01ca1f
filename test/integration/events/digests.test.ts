import { afterAll, expect, test } from 'vitest';
import { type Project, TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const CONNECTIONS = 12;

/** Sends the digests of all windows that end within six minutes. */
const sendDigests = (minutes = 6) =>
  backend.runSchedule('send-digests', new Date(Date.now() + minutes * 60_000).toISOString());

const messagesOf = ({ id }: Project) =>
  backend.notices.filter(({ attributes }) => attributes.projectId === id);

test('connections that stop together send one notice at once and one digest, and the window closes', async () => {
  const project = await backend.createProject();
  const stopped = [];
  for (let index = 0; index < CONNECTIONS; index += 1) {
    stopped.push(await project.connect({ name: `Board ${index}` }));
  }
  for (const connection of stopped) await project.revokeAndCheck(connection);
  await backend.whenIdle();
  expect(messagesOf(project).map(({ subject }) => subject)).toEqual([
    'Inactive: Trello connection "Board 0"',
  ]);
  await sendDigests();
  const [, digest, ...others] = messagesOf(project);
  expect(others).toEqual([]);
  expect(digest?.subject).toBe(`${CONNECTIONS - 1} notices of project ${project.id}`);
  for (let index = 1; index < CONNECTIONS; index += 1) expect(digest?.text).toContain(`“Board ${index}”`);
  await sendDigests(12);
  expect(messagesOf(project)).toHaveLength(2);
  await project.revokeAndCheck(await project.connect({ name: 'Later' }));
  await backend.whenIdle();
  expect(messagesOf(project).map(({ subject }) => subject)).toEqual([
    'Inactive: Trello connection "Board 0"',
    `${CONNECTIONS - 1} notices of project ${project.id}`,
    'Inactive: Trello connection "Later"',
  ]);
});
