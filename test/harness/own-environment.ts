import { afterAll } from 'vitest';

/** Gives each test file the environment of the run: files that share a process do not see each other's variables. */
const before = { ...process.env };
afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});
