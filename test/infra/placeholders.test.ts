import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { placeholdersOf } from '../../infra/placeholders.ts';
import { readSettings, type SettingsInput } from '../../infra/settings.ts';
import { stages } from '../../infra/stages/index.ts';
import { synthesizeStage } from './synthesized.ts';
import { VALID_SETTINGS } from './valid-settings.ts';

const COMPLETE: SettingsInput = {
  ...VALID_SETTINGS,
  identity: { issuer: 'https://issuer.platform.dev/', audience: ['connections'] },
  allowedOrigins: ['https://app.platform.dev'],
  console: false,
  notices: { emails: ['flows@platform.dev'] },
  webhook: undefined,
  alarmEmails: ['on-call@platform.dev'],
};

const settingsWith = (changes: Partial<SettingsInput>) =>
  readSettings({ test: { ...COMPLETE, ...changes } }, 'test');

/** Returns the settings that are placeholders. */
const found = (changes: Partial<SettingsInput>) =>
  placeholdersOf(settingsWith(changes)).map(({ setting }) => setting);

test('settings of a real platform have no placeholder', () => {
  expect(found({})).toEqual([]);
  expect(found({ allowedOrigins: ['https://example-tools.com', 'https://myexample.com'] })).toEqual([]);
});

test.each<[Partial<SettingsInput>, string]>([
  [{ allowedOrigins: ['https://app.platform.dev', 'https://app.example.com'] }, 'allowedOrigins.1'],
  [{ alarmEmails: ['on-call@example.org'] }, 'alarmEmails.0'],
  [{ notices: { emails: [], linksTo: 'https://console.platform.example' } }, 'notices.linksTo'],
  [{ apiUrl: 'https://api.example.net/v1' }, 'apiUrl'],
  [{ alarmEmails: [] }, 'alarmEmails'],
])('%j has one', (changes, setting) => {
  expect(found(changes)).toEqual([setting]);
});

test('a stage that is removed with its stacks needs no address for alarms', () => {
  expect(found({ alarmEmails: [], whenDeleted: 'remove' })).toEqual([]);
});

test('the stage prod of the project is to be edited before it is deployed', () => {
  const settings = placeholdersOf(readSettings(stages, 'prod')).map(({ setting }) => setting);
  expect(settings).toEqual(['allowedOrigins.0', 'alarmEmails']);
});

test('a synthesis warns of each', () => {
  const { data } = synthesizeStage({ ...COMPLETE, alarmEmails: [] });
  Annotations.fromStack(data).hasWarning(
    '*',
    Match.stringLikeRegexp('^alarmEmails of stage test is empty: its alarms notify nobody'),
  );
});
