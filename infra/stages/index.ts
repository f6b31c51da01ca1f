import type { SettingsInput } from '../settings.ts';
import { dev } from './dev.ts';
import { prod } from './prod.ts';

/** Settings of every stage, by the name that `cdk deploy -c stage=<name>` selects. */
export const stages = { dev, prod } satisfies Record<string, SettingsInput>;
