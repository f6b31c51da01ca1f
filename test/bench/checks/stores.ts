import type { CredentialStoreName } from '../../../shared/domain/terms.ts';
import { unitsOf } from '../meter.ts';
import { formatNumber, printLine, printTable, type Verdict } from '../print.ts';
import type { Hour } from './hour.ts';

/** An hour of checks with the credentials in one store. */
export interface StoreResults {
  readonly store: CredentialStoreName;
  readonly checks: number;
  readonly hour: Hour;
  /** Calls of Secrets Manager in the first minute, in which the functions start, by operation. */
  readonly startCalls: Readonly<Record<string, number>>;
  /** Later calls of Secrets Manager, and all of KMS and any other service. */
  readonly secretCalls: Readonly<Record<string, number>>;
  readonly otherCalls: Readonly<Record<string, number>>;
}

const WRITING = /^(Put|Update|Delete|TransactWrite|BatchWrite)/;
/** Minutes after which a process reads the keyring again. */
const KEYRING_SECONDS = 300;

/** Prints what a check takes with each store, side by side. */
export function printStores(results: readonly StoreResults[]): void {
  printLine('What one check takes, with its credentials in each store:\n');
  printTable(
    ['per check', ...results.map(({ store }) => store)],
    ROWS.map(([name, value, digits]) => [
      name,
      ...results.map((result) => formatNumber(value(result), digits)),
    ]),
  );
}

const ROWS: readonly (readonly [string, (result: StoreResults) => number, number])[] = [
  ['calls of Secrets Manager', (result) => secretCallsOf(result) / result.checks, 4],
  ['calls of KMS and other services', ({ otherCalls, checks }) => totalOf(otherCalls) / checks, 4],
  ['calls of DynamoDB', ({ hour, checks }) => hour.calls.length / checks, 3],
  ['read units', (result) => readUnits(result) / result.checks, 3],
  ['write units', (result) => writeUnits(result) / result.checks, 3],
  ['CPU milliseconds of the functions', (result) => (cpuSeconds(result) * 1_000) / result.checks, 2],
  ['checks per second and core', (result) => result.checks / cpuSeconds(result), 0],
];

/** Checks that sealed credentials take no call of another service, and one read unit more than a secret. */
export function storeVerdicts(results: readonly StoreResults[]): readonly Verdict[] {
  const sealed = results.find(({ store }) => store === 'sealed');
  const secret = results.find(({ store }) => store === 'secret-per-connection');
  if (!sealed || !secret) throw new Error('The bench ran with one store alone.');
  const keyringReads = totalOf(sealed.secretCalls);
  const atStart = totalOf(sealed.startCalls);
  const expected = Math.ceil(sealed.hour.seconds / KEYRING_SECONDS);
  const more = (readUnits(sealed) - readUnits(secret)) / sealed.checks;
  return [
    {
      passed: keyringReads <= expected && totalOf(sealed.otherCalls) === 0,
      claim: `checks: with sealed credentials, no check calls Secrets Manager or KMS; the keyring was read ${keyringReads} times in ${formatNumber(sealed.hour.seconds, 0)} s and ${sealed.checks} checks, besides ${atStart} times at the start`,
    },
    {
      passed: secretCallsOf(secret) >= secret.checks,
      claim: `checks: with a secret per connection, each calls Secrets Manager; ${formatNumber(secretCallsOf(secret) / secret.checks)} calls`,
    },
    {
      passed: more <= MAX_MORE_READS,
      claim: `checks: a check reads at most ${MAX_MORE_READS} units more with sealed credentials; ${formatNumber(more, 3)}`,
    },
  ];
}

/** One for the version, and a part of one for the project's key, which all checks of a quarter of an hour share. */
const MAX_MORE_READS = 1.1;

function totalOf(calls: Readonly<Record<string, number>>): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

function secretCallsOf({ startCalls, secretCalls }: StoreResults): number {
  return totalOf(startCalls) + totalOf(secretCalls);
}

function writeUnits({ hour }: StoreResults): number {
  return unitsOf(hour.calls.filter(({ operation }) => WRITING.test(operation)));
}

function readUnits(result: StoreResults): number {
  return unitsOf(result.hour.calls) - writeUnits(result);
}

function cpuSeconds({ hour: { before, after } }: StoreResults): number {
  return after.cpuSeconds - before.cpuSeconds;
}
