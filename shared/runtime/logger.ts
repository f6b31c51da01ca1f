import { Logger } from '@aws-lambda-powertools/logger';
import { lazy } from './lazy.ts';

/** The function's logger: JSON lines with chosen fields. Whole requests, responses and messages are never logged. */
export const logger = lazy(() => new Logger());
