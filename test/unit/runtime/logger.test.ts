import { afterEach, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { logger } from '../../../shared/runtime/logger.ts';
import { newExecutionEnvironment } from '../../harness/execution-environment.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const line = z.looseObject({ level: z.string(), message: z.string(), timestamp: z.iso.datetime() });

/** Returns the lines of a new logger with a log level of Lambda. */
function linesAt(
  level: string | undefined,
  write: (made: ReturnType<typeof logger>) => void,
): readonly z.output<typeof line>[] {
  vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', level);
  const output: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => output.push(String(text)) > 0);
  newExecutionEnvironment();
  write(logger());
  return output.map((text) => line.parse(JSON.parse(text)));
}

test.each([
  [undefined, ['INFO', 'ERROR']],
  ['DEBUG', ['INFO', 'ERROR']],
  ['INFO', ['INFO', 'ERROR']],
  ['WARN', ['ERROR']],
  ['FATAL', []],
])('the log level %s writes %j', (level, written) => {
  const lines = linesAt(level, (logger) => {
    logger.info('handled', { route: 'any' });
    logger.error('failed', { route: 'any' });
  });
  expect(lines.map((one) => one.level)).toEqual(written);
});

test('a line has the fields, and errors with their stack and cause, but without what else they hold', () => {
  const cause = Object.assign(new TypeError('The cause.'), { request: { token: 'made-up' } });
  const error = new Error('It failed.', { cause });
  const [written] = linesAt('INFO', (logger) => logger.error('failed', { route: 'any', error }));
  expect(written).toMatchObject({
    level: 'ERROR',
    message: 'failed',
    route: 'any',
    error: {
      name: 'Error',
      message: 'It failed.',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { name: 'TypeError', message: 'The cause.' },
    },
  });
  expect(JSON.stringify(written)).not.toContain('made-up');
});

test('a line has the id of the trace of its invocation', () => {
  vi.stubEnv(
    '_X_AMZN_TRACE_ID',
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  );
  const [written] = linesAt('INFO', (logger) => logger.info('handled', { correlationId: 'request' }));
  expect(written).toMatchObject({
    correlationId: 'request',
    traceId: '1-5759e988-bd862e3fe1be46a994272793',
  });
});
