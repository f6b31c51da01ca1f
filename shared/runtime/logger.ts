import { optionalSetting, writeLine } from './environment.ts';
import { lazy } from './lazy.ts';

/** Chosen fields of a line. Whole requests, responses and messages are never logged. */
type Fields = Readonly<Record<string, unknown>>;

type Level = 'INFO' | 'ERROR';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * The function's logger: JSON lines with Lambda's own `level` and `timestamp`, by which its log level filters them. The
 * level is that of Lambda's logging configuration; `FATAL` silences the logger.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
 */
export const logger = lazy(() => {
  const write = (level: Level, message: string, fields: Fields) => {
    if (!isLogged(level)) return;
    const line = { level, message, timestamp: new Date().toISOString(), ...fields, traceId: traceId() };
    writeLine(JSON.stringify(line, toLoggable));
  };
  return {
    info: (message: string, fields: Fields) => write('INFO', message, fields),
    error: (message: string, fields: Fields) => write('ERROR', message, fields),
  };
});

/** Returns the id of X-Ray's trace of this invocation; undefined outside of Lambda. */
function traceId(): string | undefined {
  return /Root=([^;]+)/.exec(optionalSetting('_X_AMZN_TRACE_ID') ?? '')?.[1];
}

/** Returns true if lines of a level are written. */
export function isLogged(level: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(optionalSetting('AWS_LAMBDA_LOG_LEVEL') ?? 'INFO');
}

/** Errors have no enumerable fields. Only those named here are logged: others may hold what a service was sent. */
function toLoggable(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause !== undefined && { cause }) };
}
